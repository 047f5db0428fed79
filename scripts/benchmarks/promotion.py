"""From "tests finished" to "read back and reported", against the git commands that a person would need by hand."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from support.night import World, git
from support.service import running_service

from benchmarks import history
from benchmarks.table import Row
from bot.adapters import git_commands

_ALLOWED_S = 3.0


def rows() -> Iterator[Row]:
    """One promotion of 20,000 commits in a repository of 100,000, and the same by hand on a copy of the remote."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, running_service() as service:
        world = _world(Path(folder), service.url)
        service.control(sha=world.tip("staging"))
        by_hand = _by_hand(world, Path(folder))
        world.promote("gate")  # the first fetch of all of history is not the night's
        ended = world.promote("--now", "--json")
        finished = time.time()
        run = ended.json
        if run["outcome"] != "promoted":
            raise SystemExit(f"the benchmark's night did not promote: {run['reason']}")
        took = finished - _tests_finished(world)
    for step, seconds in run["timings"].items():
        yield Row(f"  {step}", f"{seconds:.2f} s", "")
    total = sum(by_hand.values())
    words = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in by_hand.items())
    beyond = f"{took:.2f} s, {took - total:+.2f} s"
    yield Row(
        "from tests finished to reported",
        beyond,
        f"by hand {total:.2f} s ({words})",
        "<= +3 s",
        took - total <= _ALLOWED_S,
    )


def _world(folder: Path, url: str) -> World:
    world = World(folder, url)
    shutil.rmtree(world.remote)
    history.make(world.remote)
    return world


def _tests_finished(world: World) -> float:
    lines = (world.last_folder() / "load-1k.ndjson").read_text().splitlines()
    return max(float(line["t"]) for line in map(json.loads, lines))


def _by_hand(world: World, folder: Path) -> dict[str, float]:
    """One fetch with nothing new, one push of that range, one log of it."""
    copy, clone = folder / "copy.git", folder / "clone.git"
    git("clone", "--quiet", "--bare", world.remote, copy)
    git("clone", "--quiet", "--bare", world.remote, clone)
    base, tip = world.tip("main"), world.tip("staging")
    commands = {
        "fetch": ("fetch", "--quiet", copy, "refs/heads/staging"),
        "push": ("push", "--quiet", copy, f"{tip}:refs/heads/main"),
        "log": git_commands.log(base, tip)[1:],
    }
    return {name: _seconds(clone, command) for name, command in commands.items()}


def _seconds(clone: Path, command: tuple[object, ...]) -> float:
    begun = time.perf_counter()
    git(*command, cwd=clone)
    return time.perf_counter() - begun
