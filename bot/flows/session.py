"""The frame of every run: the lock, the record, and an ending whatever happens in between."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from bot.core.promotion import LockProof
from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.errors import BotError, OutOfTime
from bot.flows.conclude import conclude
from bot.flows.land import after_failure, after_interrupt
from bot.flows.request import Request, Tools
from bot.flows.run import Ending, Run
from bot.flows.tell import tell

Story: TypeAlias = Callable[[Run, LockProof], Ending]
Epilogue: TypeAlias = Callable[[Run], object]


def play(tools: Tools, request: Request, story: Story, epilogue: Epilogue = tell) -> RunRecord:
    """Run a story from the lock to the reports; every ending is a record, and `epilogue` says it to others.

    Raises BotError only where no run had begun (another run holds the lock, the state directory cannot be used), where
    its record could not be written, or where it was wrong usage, which leaves no run: BAD_USAGE.
    """
    tools.points.reached("before hold lock")
    with tools.lock.hold() as lock:
        tools.points.reached("after hold lock")
        run = Run(tools, request)
        try:
            ending = story(run, lock)
        except BotError as error:
            ending = after_failure(run, error)
        except OutOfTime as over:
            ending = after_failure(run, over.error)
        except KeyboardInterrupt:
            ending = after_interrupt(run)
        if _is_misuse(run, ending):
            run.discard()
            raise BotError(ending.reason, ending.sentence, run.advice(ending))
        try:
            conclude(run, ending)
        except KeyboardInterrupt:
            # The record matters more than haste: an interrupt while it is written starts the writing again, once.
            conclude(run, ending)
        # Whoever does not want to wait for others to hear of it need not: the next run says what is left.
        with suppress(KeyboardInterrupt):
            epilogue(run)
        return run.record


def _is_misuse(run: Run, ending: Ending) -> bool:
    """Whether it was asked for what the repository, once it was there to look at, does not have; nothing came of it."""
    return ending.reason is Reason.BAD_USAGE and run.prepared is None and not run.said
