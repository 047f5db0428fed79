"""The end of every run: its record, the history, and the reports."""

from collections.abc import Callable
from typing import Final

from bot.core.record import Outcome, RunRecord
from bot.errors import BotError
from bot.flows.past import ENDED, UNSETTLED, know_trouble
from bot.flows.run import Ending, Run

_IN_TROUBLE: Final = frozenset({Outcome.BLOCKED, Outcome.INCONCLUSIVE, Outcome.INVALID})


def conclude(run: Run, ending: Ending) -> RunRecord:
    """Write down how the run ended; only a record that cannot be written is an error here."""
    run.end(ending)
    with run.step("report"):
        if ending.outcome in _IN_TROUBLE:
            _try(run, lambda: know_trouble(run))
        with run.effect("save end"):
            _save(run, ending)
        with run.effect("add to history"):
            _try(run, lambda: run.tools.history.add(run.record))
        with run.effect("write reports"):
            _try(run, lambda: _report(run))
    is_unsettled = run.prepared is not None and ending.reason in UNSETTLED
    with run.effect("journal end"):
        run.folder.journal("unsettled" if is_unsettled else ENDED, outcome=ending.outcome.value)
    return run.record


def prepare_reports(run: Run) -> None:
    """Start before the load what reports need, so that only the writing is left afterwards."""
    with run.step("prepare reports"):
        _try(run, run.tools.reporter.prepare)


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


def _try(run: Run, effect: Callable[[], None]) -> None:
    """Do what the run can end without; a failure is told, and changes nothing about what happened on the remote."""
    try:
        effect()
    except BotError as error:
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
    except Exception as error:  # noqa: BLE001 - a bug in a report must not unsay a promotion
        run.tools.watcher.step("warning", f"{type(error).__name__} while the run was written down; please report it")
