"""Which commits of a range are still in effect: reverted pairs cancel, chains too, and twins count once."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from bot.core.candidate import Commit
from bot.core.hosting import Pull
from bot.core.merges import is_merge
from bot.core.undone import Effect, effects_of


def surviving(
    commits: Sequence[Commit], owners: Sequence[int | None], known: Mapping[str, Pull] | None = None
) -> tuple[int, ...]:
    """The places of the commits that are still in effect, in order.

    `commits` are newest first, `owners` as `bot.core.merges.owners` tells them. Left out are: a commit that a newer one
    reverts, and that revert; all that a reverted merge brought in; older twins (same author, author date and message).
    A revert of something outside the list stays. `known` is what the host says of pull requests, see `bot.core.undone`.
    """
    effects = effects_of(commits, known)
    board = Board(commits, owners, effects)
    shown: set[object] = set()
    kept = []
    for place, patch in enumerate(board.patches):
        if patch not in shown and board.is_on(place):
            shown.add(patch)
            kept.append(place)
    return tuple(kept)


class Board:
    """Which patches are on after all commits, told from the newest to the oldest: the newest word on a patch decides.

    A revert says of what it undoes the other way round, any other commit says of itself that it is on; twins share
    their switch. What a merge brought in goes off with it, and reverts among that are as if they had never been said.
    `newest` leaves out all commits before that place: then it is the board as it was at that commit.
    """

    def __init__(
        self, commits: Sequence[Commit], owners: Sequence[int | None], effects: Mapping[int, Effect], newest: int = 0
    ) -> None:
        self.patches = tuple(map(patch_of, commits))
        self._owners = owners
        self._effects = effects
        self._on: dict[object, bool] = {}
        self._void: set[int] = set()
        for place in range(newest, len(commits)):
            if place not in self._void:
                for patch, on in self._effect(place).items():
                    self._decide(patch, on=on)

    def is_on(self, place: int) -> bool:
        """Whether the patch of that commit is on; a revert of nothing but what is in the range has none of its own."""
        return place in self._effect(place) and self._on.get(self.patches[place], False)

    def holds(self, place: int) -> bool:
        """Whether all that this commit says is still so."""
        words = self._effect(place).items()
        return place not in self._void and all(self._on.get(self.patches[patch]) is on for patch, on in words)

    def _effect(self, place: int) -> Effect:
        return self._effects.get(place) or {place: True}

    def _decide(self, place: int, *, on: bool) -> None:
        """Switch a patch unless a newer commit did; with a merge, all that it brought in goes off as well.

        Switched on again, a merge only voids what once switched it off: its commits speak for themselves.
        """
        waiting = [place]
        while waiting:
            one = waiting.pop()
            patch = self.patches[one]
            if patch not in self._on:
                self._on[patch] = on
                brought = () if on else self._brought_in.get(one, ())
                self._void.update(each for each in brought if each in self._effects)
                waiting.extend(brought)

    @cached_property
    def _brought_in(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for place, owner in enumerate(self._owners):
            if owner is not None:
                found.setdefault(owner, []).append(place)
        return found


def patch_of(commit: Commit) -> object:
    """What a commit and its cherry-picked or back-merged twin have in common; a merge has no twin."""
    if is_merge(commit):
        return commit.sha
    body = commit.body
    if "(cherry picked from commit " in body:
        body = _PICKED.sub("", body)
    return commit.author_email, commit.authored_at, commit.subject, body.strip()


_PICKED: Final = re.compile(r"^\(cherry picked from commit [0-9a-f]{7,64}\)[ \t]*\n?", re.MULTILINE)
