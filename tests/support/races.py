"""Many bots of separate installations on one remote at the same moment; and naive ones, to show that a race bites."""

import random
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from support import forks
from support.auditor import audit, watch
from support.gitrepos import Repo, clean_environment, make_remote
from support.remotes import remote_of
from support.stopping import desk, wish
from support.stories import Silence, nightly, open_shop, told_of_event, told_of_record

from bot.adapters import git_commands
from bot.core.control import ControlKind
from bot.core.promotion import PushPlan
from bot.flows.control import control

STAGGER_S = 0.040
Bot = Callable[["Race", int, int], list[str]]


@dataclass
class Race:
    """One remote and its bots; each round brings one commit, and every bot wants to promote it."""

    remote: Repo
    folder: Path
    bots: int
    seed: int = 1
    winners: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def run(self, rounds: int, bot: Bot | None = None) -> None:
        """That many rounds; what each one came to is kept."""
        before = len(audit(self.remote.path).entries)
        for number in range(1, rounds + 1):
            tip = self.remote.commit("staging", f"feat: round {number}")
            ended = self._play(number, bot or promoting)
            forks.await_orphans()
            self.winners.append(sum(said[:1] == ["promoted"] for said in ended if isinstance(said, list)))
            self.wrong += self._odd(number, tip, ended)
        self._judge(rounds, before)

    def _play(self, number: int, bot: Bot) -> list[Any]:
        """One round: what each bot says at its end."""
        return [child.wait().said for child in self._started(number, bot)]

    def _started(self, number: int, bot: Bot) -> list[forks.Child]:
        return [
            forks.start(partial(_late, self._delay(), partial(bot, self, each, number))) for each in range(self.bots)
        ]

    def _odd(self, number: int, tip: str, ended: list[Any]) -> Iterator[str]:
        yield from (f"round {number}: {said}" for said in ended if not isinstance(said, list) or said[0] == "error")
        if self.remote.sha("refs/heads/main") != tip:
            yield f"round {number} promoted nothing: {ended}"

    def _delay(self) -> float:
        self.seed += 1
        return random.Random(self.seed).uniform(0, STAGGER_S)

    def _judge(self, rounds: int, before: int) -> None:
        found = audit(self.remote.path)
        self.wrong += found.violations
        if len(found.entries) - before != rounds:
            self.wrong.append(f"{len(found.entries) - before} promotions in {rounds} rounds")
        lost = [number for number, count in enumerate(self.winners, 1) if count != 1]
        if lost:
            self.wrong.append(f"not exactly one bot says that it promoted in rounds {lost}")


# When the freeze is sent: before any bot begins, at the moment when the first of them comes there, or when one of them
# has promoted.
MOMENTS: Final = ("", "before ask branches", "before prepare", "before push", "before push", "after push")


@dataclass
class FreezeRace(Race):
    """The same, and in each round somebody freezes the line, sooner or later; it is lifted before the next one."""

    def _play(self, number: int, bot: Bot) -> list[Any]:
        moment = self.moment(number)
        self.bell.unlink(missing_ok=True)
        freezing = forks.start(partial(_freeze, self, AtBell(self.bell) if moment else Silence()))
        froze = None if moment else freezing.wait()
        ended = super()._play(number, bot)
        self.wrong += _not_written(number, (froze or freezing.wait()).said)
        return ended

    def _odd(self, number: int, tip: str, ended: list[Any]) -> Iterator[str]:
        yield from (f"round {number}: {said}" for said in ended if not isinstance(said, list) or said[0] == "error")
        if (self.remote.sha("refs/heads/main") == tip) != (self.winners[-1] == 1):
            yield f"round {number}: {self.winners[-1]} bots say that they promoted, and main says otherwise: {ended}"
        yield from _not_written(number, forks.run(partial(_unfreeze, self)).said)

    def _judge(self, rounds: int, before: int) -> None:
        found = audit(self.remote.path)
        self.wrong += found.violations
        told = len(found.entries) - before
        if told != sum(self.winners):
            self.wrong.append(f"{told} promotions in {rounds} rounds, {sum(self.winners)} bots say that they promoted")

    @property
    def bell(self) -> Path:
        """A file that is there from the moment on when the freeze is to be sent."""
        return self.folder / "bell"

    @staticmethod
    def moment(number: int) -> str:
        """The point of the first bot at which the freeze of that round is sent; empty: before they begin."""
        return MOMENTS[number % len(MOMENTS)]


@dataclass
class AtBell:
    """Waits with the push until the bell rings."""

    bell: Path

    def reached(self, name: str) -> None:
        deadline = time.monotonic() + 60
        while name == "before push" and not self.bell.exists():
            assert time.monotonic() < deadline, "nobody came to the moment of the freeze"
            time.sleep(0.001)


@dataclass
class Ringing:
    """Rings the bell at one point."""

    bell: Path
    moment: str

    def reached(self, name: str) -> None:
        if name == self.moment:
            self.bell.touch()


def _freeze(race: Race, points: object) -> str:
    people = desk(race.folder / "people", race.remote, points=points)
    return told_of_event(control(people, wish(ControlKind.FREEZE)))[0]


def _unfreeze(race: Race) -> str:
    return told_of_event(control(desk(race.folder / "people", race.remote), wish(ControlKind.UNFREEZE)))[0]


def _not_written(number: int, said: Any) -> Iterator[str]:
    if said != "written":
        yield f"round {number}: the freeze or its end was not written: {said}"


@dataclass
class Addressed(Repo):
    """A remote that bots know by an address on a server."""

    address: str = ""

    @property
    def url(self) -> str:
        return self.address


def watched_remote(folder: Path, seed: int | None = None) -> Repo:
    """A remote of which every change is logged: that of a seed, or a plain one with nothing to promote yet."""
    path = folder / "remote.git"
    remote = make_remote(path, ahead=0) if seed is None else remote_of(seed, path)
    watch(remote.path)
    return remote


def _late(delay: float, action: Callable[[], list[str]]) -> list[str]:
    time.sleep(delay)
    return action()


def promoting(race: Race, bot: int, number: int) -> list[str]:
    """The real thing: one night of an installation of its own, the same slot for all."""
    shop = open_shop(race.folder / f"bot-{bot}", race.remote)
    # No two clocks are alike: each bot would give its tag another name.
    shop.clock.pass_time(3600 * number + bot)
    asked = {"slot": f"night {number}", "run_id": f"round-{number:04}-{bot:02}"}
    points = Ringing(race.bell, race.moment(number)) if isinstance(race, FreezeRace) else Silence()
    return told_of_record(nightly(shop, points, {"history": NoHistory()}, **asked))


class NoHistory:
    """An installation that remembers nothing: the remote alone keeps it from a second promotion."""

    def __getattr__(self, _name: str) -> Callable[..., tuple[()]]:
        return lambda *_arguments, **_named: ()


def naive(race: Race, bot: int, number: int) -> list[str]:
    """What a script does: fetch, fast-forward main, tag it; no lease, no ledger, no atomic push."""
    clone = Repo(race.folder / f"naive-{bot}.git")
    if not clone.path.exists():
        clone.path.parent.mkdir(exist_ok=True)
        _git("clone", "--quiet", "--bare", race.remote.url, str(clone.path))
    _git("--git-dir", clone.url, "fetch", "--quiet", race.remote.url, "refs/heads/staging")
    tip = (clone.path / "FETCH_HEAD").read_text().split()[0]
    pushed = _git("--git-dir", clone.url, "push", "--quiet", race.remote.url, f"{tip}:refs/heads/main")
    tag = f"release/20261121-{number:04}{bot:02}"
    _git("--git-dir", clone.url, "tag", "--annotate", f"--message=round {number}", tag, tip)
    _git("--git-dir", clone.url, "push", "--quiet", race.remote.url, f"refs/tags/{tag}")
    return ["promoted" if pushed == 0 else "refused"]


def _git(*arguments: str) -> int:
    return subprocess.run(
        ["git", *arguments], env=clean_environment(), capture_output=True, timeout=60, check=False
    ).returncode


def without_atomic(race: Race, bot: int, number: int) -> list[str]:
    """The real thing, but what the server takes of a push it takes."""
    really = git_commands.push
    git_commands.push = lambda url, refs: tuple(word for word in really(url, refs) if word != "--atomic")
    return promoting(race, bot, number)


def without_ledger(race: Race, bot: int, number: int) -> list[str]:
    """The real thing, but nothing is written that only one of them can write."""
    PushPlan.has_ledger = property(lambda _plan: False)  # type: ignore[assignment,method-assign] # ends with the process
    return promoting(race, bot, number)


BOTS: dict[str, Bot] = {
    "promoting": promoting,
    "freezing": promoting,
    "naive": naive,
    "without atomic": without_atomic,
    "without ledger": without_ledger,
}
"""Who races, by name."""
