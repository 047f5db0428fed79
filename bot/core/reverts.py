"""Which commits of a range still count: reverted pairs cancel, chains too, and twins count once."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from bot.core.candidate import Commit
from bot.core.hosting import Pull
from bot.core.merges import is_merge
from bot.core.undone import effects_of


def surviving(
    commits: Sequence[Commit], owners: Sequence[int | None], known: Mapping[str, Pull] | None = None
) -> tuple[int, ...]:
    """The places of the commits that are still in effect, in order.

    `commits` are newest first, `owners` as `bot.core.merges.owners` tells them. Left out are: a commit that a newer one
    reverts, and that revert; all that a reverted merge brought in; older twins (same author, author date and message).
    A revert of something outside the list stays. Every commit switches patches on or off: a revert what it undoes, the
    other way round, and any other commit itself, on. The newest word on a patch decides. `known` is what the host says
    of pull requests, see `bot.core.undone`.
    """
    effects = effects_of(commits, known)
    board = _Board(commits, owners)
    kept = []
    for place, commit in enumerate(commits):
        effect = effects.get(place)
        if effect is not None:
            for patch, on in effect.items():
                board.decide(patch, on=on)
        if (effect is None or place in effect) and board.shows(commit):
            kept.append(place)
    return tuple(kept)


class _Board:
    """Which patches are on, decided from the newest commit to the oldest: twins share their switch."""

    def __init__(self, commits: Sequence[Commit], owners: Sequence[int | None]) -> None:
        self._commits = commits
        self._owners = owners
        self._on: dict[object, bool] = {}
        self._shown: set[object] = set()

    def shows(self, commit: Commit) -> bool:
        """Whether this commit is in effect and no newer twin was shown."""
        patch = _patch(commit)
        if patch in self._shown or not self._on.setdefault(patch, True):
            return False
        self._shown.add(patch)
        return True

    def decide(self, place: int, *, on: bool) -> None:
        """Switch a patch unless a newer commit did; with a merge, all that it brought in goes off as well.

        Switched on again, a merge only voids what once switched it off: its commits speak for themselves.
        """
        waiting = [place]
        while waiting:
            one = waiting.pop()
            patch = _patch(self._commits[one])
            if patch not in self._on:
                self._on[patch] = on
                waiting.extend(() if on else self._brought_in.get(one, ()))

    @cached_property
    def _brought_in(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, owner in enumerate(self._owners):
            if owner is not None:
                found.setdefault(owner, []).append(place)
        return found


def _patch(commit: Commit) -> object:
    """What a commit and its cherry-picked or back-merged twin have in common; a merge has no twin."""
    if is_merge(commit):
        return commit.sha
    body = commit.body
    if "(cherry picked from commit " in body:
        body = _PICKED.sub("", body)
    return commit.author_email, commit.authored_at, commit.subject, body.strip()


_PICKED: Final = re.compile(r"^\(cherry picked from commit [0-9a-f]{7,64}\)[ \t]*\n?", re.MULTILINE)
