"""What an audit can find: each kind with its stable code, how grave it is, and what to do about it."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final


class Severity(StrEnum):
    """SERIOUS stops a night, WARNING is told and lets it go on, NOTE is worth knowing and leaves an audit clean."""

    SERIOUS = "serious"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class _Facts:
    code: str
    severity: Severity
    action: str


_LEDGER: Final = "Fetch refs/notes/promotions, see by `git log -p` who wrote to it, and put back what was there."
_SIGNER: Final = "Find out who made it. The signers that count are those of [repository] allowed_signers."
_PUSHER: Final = (
    "Ask whoever pushed there, for it was not tested and the next night builds on it; "
    "then put the key into [audit] accepted."
)


class Kind(Enum):
    """A kind of difference."""

    LEDGER_UNREADABLE = _Facts("ledger-unreadable", Severity.SERIOUS, _LEDGER)
    LEDGER_REWRITTEN = _Facts("ledger-rewritten", Severity.SERIOUS, _LEDGER)
    LEDGER_MISSING = _Facts(
        "ledger-missing",
        Severity.SERIOUS,
        "Push it back from a clone that has it: `git push REMOTE refs/notes/promotions`; or "
        "accept that it is lost, and a new one begins.",
    )
    LEDGER_MERGED = _Facts("ledger-merged", Severity.WARNING, "Find out who merged notes: the bot never does.")
    TAG_MISSING = _Facts(
        "tag-missing",
        Severity.SERIOUS,
        "Push the tag again from a clone that has it: `git push origin refs/tags/TAG`.",
    )
    TAG_MOVED = _Facts(
        "tag-moved", Severity.SERIOUS, "Find out who moved it, and push the object back that was there before."
    )
    TAG_ELSEWHERE = _Facts(
        "tag-elsewhere", Severity.SERIOUS, "Find out who moved it: a release tag never leaves its commit."
    )
    TAG_LIGHTWEIGHT = _Facts(
        "tag-lightweight", Severity.SERIOUS, "Find out who replaced it: the bot makes annotated tags only."
    )
    TAG_DISAGREES = _Facts("tag-disagrees", Severity.SERIOUS, "Find out who wrote it: tag and ledger are made as one.")
    TAG_TWICE = _Facts("tag-twice", Severity.SERIOUS, _LEDGER)
    TAG_ORDER = _Facts("tag-order", Severity.WARNING, _LEDGER)
    TAG_ORPHAN = _Facts(
        "tag-orphan",
        Severity.WARNING,
        "Rename it if a person made it; if the bot did, an entry was lost: look for it in another clone's ledger.",
    )
    TAG_UNSIGNED = _Facts(
        "tag-unsigned", Severity.WARNING, "See whether every installation that promotes has [repository] signing_key."
    )
    TAG_WRONGLY_SIGNED = _Facts("tag-wrongly-signed", Severity.SERIOUS, _SIGNER)
    TARGET_MOVED = _Facts("target-moved", Severity.WARNING, _PUSHER)
    TARGET_REWOUND = _Facts(
        "target-rewound",
        Severity.WARNING,
        "Find out who took it back, and undo a promotion by a rollback instead; then put the key into "
        "[audit] accepted.",
    )
    RELEASE_MISSING = _Facts(
        "release-missing",
        Severity.WARNING,
        "`promote run --resume` publishes what a run could not; publish one that was deleted by hand.",
    )
    RELEASES_UNSEEN = _Facts("releases-unseen", Severity.WARNING, "Audit again when the host answers.")
    RELEASE_ORPHAN = _Facts("release-orphan", Severity.WARNING, "Delete the release, or restore its tag.")
    TAGS_BEFORE_LEDGER = _Facts("tags-before-ledger", Severity.NOTE, "Nothing to do.")
    TAGS_BEFORE_SIGNING = _Facts("tags-before-signing", Severity.NOTE, "Nothing to do.")
    OTHER_PREFIX = _Facts("other-prefix", Severity.NOTE, "Nothing to do; audit them with their own [repository].")
    ACCEPTED_IN_VAIN = _Facts("accepted-in-vain", Severity.NOTE, "Take it out of [audit] accepted.")

    @property
    def code(self) -> str:
        """The stable code."""
        return self.value.code

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return self.value.severity

    @property
    def breaks_ledger(self) -> bool:
        """Whether the ledger itself is not what it was: nobody, however urgent it is, may build on that."""
        return self in {Kind.LEDGER_UNREADABLE, Kind.LEDGER_REWRITTEN, Kind.LEDGER_MISSING}

    @property
    def action(self) -> str:
        """What a person should do, as one sentence."""
        return self.value.action


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its kind, what it is about (stable from one audit to the next), and the sentence naming it.

    `remedy` is what to do about this one, where more is known than its kind says.
    """

    kind: Kind
    about: str
    sentence: str
    is_accepted: bool = False
    remedy: str = ""

    @property
    def key(self) -> str:
        """What `[audit] accepted` names it by, such as `tag-missing:release/20261121-020000`."""
        return f"{self.kind.code}:{self.about}"

    @property
    def action(self) -> str:
        """What a person should do about it, as one sentence."""
        return self.remedy or self.kind.action

    @property
    def severity(self) -> Severity:
        """How grave it is here; one that somebody accepted is worth knowing and nothing more."""
        return Severity.NOTE if self.is_accepted else self.kind.severity
