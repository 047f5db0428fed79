"""What an audit looks at: the target's tip, release tags and the ledger's whole history, without any judgement."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.candidate import Commit


class Signature(StrEnum):
    """What is known of a tag's signature; UNCHECKED where this installation names nobody who may sign."""

    UNCHECKED = "unchecked"
    NONE = "none"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class TagFact:
    """One release tag: what the ref names, what kind of object that is, and what the object itself says.

    `commit` is the full id it leads to (None: no commit), `named` the name inside the object (empty for a lightweight
    tag), `message` raw text without the signature.
    """

    name: str
    oid: str
    kind: str
    commit: str | None
    named: str = ""
    message: str = ""
    signature: Signature = Signature.UNCHECKED


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """One file that a ledger commit changed: its content before (None: it was not there) and after (None: gone)."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class LedgerStep:
    """One ledger commit held against one of its parents (`parents` are all of them); `author` is raw text."""

    sha: str
    parents: tuple[str, ...]
    author: str
    changes: tuple[LedgerChange, ...]


@dataclass(frozen=True, slots=True)
class Trail:
    """All that was fetched: the target's tip, release tags by name, and the ledger's steps, oldest first."""

    target: str
    tags: tuple[TagFact, ...]
    steps: tuple[LedgerStep, ...]


class Relation(StrEnum):
    """Where a commit is, seen from an older one; APART also where the older one is not known any more."""

    SAME = "same"
    AHEAD = "ahead"
    BEHIND = "behind"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Gap:
    """How the target got from where it should have been to where it was: the commits that came in, a few of them."""

    relation: Relation
    count: int = 0
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """What earlier audits of this installation saw: the ledger's tip, and the object of each released tag.

    `verified` are tag objects whose signature was found good, under the rule (a digest) that they were held to.
    """

    ledger: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    verified: frozenset[str] = frozenset()
    rule: str = ""
