"""When the next release is: later than every release before it, whatever the clocks of the machines say (I5)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.core.ledger import moment_of
from bot.core.promotion import LedgerEntry
from bot.core.tags import parse_tag


def next_moment(prefix: str, tags: Iterable[str], entries: Iterable[LedgerEntry], now: datetime) -> datetime | None:
    """Now to the second, or the second after the last release where that one is not past; None at the end of time.

    The tag's name and the order of the ledger go by it. A release is known by its tag (names of other forms are none)
    and by its entry: a rewind has no tag, and a tag may have been deleted.
    """
    known = [*(parse_tag(prefix, name) for name in tags), *map(moment_of, entries)]
    last = max(filter(None, known), default=None)
    this = now.astimezone(UTC).replace(microsecond=0)
    if last is None or this > last:
        return this
    try:
        return last + timedelta(seconds=1)
    except OverflowError:
        return None
