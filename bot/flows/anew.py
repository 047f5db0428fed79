"""For what is made of the branches as they are: where each is, and once more where one moved before the push."""

from collections.abc import Callable
from typing import Final

from bot.core.backport import Tip
from bot.core.reasons import Reason
from bot.core.record import Outcome
from bot.core.text import plain
from bot.errors import BotError
from bot.flows.run import Ending, Run

_TRIES: Final = 3


def until_still(run: Run, once: Callable[[], Ending]) -> Ending:
    """Do it anew from the new tip where the branch moved before the push, at most twice.

    A promotion is never repeated on another base (I2), because what was tested is what lands. Here nothing was tested:
    what is pushed is made of the branches as they are, and the push still names the tip that it was made from.
    """
    ending = once()
    for _ in range(_TRIES - 1):
        if ending.reason is not Reason.TARGET_MOVED:
            return ending
        run.tools.watcher.step("warning", ending.sentence)
        # What was sent is known not to have landed: it is no part of what comes now.
        run.prepared = None
        ending = once()
    if ending.reason is not Reason.TARGET_MOVED:
        return ending
    # The reason speaks of the branch of releases, which no back-merge moves.
    return Ending(Outcome.REFUSED, Reason.SOURCE_MOVED, f"It moved each of {_TRIES} times. {ending.sentence}")


def resolve_tip(run: Run, branch: str) -> Tip:
    """Where a branch is, as fetched where it is one of the two; BotError(BRANCH_MISSING) where there is none."""
    facts = run.tools.repository.branch_facts()
    if facts.incomplete:
        missing = ", ".join(facts.incomplete)
        raise BotError(Reason.HISTORY_INCOMPLETE, f"Ancestry cannot be proved: the repository has {missing}.")
    known = {facts.source: facts.source_sha, facts.target: facts.target_sha}
    sha = known.get(branch) or run.tools.repository.branch_tip(branch)
    if sha is None:
        raise BotError(Reason.BRANCH_MISSING, f"The remote has no branch {plain(branch)!r}.", "Name one that it has.")
    return Tip(branch, sha)
