"""Whether a tip may be promoted although a quarantine stands: only with the fix of what is bad (invariant I28).

A quarantine names the last bad commit and, where what is bad may be anything of a range, the commit before that range.
A tip that contains it is let through only where a commit on top of the bad ones reverts one of them, or says in a
trailer `Fixes: <id>` that it mends one of them, and is itself still in effect: neither it nor a merge that brought it
in was reverted. A merge is no fix: rolling back merges the old state into the source's history and leaves its content
alone.
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.candidate import Commit
from bot.core.control import Control
from bot.core.gate import Refusal
from bot.core.merges import is_merge, owners
from bot.core.reasons import Reason
from bot.core.reverts import Board
from bot.core.text import plain
from bot.core.undone import Titles, effects_of
from bot.core.wording import counted

_SENTENCE: Final = 200
_ID: Final = r"[0-9a-f]{7,64}"
_FIXES: Final = re.compile(rf"^Fixes:[ \t]*({_ID}(?:,?[ \t]+{_ID})*)\b", re.IGNORECASE | re.MULTILINE)
_IDS: Final = re.compile(rf"\b{_ID}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """One standing quarantine as a tip meets it.

    `bad` are the commits of `base..sha` that the tip holds, be it only a few of them (without a base: the quarantined
    commit, with what it brought in where it is a merge); `later` are its other commits since the base. Both are newest
    first. `again` are those of `later` that are cherry-picks of what is bad.
    """

    event: Control
    bad: tuple[Commit, ...] = ()
    later: tuple[Commit, ...] = ()
    again: tuple[Commit, ...] = ()

    @property
    def is_contained(self) -> bool:
        """Whether the tip holds anything of what is bad, under its own id or another."""
        return bool(self.bad or self.again)

    @property
    def sha(self) -> str:
        """What the tip holds of it: the quarantined commit itself, or the newest of the bad ones before that."""
        held = [commit.sha for commit in self.bad or self.again]
        return held[0] if held and self.event.sha not in held else self.event.sha or ""


def examine_quarantine(tip: str, cases: Sequence[Case]) -> Refusal | None:
    """A refusal where that tip (a full id) holds what is quarantined without its fix; None where it may go on."""
    held = [case for case in cases if case.is_contained and not is_fixed(case)]
    if not held:
        return None
    more = f" It contains {counted(len(held) - 1, 'more quarantined commit')} as well." if len(held) > 1 else ""
    return Refusal(
        Reason.QUARANTINED,
        f"{tip[:12]} contains {quarantine_words(held[0])}, and no commit on top of it reverts or fixes it.{more}",
        tuple(case.sha for case in held),
    )


def quarantine_words(case: Case) -> str:
    """What a tip holds of it, who quarantined that, when and why."""
    event, sha = case.event, case.sha
    name = (event.sha or "")[:12]
    whole = f"{event.base[:12]}..{name}" if event.base else name
    if case.again:
        what = f"{case.again[0].sha[:12]}, a cherry-pick out of {whole}"
    else:
        what = name if sha == event.sha else f"{sha[:12]} of {whole}"
    return f"{what}, which {plain(event.actor)} quarantined at {plain(event.at)} ({plain(event.reason, _SENTENCE)})"


def is_fixed(case: Case) -> bool:
    """Whether a later commit that is still in effect reverts one of the bad commits, or says that it fixes one."""
    return all(_is_fixed(case, then, now) for then, now in _readings((*case.later, *case.bad), len(case.later)))


def _is_fixed(case: Case, then: Board, now: Board) -> bool:
    if any(map(now.holds, _mending(case))):
        return True
    if case.bad:
        bad = range(len(case.later), len(case.later) + len(case.bad))
        return any(now.is_on(place) is not then.is_on(place) for place in bad)
    return not any(now.is_on(place) for place, commit in enumerate(case.later) if commit in case.again)


def taken_out(case: Case, new: Container[str], among: Container[str]) -> str | None:
    """One of the later commits `among` that the `new` ones reverted; None where those in effect before still are."""
    later = sorted(case.later, key=lambda commit: commit.sha not in new)
    for then, now in _readings((*later, *case.bad), sum(commit.sha in new for commit in later)):
        for place, commit in enumerate(later):
            if commit.sha in among and then.is_on(place) and not now.is_on(place):
                return commit.sha
    return None


def _readings(commits: Sequence[Commit], newest: int) -> Iterator[tuple[Board, Board]]:
    """What was in effect at that place of the history, and what is at its end: in each way it may be understood.

    A title alone never says that what is bad is gone; that a fix is gone it does.
    """
    owned = owners(commits)
    for titles in Titles:
        effects = effects_of(commits, titles=titles)
        yield Board(commits, owned, effects, newest), Board(commits, owned, effects)


def _mending(case: Case) -> Iterator[int]:
    """The places of the later commits, merges apart, that name a bad commit in a trailer `Fixes:`."""
    bad = {commit.sha for commit in case.bad} | {case.event.sha or ""}
    for place, commit in enumerate(case.later):
        if not is_merge(commit) and any(sha.startswith(name) for name in fixed_ids(commit) for sha in bad):
            yield place


def fixed_ids(commit: Commit) -> tuple[str, ...]:
    """The ids, at least 7 digits each and lower-cased, that a commit says it fixes."""
    named = (_IDS.findall(listed) for listed in _FIXES.findall(commit.body))
    return tuple(name.lower() for names in named for name in names)
