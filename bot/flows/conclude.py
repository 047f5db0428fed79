"""The end of every run: its record, the history, and the reports."""

from typing import Final

from bot.core.blocking import blocks
from bot.core.record import Outcome, RunRecord
from bot.errors import BotError
from bot.flows.manifests import seal
from bot.flows.past import ENDED, know_trouble
from bot.flows.run import Ending, Run

UNSETTLED: Final = "unsettled"


def conclude(run: Run, ending: Ending) -> RunRecord:
    """Write down how the run ended; only a record that cannot be written is an error here."""
    run.end(ending)
    with run.step("report"):
        if blocks(ending.outcome, ending.reason.code):
            run.attempt(lambda: know_trouble(run))
        with run.effect("save end"):
            _save(run, ending)
        with run.effect("add to history"):
            run.attempt(lambda: run.tools.history.add(run.record))
        with run.effect("write reports"):
            run.attempt(lambda: _report(run))
            run.attempt(lambda: seal(run.folder, run.record))
    # Whatever cut it off: where a push may have been sent and nobody read what came of it, the next run asks (I10).
    is_open = run.prepared is not None and not run.is_settled
    tells = run.tells and run.record.candidate is not None
    run.journal(UNSETTLED if is_open else ENDED, outcome=ending.outcome.value, tells=tells)
    return run.record


def prepare_reports(run: Run) -> None:
    """Start before the load what reports need, so that only the writing is left afterwards."""
    with run.step("prepare reports"):
        run.attempt(run.tools.reporter.prepare)


def _save(run: Run, ending: Ending) -> None:
    """Write run.json; where that fails after a promotion, the error says that the promotion stands."""
    try:
        run.tools.runs.save(run.record)
    except BotError as error:
        if ending.outcome is not Outcome.PROMOTED:
            raise
        raise BotError(error.reason, f"{ending.sentence} But its record was lost: {error.sentence}") from error


def _report(run: Run) -> None:
    for path in run.tools.reporter.write(run.record, run.folder):
        run.tools.watcher.step("wrote", str(path))
