"""Many bots of separate installations on one remote at the same moment; and naive ones, to show that a race bites."""

import random
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from support import forks
from support.auditor import audit, watch
from support.gitrepos import Repo, clean_environment, make_remote
from support.stories import Silence, nightly, open_shop

from bot.adapters import git_commands
from bot.core.promotion import PushPlan

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
        for number in range(1, rounds + 1):
            self._round(number, bot or promoting)
        self._judge(rounds)

    def _round(self, number: int, bot: Bot) -> None:
        tip = self.remote.commit("staging", f"feat: round {number}")
        started = [
            forks.start(partial(_late, self._delay(), partial(bot, self, each, number))) for each in range(self.bots)
        ]
        ended = [child.wait().said for child in started]
        forks.await_orphans()
        self.winners.append(sum(said[:1] == ["promoted"] for said in ended if isinstance(said, list)))
        self.wrong += [f"round {number}: {said}" for said in ended if not isinstance(said, list) or said[0] == "error"]
        if self.remote.sha("refs/heads/main") != tip:
            self.wrong.append(f"round {number} promoted nothing: {ended}")

    def _delay(self) -> float:
        self.seed += 1
        return random.Random(self.seed).uniform(0, STAGGER_S)

    def _judge(self, rounds: int) -> None:
        found = audit(self.remote.path)
        self.wrong += found.violations
        if len(found.entries) != rounds:
            self.wrong.append(f"{len(found.entries)} promotions in {rounds} rounds")
        lost = [number for number, count in enumerate(self.winners, 1) if count != 1]
        if lost:
            self.wrong.append(f"not exactly one bot says that it promoted in rounds {lost}")


@dataclass
class Addressed(Repo):
    """A remote that bots know by an address on a server."""

    address: str = ""

    @property
    def url(self) -> str:
        return self.address


def watched_remote(folder: Path) -> Repo:
    """A remote of which every change is logged, with nothing to promote yet."""
    remote = make_remote(folder / "remote.git", ahead=0)
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
    record = nightly(shop, Silence(), {"history": NoHistory()}, **asked)
    return [record.outcome.value, record.reason_code, record.reason]


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
    "naive": naive,
    "without atomic": without_atomic,
    "without ledger": without_ledger,
}
"""Who races, by name."""
