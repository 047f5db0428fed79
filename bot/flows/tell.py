"""Saying on the host how runs ended: this one, and earlier ones that were cut off or met a host that did not answer.

It is said from the stored record alone, and only after the journal holds the end; so whoever comes after a crash says
the same, and the host knows again what it heard before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core.hosting import Announcement
from bot.core.moments import parse_iso
from bot.core.record import RunRecord
from bot.core.selectors import repository_key
from bot.core.telling import (
    TOLD,
    UNSAID,
    Key,
    Moment,
    Unsaid,
    announced,
    as_of_now,
    is_for_all,
    is_given_up,
    key_of,
    left_words,
    said_at_the_end,
    still_to_say,
    tries,
    unsaid_words,
)
from bot.flows.announce import say
from bot.flows.manifests import seal
from bot.flows.ports import RunFolder
from bot.flows.run import Run

# How many earlier runs a night tells of beside itself: it has 60 calls, and an outage may have lasted for weeks.
_MOST_OLD: Final = 1


@dataclass(frozen=True, slots=True)
class Telling:
    """What came of saying what was owed: how many things were said, of how many runs, and what could not be."""

    said: int = 0
    runs: int = 0
    unsaid: tuple[Unsaid, ...] = ()


@dataclass(frozen=True, slots=True)
class _Owed:
    """One run whose end is to be said: where its journal is, its record, and all that there is to say."""

    folder: RunFolder
    record: RunRecord
    wanted: tuple[Announcement, ...]


def tell(run: Run) -> Telling:
    """Say how this run ended, and before that of one earlier run what is still unsaid."""
    return _telling(run, _MOST_OLD)


def tell_all(run: Run) -> Telling:
    """Say of every run what is still unsaid, the oldest first."""
    return _telling(run, None)


def _telling(run: Run, most_old: int | None) -> Telling:
    if not run.tells:
        return Telling()
    found = [Telling()]
    run.attempt(lambda: found.append(_tell(run, most_old)))
    if found[-1].unsaid:
        run.tools.watcher.step("warning", unsaid_words(found[-1].unsaid, run.tools.host.name))
    return found[-1]


def _tell(run: Run, most_old: int | None) -> Telling:
    owed = _owed(run)
    said, told, unsaid = 0, 0, list[Unsaid]()
    for run_id in _in_turn(run, owed, most_old):
        if any(is_for_all(one.reason) for one in unsaid):
            break
        new, failed = _tell_of(run, owed[run_id], _newer(run, owed, run_id))
        said, told, unsaid = said + new, told + bool(new), [*unsaid, *failed]
    return Telling(said, told, tuple(unsaid))


def _owed(run: Run) -> dict[str, _Owed]:
    """Every run of this repository whose end is not said yet, by its id, oldest first."""
    found: dict[str, _Owed] = {}
    for run_id in run.tools.runs.untold():
        run.attempt(lambda run_id=run_id: found.update(_owed_by(run, run_id)))  # type: ignore[misc]
    return found


def _owed_by(run: Run, run_id: str) -> dict[str, _Owed]:
    is_own = run_id == run.request.run_id
    folder, record = run.tools.runs.folder(run_id), run.record if is_own else run.tools.runs.load(run_id)
    if repository_key(record.repository) != repository_key(run.request.repository):
        return {}
    wanted = tuple(run.tools.herald.ended(record, folder.read("notes.md")))
    return {run_id: _Owed(folder, record, wanted)}


def _in_turn(run: Run, owed: Mapping[str, _Owed], most_old: int | None) -> Sequence[str]:
    """The runs that are told of now, oldest first: this one, and of the others those that were tried the least."""
    others = sorted(
        (run_id for run_id in owed if run_id != run.request.run_id),
        key=lambda run_id: (tries(owed[run_id].folder.journal_lines()), run_id),
    )
    later = frozenset(() if most_old is None else others[most_old:])
    if later:
        run.tools.watcher.step("warning", left_words(len(later), run.tools.host.name))
    return [run_id for run_id in owed if run_id not in later]


def _newer(run: Run, owed: Mapping[str, _Owed], run_id: str) -> frozenset[Key]:
    """What runs after that one said of their end, or are about to say."""
    runs, repository = run.tools.runs, repository_key(run.request.repository)
    after = [each for each in runs.run_ids() if each > run_id]
    said = (said_at_the_end(runs.folder(each).journal_lines(), repository) for each in after)
    wanted = (frozenset(map(key_of, owed[each].wanted)) for each in after if each in owed)
    return frozenset[Key]().union(*said, *wanted)


def _tell_of(run: Run, owed: _Owed, newer: frozenset[Key]) -> tuple[int, Sequence[Unsaid]]:
    """Say what is left of one run's end, and keep what was said; the journal's last word is that all of it was."""
    folder, record = owed.folder, owed.record
    said = said_at_the_end(folder.journal_lines(), repository_key(record.repository))
    newest = _newest_tag(run)
    wanted = [as_of_now(each, newest) for each in still_to_say(owed.wanted, said, newer)]
    unsaid = say(run, folder, record.run_id, wanted, Moment.ENDED)
    _keep(run, record, folder, unsaid)
    if not unsaid:
        run.journal(TOLD, into=folder)
    elif not is_for_all(unsaid[-1].reason):
        _note_failure(run, owed, unsaid)
    return len(wanted) - len(unsaid), unsaid


def _newest_tag(run: Run) -> str:
    """The newest release as fetched, or as this run made it since."""
    return max((*run.tools.repository.release_tags(), run.record.tag))


def _keep(run: Run, record: RunRecord, folder: RunFolder, unsaid: Iterable[Unsaid]) -> None:
    """Write what was said into the run's record."""
    told = replace(record, announced=announced(folder.journal_lines(), unsaid))
    if told != record:
        if record.run_id == run.request.run_id:
            run.know(announced=told.announced)
        with run.effect("save announced"):
            run.attempt(lambda: run.tools.runs.save(told))
    # Also where it was written before: whoever did that may have been cut off before the manifest heard of it.
    run.attempt(lambda: seal(folder, told))


def _note_failure(run: Run, owed: _Owed, unsaid: Sequence[Unsaid]) -> None:
    """Keep that it failed, so that others have their turn; after a month nobody waits for it any more."""
    failures = {each.what: each.reason.code for each in unsaid}
    run.journal(UNSAID, into=owed.folder, **failures)
    if is_given_up(parse_iso(owed.record.finished_at), run.tools.clock.now()):
        run.tools.watcher.step("warning", f"Of run {owed.record.run_id} nothing more is said: it is over a month old.")
        run.journal(TOLD, into=owed.folder, given_up=True)
