"""Crashes and races in a process of their own, which forks and so must have no thread: `python -m support.chaos …`.

- `crash STORY SEED FAULT EVERY`: every point of a story (or every so many-th) with that fault
- `pairs STORY SEED COUNT`: two crashes by chance, one of them in the restart
- `kills STORY SEED COUNT`: SIGKILL at any moment
- `race REMOTE BOTS ROUNDS WHO ADDRESS`: the same promotion by many bots
"""

import gc
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
_LONGEST_S = 24 * 3600


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


def crash(story: str, fault: str, seed: int = 0, every: int = 1) -> Crashes:
    """Every point of that story (or every so many-th) with that fault, in a process of its own."""
    return _crashes("crash", story, str(seed), fault, str(every))


def pairs(story: str, count: int, seed: int = 0) -> Crashes:
    """That many times two crashes by chance, the second one in the restart."""
    return _crashes("pairs", story, str(seed), str(count))


def kills(story: str, count: int, seed: int = 0) -> Crashes:
    """That many times SIGKILL at any moment."""
    return _crashes("kills", story, str(seed), str(count))


def _crashes(*arguments: str) -> Crashes:
    told = _call(*arguments)
    return Crashes(tuple(told["points"]), tuple(told["cases"]))


def race(remote: Path, bots: int, rounds: int, who: str = "promoting", address: str = "") -> Raced:
    """A race on a watched remote, in a process of its own; `address` is what the bots call it where it has one."""
    told = _call("race", str(remote), str(bots), str(rounds), who, address)
    return Raced(tuple(told["winners"]), tuple(told["wrong"]))


def _call(*arguments: str) -> Any:
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
    done = subprocess.run(
        [sys.executable, "-m", "support.chaos", *arguments],
        env=environment,
        cwd=TESTS.parent,
        capture_output=True,
        timeout=_LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return json.loads(done.stdout)


def _staged(how: str, story: str, seed: str, *arguments: str) -> dict[str, Any]:
    from support.crashes import Fault, Stage  # noqa: PLC0415 - everything heavy belongs to the other process
    from support.forks import quick_folder  # noqa: PLC0415 - as above
    from support.stories import STORIES, warm_up  # noqa: PLC0415 - as above

    with quick_folder() as folder:
        warm_up(folder / "warm")
        gc.freeze()
        stage = Stage(STORIES[story], folder / "stage", int(seed))
        made = {
            "crash": lambda fault, every: stage.cases(Fault(fault), int(every)),
            "pairs": lambda count: stage.pairs(int(count)),
            "kills": lambda count: stage.kills(int(count)),
        }
        return {"points": stage.points, "cases": [asdict(case) for case in made[how](*arguments)]}


def _race(remote: str, bots: str, rounds: str, who: str, address: str) -> dict[str, Any]:
    from support.forks import quick_folder  # noqa: PLC0415 - everything heavy belongs to the other process
    from support.gitrepos import Repo  # noqa: PLC0415 - as above
    from support.races import BOTS, Addressed, Race  # noqa: PLC0415 - as above
    from support.stories import warm_up  # noqa: PLC0415 - as above

    with quick_folder() as folder:
        warm_up(folder / "warm")
        gc.freeze()
        path = Path(remote)
        run = Race(Addressed(path, address=address) if address else Repo(path), folder, int(bots))
        run.run(int(rounds), BOTS[who])
        return {"winners": run.winners, "wrong": run.wrong}


def _main(what: str, *arguments: str) -> None:
    from support import forks  # noqa: PLC0415 - everything heavy belongs to the other process

    forks.adopt_orphans()
    answer = _race(*arguments) if what == "race" else _staged(what, *arguments)
    print(json.dumps(answer))  # noqa: T201 - the answer


if __name__ == "__main__":
    _main(*sys.argv[1:])
