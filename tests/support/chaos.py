"""Crashes and races in a process of their own, which forks and so must have no thread: a copy of one that is warm.

It is asked, in words:

- `crash STORY SEED FAULTS EVERY`: every point of a story (or every so many-th) with those faults, joined by commas
- `pairs STORY SEED COUNT`: two crashes by chance, one of them in the restart
- `kills STORY SEED COUNT`: SIGKILL at any moment
- `points STORIES`: the points of those stories, joined by commas
- `moves FLOW STRIDE`: people move branches at every so many-th point of a flow
- `cutoffs STORY`: a back-merge cut off after every effect
- `race REMOTE BOTS ROUNDS WHO [ADDRESS]`: the same promotion by many bots, so many rounds

Before all of these comes the folder to do it in.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from support.canary import VARIABLES, found_in
from support.copies import Server, serve
from support.forks import quick_folder

TESTS = Path(__file__).resolve().parents[1]
_LONGEST_S = 24 * 3600
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "PYTHONDONTWRITEBYTECODE")


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


def moved(flow: str, stride: int) -> dict[str, Any]:
    """The `points` of a flow, and what was `wrong` with each move that people `played` at some of them."""
    told: dict[str, Any] = _call("moves", flow, str(stride))
    return told


def cut_off(story: str) -> dict[str, Any]:
    """What a back-merge `left`, and what each of its `cases` left that was cut off and started again."""
    told: dict[str, Any] = _call("cutoffs", story)
    return told


def _crashes(*arguments: str) -> Crashes:
    told = _call(*arguments)
    return Crashes(tuple(told["points"]), tuple(told["cases"]))


def race(remote: Path, bots: int, rounds: int, who: str = "promoting", address: str = "") -> Raced:
    """A race on a watched remote, in a process of its own; `address` is what the bots call it where it has one."""
    told = _call("race", str(remote), str(bots), str(rounds), who, *filter(None, [address]))
    return Raced(tuple(told["winners"]), tuple(told["wrong"]))


def end_all() -> None:
    """End every process of these that is under way."""
    _SERVER.end()


def _call(*arguments: str) -> Any:
    with quick_folder() as folder:
        told = _SERVER.ask(folder, arguments, _LONGEST_S)
        leaks = found_in(folder)
    assert not leaks, f"a secret stands in {leaks}"
    return told


def _environment() -> dict[str, str]:
    """What the bot needs, and the secrets that it must not tell: all of it is handed to each git anew.

    What would steer git is not among it: the bot starts a program more to keep that from each of its gits.
    """
    kept = {name: os.environ[name] for name in (*_KEPT, *VARIABLES) if name in os.environ}
    # A library for numbers would have threads, which a copy has not.
    return kept | {"PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}", "OPENBLAS_NUM_THREADS": "1"}


_SERVER = Server("support.chaos", _environment, TESTS.parent)


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

    rounds, who, *address = arguments
    repo = Addressed(Path(remote), address=address[0]) if address else Repo(Path(remote))
    run = (FreezeRace if who == "freezing" else Race)(repo, folder, int(bots))
    run.run(int(rounds), BOTS[who])
    return {"winners": run.winners, "wrong": run.wrong}


def _moves(folder: Path, flow: str, stride: str) -> dict[str, Any]:
    from support.moves import play  # noqa: PLC0415 - everything heavy belongs to the other process

    return play(flow, folder, int(stride))


def _cutoffs(folder: Path, story: str) -> dict[str, Any]:
    from support.cutoffs import play  # noqa: PLC0415 - everything heavy belongs to the other process

    return play(story, folder)


_ANSWERS: dict[str, Callable[..., Any]] = {
    "race": _race,
    "points": _points,
    "moves": _moves,
    "cutoffs": _cutoffs,
    **{how: partial(_staged, how) for how in ("crash", "pairs", "kills")},
}


def _warm_up() -> None:
    from support.stories import warm_up  # noqa: PLC0415 - everything heavy belongs to the other process

    with quick_folder() as folder:
        warm_up(folder / "warm")
    gc.freeze()


def _answer(folder: Path, what: str, *arguments: str) -> Any:
    from support import forks  # noqa: PLC0415 - everything heavy belongs to the other process

    forks.adopt_orphans()
    return _ANSWERS[what](folder, *arguments)


if __name__ == "__main__":
    serve(int(sys.argv[2]), _warm_up, _answer)
