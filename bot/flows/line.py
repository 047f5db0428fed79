"""The line as people stopped it: whether a freeze or a quarantine stands in a run's way, and who goes past it."""

from dataclasses import replace

from bot.core.control import Standing, standing
from bot.core.freeze import REASON_LIMIT, examine_freeze, freeze_words
from bot.core.gate import Refusal
from bot.core.meanwhile import meanwhile_words, told_since
from bot.core.moments import iso
from bot.core.quarantine import examine_quarantine
from bot.core.record import RunKind
from bot.core.text import plain
from bot.errors import BotError
from bot.flows import ports
from bot.flows.quarantined import cases
from bot.flows.request import Override
from bot.flows.run import Ending, Run, refused


def examine_line(run: Run, tip: str) -> Refusal | None:
    """Whether that tip (a full id) may be promoted as the controls stand, as fetched; a gate and an override go on.

    What they go past is told as a warning and journalled.
    """
    repository, now = run.tools.repository, standing_now(run.tools.repository, run.tools.clock)
    found = (examine_freeze(now), examine_quarantine(tip, cases(repository, now, tip)))
    refusals = [refusal for refusal in found if refusal is not None]
    if run.request.kind is RunKind.GATE:
        for refusal in refusals:
            run.tools.watcher.step("warning", f"{refusal.sentence} A gate moves nothing, so it goes on.")
        return None
    if Override.LINE in run.request.override:
        for refusal in refusals:
            _go_past(run, refusal)
        return None
    return next(iter(refusals), None)


def with_cause(run: Run, tip: str, ending: Ending) -> Ending:
    """An ending because the ledger moved, with who moved it: what people froze or quarantined meanwhile, and why.

    What `tip` (a full id) may no longer be promoted for takes the ending's place, for a run that the line can stop. It
    is only told: nothing is written on a ledger that the run did not begin with (I2).
    """
    repository = run.tools.repository
    try:
        with run.step("look again", run.request.repository.remote):
            before = repository.controls()
            repository.fetch()
            told = meanwhile_words(told_since(before, repository.controls()))
            stopped = examine_line(run, tip) if run.request.kind is RunKind.PROMOTION else None
    except BotError as error:
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return ending
    if stopped is not None:
        return refused(stopped)
    return replace(ending, sentence=f"{ending.sentence} {told}") if told else ending


def warn_of_freeze(run: Run, what: str) -> None:
    """Say that a freeze stands and does not stop `what` ("a hotfix"), for runs that people make in a freeze."""
    freeze = standing_now(run.tools.repository, run.tools.clock).freeze
    if freeze is not None:
        run.tools.watcher.step("warning", f"Promotions are {freeze_words(freeze)} But {what} goes through.")
        run.journal("past-freeze", frozen_at=freeze.at, actor=freeze.actor)


def standing_now(repository: ports.Repository, clock: ports.Clock) -> Standing:
    """What holds at this moment of all that was fetched; BotError(LEDGER_BROKEN) where it cannot be understood."""
    return standing(repository.controls(), iso(clock.now()))


def _go_past(run: Run, refusal: Refusal) -> None:
    run.journal("override", reason=refusal.reason.code, sentence=refusal.sentence)
    why = plain(run.request.justification or "", REASON_LIMIT)
    run.tools.watcher.step("warning", f"{refusal.sentence} {plain(run.request.actor)} goes past it: {why}")
