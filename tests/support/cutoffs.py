"""A back-merge cut off at any of its effects: at each of them a copy of the process in a copy of the world goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from support import forks
from support.backports import MAIN, STAGING, Backports
from support.fakes import Killed, Shop
from support.worldcopies import branch, put_back

# What every run does, whatever it is about.
GENERAL: Final = {
    f"after {name}"
    for name in (
        "create run", "journal started", "save beginning", "save end", "add to history", "write reports", "report",
        "journal ended", "save plan",
    )
}  # fmt: skip
_WALK_S = 1800
Run = Callable[..., object]


def clean(folder: Path) -> tuple[Backports, Run]:
    """git can merge it."""
    back = Backports(Shop(folder))
    back.diverge()
    return back, back.run


def conflicting(folder: Path) -> tuple[Backports, Run]:
    """git cannot merge it."""
    back = Backports(Shop(folder))
    back.clash()
    return back, back.run


def resolved(folder: Path) -> tuple[Backports, Run]:
    """A person has merged it."""
    back = Backports(Shop(folder))
    back.clash()
    back.run()
    back.person.resolve()
    return back, back.go_on


def picking(folder: Path) -> tuple[Backports, Run]:
    """Two commits of another branch."""
    back = Backports(Shop(folder))
    back.remote.branch("rel", back.remote.sha(MAIN))
    picks = [back.remote.commit("staging", f"fix: {name}", files={name: name}) for name in ("one", "two")]
    return back, lambda **more: back.pick(*picks, **more)


STORIES: Final = {story.__name__: story for story in (clean, conflicting, resolved, picking)}


@dataclass
class Cutter:
    """Has a copy of the process end right after each effect, which starts again in its copy of the world."""

    back: Backports
    is_cut: bool = False
    cases: list[dict[str, Any]] = field(default_factory=list)

    def reached(self, name: str) -> None:
        # Between two effects nothing happens: being cut off before one is being cut off after the one before it.
        if self.is_cut or not name.startswith("after ") or name in GENERAL:
            return
        child = branch(self.back.shop.folder, self.back.shop)
        if child is None:
            self.is_cut = True
            raise Killed
        said = child.wait().said
        told = said if said and "moved" in said else {"left": f"it ended as {said}", "moved": []}
        self.cases.append({"point": name, **told})
        put_back(self.back.shop.folder)


def play(story: str, folder: Path) -> dict[str, Any]:
    """What a story comes to, and what came of every case: its `point`, what it `left`, and what else it `moved`."""
    ended = forks.run(partial(_played, story, folder / "world"), _WALK_S)
    assert "cases" in (ended.said or {}), ended
    told: dict[str, Any] = ended.said
    return told


def _played(story: str, folder: Path) -> dict[str, Any]:
    back, run = STORIES[story](folder)
    before = back.remote.refs()
    cutter = Cutter(back)
    try:
        run(points=cutter)
    except Killed:
        moved = sorted({ref for ref, sha in back.remote.refs().items() if before.get(ref) != sha})
        run()
        return {"left": _left(back), "moved": [ref for ref in moved if ref not in (STAGING, "refs/heads/rel")]}
    back.shop.history.close()
    return {"left": _left(back), "cases": cutter.cases}


def _left(back: Backports) -> str:
    """What matters in the end: the branches but for who made which commit, and the work tree."""
    refs = back.remote.refs()
    trees = {ref: back.remote.git("rev-parse", f"{ref}^{{tree}}") for ref in refs}
    counts = {ref: back.remote.git("rev-list", "--count", ref) for ref in refs}
    begun = back.bench.begun()
    return repr((trees, counts, begun and begun.merge, back.shop.runs.unfinished()))
