"""The host of the repository, as flows need it: what it knows of a commit, and saying what the bot did."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bot.core.hosting import Announcement, Pull, Releases, SeenCheck
from bot.core.record import RunRecord


class Host(Protocol):
    """GitHub, or nothing; every failure is a BotError with its reason."""

    @property
    def name(self) -> str:
        """What people call it; empty where the remote has no host that could be spoken to."""
        ...

    def checks(self, sha: str) -> tuple[SeenCheck, ...]:
        """All checks of a commit, the newest word of each name, asked anew."""
        ...

    def pulls(self, shas: Sequence[str]) -> Mapping[str, Pull]:
        """The merged pull request of each commit that one brought, by full id."""
        ...

    def releases(self, most: int) -> Releases | None:
        """The published releases, at most so many hundreds of them; None where there is no host."""
        ...

    def announce(self, what: Announcement, folder: Path) -> str | None:
        """Say it, where it was not said already; returns the address of it. Assets are files of that folder."""
        ...


class Herald(Protocol):
    """Finds the words for what is said on a host; a pure function of the record and of notes.md."""

    def begun(self, record: RunRecord) -> Iterator[Announcement]:
        """What is said once the candidate is known, before anything is measured."""
        ...

    def judged(self, record: RunRecord) -> Iterator[Announcement]:
        """What is said once the verdict is known, before anything is pushed."""
        ...

    def ended(self, record: RunRecord, notes: str) -> Iterator[Announcement]:
        """What is said at the end, in that order; `notes` is the content of notes.md, empty where there is none."""
        ...
