"""Saying on the host what a run does while it is under way: never what decides about it.

There are three moments. That the candidate is known and that it is judged are said here, in passing; how the run ended
is said by `bot.flows.tell`, and as often as it takes.
"""

from collections.abc import Callable, Iterator, Sequence

from bot.core.hosting import Announcement
from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.core.selectors import repository_key
from bot.core.telling import ANNOUNCED, Moment, Unsaid, announced, facts_of, is_for_all
from bot.errors import BotError
from bot.flows.ports import RunFolder
from bot.flows.run import Run


def say_begun(run: Run) -> None:
    """Say that the candidate is about to be tested; its record is kept first, so that its end can be said after all."""
    if run.tells:
        with run.effect("save candidate"):
            run.tools.runs.save(run.record)
        _say_in_passing(run, Moment.BEGUN, run.tools.herald.begun)


def say_judged(run: Run) -> None:
    """Say what the tests came to, before anything is pushed: a rule of the target may ask for that very word."""
    if run.tells:
        _say_in_passing(run, Moment.JUDGED, run.tools.herald.judged)


def _say_in_passing(run: Run, moment: Moment, words: Callable[[RunRecord], Iterator[Announcement]]) -> None:
    """Say once what is new; what cannot be said is warned of and left: how it ended is said in any case."""
    new: list[Announcement] = []
    run.attempt(lambda: new.extend(each for each in words(run.record) if each not in run.said))
    if not new:
        return
    run.said.extend(new)
    unsaid = say(run, run.folder, run.request.run_id, new, moment)
    run.know(announced=announced(run.folder.journal_lines(), unsaid))
    if unsaid:
        run.tools.watcher.step("warning", f"Not said on {run.tools.host.name}: {unsaid[0].what}. {unsaid[0].sentence}")


def say(run: Run, folder: RunFolder, run_id: str, wanted: Sequence[Announcement], moment: Moment) -> tuple[Unsaid, ...]:
    """Say of the run of that folder one thing after the other, each once; returns what could not be said.

    What keeps everything from being said ends it.
    """
    unsaid: list[Unsaid] = []
    for number, each in enumerate(wanted):
        failure = _failure(run, folder, each, moment)
        if failure is None:
            continue
        rest = wanted[number:] if is_for_all(failure.reason) else [each]
        unsaid += [Unsaid(run_id, one.what, failure.reason, failure.sentence) for one in rest]
        if is_for_all(failure.reason):
            break
    return tuple(unsaid)


def _failure(run: Run, folder: RunFolder, what: Announcement, moment: Moment) -> BotError | None:
    """Say it, and journal where it can be seen; or why it could not be said."""
    repository = repository_key(run.request.repository)
    try:
        with run.effect(f"announce {what.what}"):
            url = run.tools.host.announce(what, folder.path)
    except BotError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a bug in how something is said must not unsay a promotion
        return BotError(Reason.BUG, f"{type(error).__name__} while it was said; please report it.")
    run.journal(ANNOUNCED, into=folder, **facts_of(what, moment, url, repository))
    return None
