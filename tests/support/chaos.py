"""Crashes and races in a process of their own, which forks and so must have no thread: `python -m support.chaos …`.

- `crash STORY SEED FAULTS EVERY`: every point of a story (or every so many-th) with those faults, joined by commas
- `pairs STORY SEED COUNT`: two crashes by chance, one of them in the restart
- `kills STORY SEED COUNT`: SIGKILL at any moment
- `points STORIES`: the points of those stories, joined by commas
- `race REMOTE BOTS ROUNDS WHO BEGIN [ADDRESS]`: the same promotion by many bots, so many rounds after that many others

Before all of these comes the folder to do it in.
"""

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from support.forks import quick_folder

from bot.adapters.git_environment import foreign_names

TESTS = Path(__file__).resolve().parents[1]
_LONGEST_S = 24 * 3600
_RUNNING: "set[subprocess.Popen[bytes]]" = set()


@dataclass(frozen=True)
class Crashes:
    """What came of a story's crashes: its points, and every case."""

    points: tuple[str, ...]
    cases: tuple[dict[str, Any], ...]

    @property
    def violations(self) -> list[str]:
        return [f"{case['story']}, {case['fault']} {case['point']}: {case['violations']}" for case in self.wrong]

    @property
    def wrong(self) -> list[dict[str, Any]]:
        return [case for case in self.cases if case["violations"]]


@dataclass(frozen=True)
class Raced:
    """What came of a race: how many bots said in each round that they promoted, and what was wrong."""

    winners: tuple[int, ...]
    wrong: tuple[str, ...]


def crash(story: str, *faults: str, seed: int = 0, every: int = 1) -> Crashes:
    """Every point of that story (or every so many-th) with each of those faults, in a process of its own."""
    return _crashes("crash", story, str(seed), ",".join(faults), str(every))


def pairs(story: str, count: int, seed: int = 0) -> Crashes:
    """That many times two crashes by chance, the second one in the restart."""
    return _crashes("pairs", story, str(seed), str(count))


def kills(story: str, count: int, seed: int = 0) -> Crashes:
    """That many times SIGKILL at any moment."""
    return _crashes("kills", story, str(seed), str(count))


def points(*stories: str) -> set[str]:
    """The points of all those stories."""
    return set(_call("points", ",".join(stories)))


def _crashes(*arguments: str) -> Crashes:
    told = _call(*arguments)
    return Crashes(tuple(told["points"]), tuple(told["cases"]))


def race(remote: Path, bots: int, rounds: int, who: str = "promoting", address: str = "", *, begin: int = 0) -> Raced:
    """A race on a watched remote, in a process of its own; `address` is what the bots call it where it has one.

    `begin` is how many rounds there were on it before, by bots that are gone.
    """
    told = _call("race", str(remote), str(bots), str(rounds), who, str(begin), *filter(None, [address]))
    return Raced(tuple(told["winners"]), tuple(told["wrong"]))


def end_all() -> None:
    """End every process of these that is under way."""
    for process in tuple(_RUNNING):
        _end(process)


def _call(*arguments: str) -> Any:
    with quick_folder() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "support.chaos", str(folder), *arguments],
            env=_environment(),
            cwd=TESTS.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A group of its own: it is ended whole, with every copy that it made of itself.
            start_new_session=True,
        )
        _RUNNING.add(process)
        try:
            out, err = process.communicate(timeout=_LONGEST_S)
        finally:
            _end(process)
            _RUNNING.discard(process)
    assert process.returncode == 0, err.decode(errors="replace")
    return json.loads(out)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _environment() -> dict[str, str]:
    """This one without what would steer git: the bot starts a program more to keep that from each of its gits."""
    foreign = foreign_names(os.environ, {})
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}


def _staged(how: str, folder: Path, story: str, seed: str, *arguments: str) -> dict[str, Any]:
    from support.crashes import Stage  # noqa: PLC0415 - everything heavy belongs to the other process
    from support.faults import Fault  # noqa: PLC0415 - as above
    from support.stories import STORIES  # noqa: PLC0415 - as above

    stage = Stage(STORIES[story], folder / "stage", int(seed))
    made: dict[str, Callable[..., Iterable[Any]]] = {
        "crash": lambda faults, every: stage.cases([Fault(fault) for fault in faults.split(",")], int(every)),
        "pairs": lambda count: stage.pairs(int(count)),
        "kills": lambda count: stage.kills(int(count)),
    }
    cases = [asdict(case) for case in made[how](*arguments)]
    return {"points": stage.points, "cases": cases}


def _points(folder: Path, stories: str) -> list[str]:
    from support.crashes import Stage  # noqa: PLC0415 - everything heavy belongs to the other process
    from support.stories import STORIES  # noqa: PLC0415 - as above

    stages = [Stage(STORIES[story], folder / story) for story in stories.split(",")]
    for stage in stages:
        stage.rehearse()
    return [point for stage in stages for point in stage.points]


def _race(folder: Path, remote: str, bots: str, *arguments: str) -> dict[str, Any]:
    from support.gitrepos import Repo  # noqa: PLC0415 - everything heavy belongs to the other process
    from support.races import BOTS, Addressed, FreezeRace, Race  # noqa: PLC0415 - as above

    rounds, who, begin, *address = arguments
    repo = Addressed(Path(remote), address=address[0]) if address else Repo(Path(remote))
    run = (FreezeRace if who == "freezing" else Race)(repo, folder, int(bots))
    run.run(int(rounds), BOTS[who], int(begin))
    return {"winners": run.winners, "wrong": run.wrong}


_ANSWERS: dict[str, Callable[..., Any]] = {
    "race": _race,
    "points": _points,
    **{how: partial(_staged, how) for how in ("crash", "pairs", "kills")},
}


def _main(where: str, what: str, *arguments: str) -> None:
    from support import forks  # noqa: PLC0415 - everything heavy belongs to the other process
    from support.stories import warm_up  # noqa: PLC0415 - as above

    forks.adopt_orphans()
    folder = Path(where)
    warm_up(folder / "warm")
    gc.freeze()
    print(json.dumps(_ANSWERS[what](folder, *arguments)))  # noqa: T201 - the answer


if __name__ == "__main__":
    _main(*sys.argv[1:])
