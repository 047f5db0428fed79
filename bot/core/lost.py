"""Which outcome a push has that lost a race: refs were not where they had to be, the most telling one first."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.core.promotion import LEDGER_REF, PushOutcome, RefUpdate

_TELLING: Final = (
    PushOutcome.TARGET_MOVED,
    PushOutcome.SOURCE_MOVED,
    PushOutcome.LEDGER_MOVED,
    PushOutcome.TAG_EXISTS,
)


def lost_race(updates: tuple[RefUpdate, ...], moved: Iterable[str]) -> PushOutcome | None:
    """What it means that those refs have moved; None where none of them is among the updates."""
    kinds = {update.ref: _kind(update.ref, is_first=not number) for number, update in enumerate(updates)}
    lost = {kinds[ref] for ref in moved if ref in kinds}
    return min(lost, key=_TELLING.index, default=None)


def overtaken(updates: tuple[RefUpdate, ...], held: Mapping[str, str]) -> tuple[str, ...]:
    """The refs that are neither where they must be nor where they go, as the remote holds them now."""
    return tuple(line.ref for line in updates if held.get(line.ref) not in (line.expected, line.new))


def _kind(ref: str, *, is_first: bool) -> PushOutcome:
    if ref == LEDGER_REF:
        return PushOutcome.LEDGER_MOVED
    if ref.startswith("refs/tags/"):
        return PushOutcome.TAG_EXISTS
    return PushOutcome.TARGET_MOVED if is_first else PushOutcome.SOURCE_MOVED
