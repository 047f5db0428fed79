"""No host: git alone is spoken to, and there is nobody to say anything to."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.core.hosting import Announcement, Pull, SeenCheck
from bot.core.record import RunRecord


class NoHost:
    """A remote without a host: it knows no checks and no pull requests."""

    name = ""

    def checks(self, sha: str) -> tuple[SeenCheck, ...]:
        """Nothing."""
        del sha
        return ()

    def pulls(self, shas: Sequence[str]) -> Mapping[str, Pull]:
        """Nothing."""
        del shas
        return {}

    def releases(self, most: int) -> None:
        """Nothing."""

    def announce(self, what: Announcement, folder: Path) -> None:
        """Do nothing."""


class Silence:
    """Has nothing to say, ever."""

    def begun(self, record: RunRecord) -> Iterator[Announcement]:
        """Nothing."""
        del record
        return iter(())

    judged = begun

    def ended(self, record: RunRecord, notes: str) -> Iterator[Announcement]:
        """Nothing."""
        del record, notes
        return iter(())
