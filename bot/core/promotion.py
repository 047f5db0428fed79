"""What is written to the remote: planned as values first, so that a retry writes the very same bytes."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.core.control import Control

_SEAL: Final = object()

LEDGER_REF: Final = "refs/notes/promotions"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One promotion as the ledger keeps it: a JSON object on a line of its own under the promoted commit.

    `slot` is the date of the night that it answered, None for a promotion by hand. `reason` is why somebody shipped
    past a rule (an override, a hotfix without tests) or rolled back, `restores` the tag whose tree a rollback restored.
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
    reason: str | None = None
    restores: str | None = None


@dataclass(frozen=True, slots=True)
class TagPlan:
    """An annotated tag, complete: same values, same bytes, same object id. `at` is seconds since the epoch.

    `signature` is the armoured signature at its end, empty where it is not signed; it is part of the plan because most
    keys sign the same bytes otherwise each time.
    """

    name: str
    target: str
    tagger_name: str
    tagger_email: str
    at: int
    message: str
    signature: str = ""


class Way(StrEnum):
    """How a branch moves: to a descendant of where it is, or back to where it was."""

    FORWARD = "forward"
    REWIND = "rewind"


@dataclass(frozen=True, slots=True)
class Move:
    """One branch that a push moves: its full ref name, the id it must still have (the lease), the id it gets."""

    ref: str
    before: str
    after: str
    way: Way = Way.FORWARD


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a commit that somebody else makes, and when: seconds since the epoch and the zone, as git writes it."""

    name: str
    email: str
    when: str


@dataclass(frozen=True, slots=True)
class CommitPlan:
    """A commit that a push brings along, complete: same values, same bytes, same id `sha`.

    The tree is that of the commit `copied_from`, or the only parent's with what the commit `picked_from` changed, or,
    where both are None, git's own clean merge of the two parents; whoever makes the commit holds the tree to that
    (invariant I29). `at` is seconds since the epoch; `author` is None where the committer is the author too.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    name: str
    email: str
    at: int
    message: str
    copied_from: str | None = None
    picked_from: str | None = None
    author: Author | None = None


@dataclass(frozen=True, slots=True)
class PushPlan:
    """Everything one push writes; a plan that moves a branch needs an Approval (see `bot.core.plan`).

    The first of `moves` is what the push is about. The ledger gains one commit on `ledger_before` (None where there is
    no ledger yet), made at `at` (seconds since the epoch) with that `subject`, where there is an entry or a control.
    """

    moves: tuple[Move, ...]
    tag: TagPlan | None
    entry: LedgerEntry | None
    ledger_before: str | None
    at: int
    subject: str
    commits: tuple[CommitPlan, ...] = ()
    controls: tuple[Control, ...] = ()

    @property
    def has_ledger(self) -> bool:
        """Whether the ledger gains a commit."""
        return self.entry is not None or bool(self.controls)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan whose objects exist in the local cache: their ids are known before anything is sent.

    `tag_oid` and `ledger_oid` are None where the plan has no tag and leaves the ledger alone.
    """

    plan: PushPlan
    tag_oid: str | None
    ledger_oid: str | None


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One line of the atomic push: `expected` is the lease (None: must not exist)."""

    ref: str
    expected: str | None
    new: str


class PushOutcome(StrEnum):
    """How a push ended, from git's porcelain lines; UNKNOWN is settled by reading the remote (invariant I10).

    TARGET_MOVED to TAG_EXISTS: a lost race. PROTECTED: the branch's protection still waits for something. LOCKED:
    another push holds a lock over there, or a dead one left it. POLICY: a rule of the server. REJECTED: the server's
    own hook, no permission, or a ref where ours should be. UNAUTHENTICATED: it does not know us. SERVER_FAILED: it
    cannot store what it is sent. UNFIT: the chosen transport cannot carry it, and no ref was touched.
    """

    LANDED = "landed"
    TARGET_MOVED = "target-moved"
    SOURCE_MOVED = "source-moved"
    LEDGER_MOVED = "ledger-moved"
    TAG_EXISTS = "tag-exists"
    PROTECTED = "protected"
    LOCKED = "locked"
    POLICY = "policy"
    REJECTED = "rejected"
    UNAUTHENTICATED = "unauthenticated"
    SERVER_FAILED = "server-failed"
    NO_ATOMIC = "no-atomic"
    UNFIT = "unfit"
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
class Seen:
    """Where a ref really is; `past` says that it is elsewhere, at a proven descendant of what was prepared.

    Then it was there, and others have moved it on since. `rewound` says that it is at a proven ancestor of where it
    was before: somebody took it back.
    """

    now: str | None
    past: bool = False
    rewound: bool = False


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the remote really holds after a push: the moved branches in the order of the plan, tag and ledger.

    Object ids are None where a ref is absent; tag and ledger are absent also where the plan writes none.
    """

    moves: tuple[Seen, ...]
    tag_oid: str | None = None
    tag_commit: str | None = None
    ledger: Seen = Seen(None)


@dataclass(frozen=True, slots=True)
class Promotion:
    """What landed, read back from the remote: `target_before` and `target_after` are of the first branch that moved.

    Tag and ledger are None where the push wrote none; `others` are the further branches that it moved.
    """

    tag: str | None
    tag_oid: str | None
    ledger_oid: str | None
    target_before: str
    target_after: str
    others: tuple[Move, ...] = ()


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
