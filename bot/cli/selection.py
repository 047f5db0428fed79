"""The one run that a RUN argument means."""

from bot.cli import wiring
from bot.core.selectors import HistoryFilter, NoSuchRun, select
from bot.errors import BotError, Reason
from bot.settings.schema import Settings


def run_id(settings: Settings, argument: str) -> str:
    """The id of the run that `argument` means; BotError(RUN_NOT_FOUND) names the nearest."""
    history = wiring.history(settings)
    try:
        found = select(history.query(HistoryFilter()), argument)
    finally:
        history.close()
    if isinstance(found, NoSuchRun):
        raise BotError(Reason.RUN_NOT_FOUND, found.sentence, found.action)
    return found.run_id
