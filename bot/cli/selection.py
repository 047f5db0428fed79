"""The one run that a RUN argument means."""

from bot.cli import wiring
from bot.core.selectors import HistoryFilter, NoSuchRun, Source, only_in_ledger, select
from bot.errors import BotError, Reason
from bot.settings.schema import Settings


def run_id(settings: Settings, argument: str) -> str:
    """The id of the run that `argument` means; BotError(RUN_NOT_FOUND) names the nearest, or what the ledger has."""
    history = wiring.history(settings)
    try:
        found = select(history.query(HistoryFilter()), argument)
    finally:
        history.close()
    # Also what was read again from the ledger may have its folder still.
    if not isinstance(found, NoSuchRun) and found.source is Source.LEDGER:
        found = found if found.run_id in wiring.run_store(settings).run_ids() else only_in_ledger(found)
    if isinstance(found, NoSuchRun):
        raise BotError(Reason.RUN_NOT_FOUND, found.sentence, found.action)
    return found.run_id
