"""What a push hands to a way of sending that is not git's: the refs, where they are now, and how to get the objects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.core.promotion import Prepared, PushReport


class ObjectKind(StrEnum):
    """What a git object is."""

    BLOB = "blob"
    TREE = "tree"
    COMMIT = "commit"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class GitObject:
    """One object byte for byte, without git's own header; `sha` is its full id."""

    sha: str
    kind: ObjectKind
    content: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which objects are asked for: all that `roots` (full commit ids) lead to and `known` do not."""

    roots: tuple[str, ...]
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything that is to be sent: `held` are the refs of the remote as they are now, by their full names.

    `objects` reads from the cache, more than `most` of them as none at all: None.
    """

    prepared: Prepared
    held: Mapping[str, str]
    objects: Callable[[Wanted, int], tuple[GitObject, ...] | None]


class Carrier(Protocol):
    """A way to send a push that is not git's own."""

    @property
    def words(self) -> str:
        """How it sends, as the end of "It would be sent"."""
        ...

    def carry(self, parcel: Parcel) -> PushReport:
        """Send it, all or nothing, each ref on the condition of its lease; what stays unclear is UNKNOWN."""
        ...
