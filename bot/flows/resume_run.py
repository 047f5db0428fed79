"""Finish what earlier runs left, and promote nothing: settle those that were cut off, and say what is still unsaid."""

from bot.core.promotion import LockProof
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.telling import unsaid_words
from bot.core.wording import counted
from bot.flows.past import fetch_and_settle
from bot.flows.request import Request, Tools
from bot.flows.run import Ending, Run
from bot.flows.session import play
from bot.flows.tell import Telling, tell_all


def resume(tools: Tools, request: Request) -> RunRecord:
    """Run it from the lock to the reports; see `bot.flows.session`."""
    return play(tools, request, _story, epilogue=_nothing_more)


def _story(run: Run, lock: LockProof) -> Ending:
    fetch_and_settle(run, lock)
    told = tell_all(run)
    if not told.unsaid:
        return Ending(Outcome.UP_TO_DATE, Reason.RESUMED, _said(run, told))
    first = told.unsaid[0]
    return Ending(Outcome.ERROR, first.reason, unsaid_words(told.unsaid, run.tools.host.name))


def _said(run: Run, told: Telling) -> str:
    ended = len(run.record.settled)
    were = "was" if ended == 1 else "were"
    settled = f"{counted(ended, 'earlier run')} {were} settled" if ended else "Earlier runs were looked through"
    if not run.tools.host.name:
        return f"{settled}; the remote has no host on which anything could be said."
    if not told.said:
        return f"{settled}; nothing was left to be said on {run.tools.host.name}."
    things, runs = counted(told.said, "announcement"), counted(told.runs, "run")
    return f"{settled}; {things} of {runs} made up for on {run.tools.host.name}."


def _nothing_more(run: Run) -> None:
    """All was said before the record was written, so that the record says what came of it."""
    del run
