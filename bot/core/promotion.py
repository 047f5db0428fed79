"""What is written to the remote: planned as values first, so that a retry writes the very same bytes."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_SEAL: Final = object()

LEDGER_REF: Final = "refs/notes/promotions"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One promotion as the ledger keeps it: a JSON object on a line of its own under the promoted commit.

    `slot` is the date of the night that it answered, None for a promotion by hand.
    """

    schema: int
    kind: str
    run_id: str
    sha: str
    base: str
    tag: str
    verdict: str
    evidence: str
    actor: str
    at: str
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class TagPlan:
    """An annotated tag, complete: same values, same bytes, same object id. `at` is seconds since the epoch."""

    name: str
    target: str
    tagger_name: str
    tagger_email: str
    at: int
    message: str


@dataclass(frozen=True, slots=True)
class PromotionPlan:
    """Everything one promotion writes; making one needs an Approval (see `bot.core.plan`).

    `target_ref` moves from `target_before` to `sha`; the ledger gains one commit on `ledger_before`
    (None where there is no ledger yet).
    """

    target_ref: str
    source_ref: str
    target_before: str
    sha: str
    tag: TagPlan
    entry: LedgerEntry
    ledger_before: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan whose objects exist in the local cache: their ids are known before anything is sent."""

    plan: PromotionPlan
    tag_oid: str
    ledger_oid: str


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One line of the atomic push: `expected` is the lease (None: must not exist)."""

    ref: str
    expected: str | None
    new: str


class PushOutcome(StrEnum):
    """How a push ended, from git's porcelain lines; UNKNOWN is settled by reading the remote (invariant I10)."""

    LANDED = "landed"
    TARGET_MOVED = "target-moved"
    LEDGER_MOVED = "ledger-moved"
    TAG_EXISTS = "tag-exists"
    REJECTED = "rejected"
    NO_ATOMIC = "no-atomic"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefResult:
    """What git reported for one ref: porcelain flag and summary."""

    ref: str
    flag: str
    summary: str


@dataclass(frozen=True, slots=True)
class PushReport:
    """The outcome of one push, per ref, and git's own words for people."""

    outcome: PushOutcome
    refs: tuple[RefResult, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the remote really holds after a push: object ids, None where a ref is absent.

    `target_past` and `ledger_past` say that the ref is elsewhere, at a proven descendant of what was prepared:
    it was there, and others have moved it on since.
    """

    target: str | None
    tag_oid: str | None
    tag_commit: str | None
    ledger: str | None
    target_past: bool = False
    ledger_past: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion that was read back from the remote."""

    tag: str
    tag_oid: str
    ledger_oid: str
    target_before: str
    target_after: str


@dataclass(frozen=True, slots=True)
class LockProof:
    """Held while this machine's lock is held: functions that move a ref demand it. Only the lock adapter makes one."""

    path: str
    seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse to exist without the seal that `lock_seal` hands to the lock adapter."""
        if self.seal is not _SEAL:
            raise TypeError("a LockProof is made by bot.adapters.lock only")


def lock_seal() -> object:
    """The seal of a LockProof; for `bot.adapters.lock` and nobody else."""
    return _SEAL
