"""The demo: two bad builds are blocked, the good one is promoted; every part of it is real."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.core.reasons import Exit
from bot.demo.launch import running
from bot.demo.shop import Build, Change, Shop
from bot.demo.stage import Stage

SLOW: Final = Build(
    "a slow build",
    (
        Change("Grace Example", "feat(search): rank results by popularity (#12)", "search.txt"),
        Change("Ada Example", "docs: explain the ranking", "ranking.txt"),
    ),
    {"delay_ms": 1500},
)
LEAKING: Final = Build(
    "a leaking build",
    (
        Change("Grace Example", "fix(search): rank without waiting (#14)", "search.txt"),
        Change("Linus Example", "perf(search): keep every answer in memory (#13)", "cache.txt"),
    ),
    {"leak_bytes": 32768},
)
FIXED: Final = Build(
    "the fixed build",
    (
        Change("Linus Example", "fix(search): bound the answers kept in memory (#15)", "cache.txt"),
        Change(
            "Margaret Example",
            "feat(cart)!: prices are in cents (#16)\n\nBREAKING CHANGE: `price` is a whole number of cents.",
            "cart.txt",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Night:
    """One night of the story, the exit code it must end with, and what a reader learns from it."""

    build: Build
    expected: Exit
    moral: str


NIGHTS: Final = (
    Night(SLOW, Exit.BLOCKED, "blocked, because latency is over its limit; main did not move"),
    Night(LEAKING, Exit.BLOCKED, "blocked by the soak, because memory grows; main did not move"),
    Night(FIXED, Exit.OK, "promoted: main is at the very commit that was tested"),
)


def tell(folder: Path, stage: Stage) -> Sequence[int]:
    """Play all nights in that empty folder, show what they left, and return how each ended; see `ending`."""
    shop = Shop(folder)
    try:
        codes = [_play(folder, stage, shop, number, night) for number, night in enumerate(NIGHTS, 1)]
        _show_trail(shop, stage)
    finally:
        shop.close()
    stage.reports(folder)
    stage.ending(ending(codes))
    return codes


def ending(codes: Sequence[int]) -> Exit:
    """OK where each night ended as it must, else how the first one did that ended otherwise.

    A bad build that was promoted comes before all else: the gate is wrong, as a drill would say.
    """
    wrong = [code for code, night in zip(codes, NIGHTS, strict=True) if code != night.expected]
    if not wrong:
        return Exit.OK
    if Exit.OK in wrong:
        return Exit.BLOCKED
    return Exit(wrong[0]) if wrong[0] in set(Exit) else Exit.OPERATIONAL


def _play(folder: Path, stage: Stage, shop: Shop, number: int, night: Night) -> int:
    """Push a build, deploy it, run the night by the real command; the exit code that it ended with."""
    sha = shop.push(night.build)
    stage.scene(f"Night {number} of {len(NIGHTS)}: {night.build.title}", shop.recent(len(night.build.changes)))
    with running(folder, sha=sha, **night.build.behaviour) as service:
        (folder / "service.pid").write_text(f"{service.pid}\n")
        config = stage.configuration(folder, service.url, shop.remote)
        ended = _promote(config, folder, stage)
    stage.moral(ended, night.expected, night.moral)
    return ended


def _promote(config: Path, folder: Path, stage: Stage) -> int:
    """Call the command as a person would, in a process of its own; it bounds itself in time."""
    words = ["--config", str(config), "run", "--now"]
    stage.command(["promote", *words])
    command = [sys.executable, "-P", "-m", "bot", *words]
    return subprocess.run(command, cwd=folder, env={**os.environ}, stdout=stage.stdout, check=False).returncode


def _show_trail(shop: Shop, stage: Stage) -> None:
    """What any clone can see afterwards: refs, the tag's message, and the ledger."""
    tag = shop.git("tag", "--list", "release/*").splitlines()
    stage.output("git for-each-ref", shop.git("for-each-ref", "--format=%(objectname:short) %(refname)"))
    for name in tag:
        stage.output(f"git tag -n99 {name}", shop.git("tag", "--list", "-n99", name))
    stage.output("git log --notes=promotions -1 main", shop.git("log", "--notes=promotions", "-1", "main"))
