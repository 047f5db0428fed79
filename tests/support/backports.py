"""Back-merges in a shop: the bot that merges, and the person that resolves what git cannot."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.fakes import Shop
from support.gitrepos import clean_environment

from bot.adapters.worktree import WorkTree
from bot.core.record import RunKind, RunRecord
from bot.flows.backport import Mode, Order, backport
from bot.flows.pick import pick
from bot.flows.request import Effect

STAGING, MAIN = "refs/heads/staging", "refs/heads/main"


class Person:
    """Somebody with git and an editor, in a work tree."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run git there, as a person would."""
        ended = subprocess.run(
            ["git", *arguments], cwd=self.tree, capture_output=True, check=check, timeout=60, env=clean_environment()
        )
        return ended.stdout.decode().strip()

    def write(self, name: str, content: str) -> None:
        (self.tree / name).write_text(content)

    def resolve(self, name: str = "count.txt", content: str = "both\n") -> str:
        """Decide the file, commit the merge, and return its id."""
        self.write(name, content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-edit")
        return self.git("rev-parse", "HEAD")


class Killer:
    """Ends the run at the point of that number, counted over all runs it watches; keeps the names."""

    def __init__(self, at: int = -1, error: BaseException | None = None) -> None:
        self.at, self.error = at, error
        self.names: list[str] = []

    def reached(self, name: str) -> None:
        self.names.append(name)
        if self.error is not None and len(self.names) - 1 == self.at:
            raise self.error


@dataclass
class Backports:
    """A shop and its work tree."""

    shop: Shop
    bench: WorkTree = field(init=False)

    def __post_init__(self) -> None:
        state = self.shop.folder / "state"
        self.bench = WorkTree(self.remote.url, state / "backport", state / "cache.git")

    @property
    def remote(self) -> Any:
        return self.shop.remote

    @property
    def person(self) -> Person:
        return Person(self.bench.path)

    def run(
        self,
        mode: Mode = Mode.MERGE,
        effect: Effect = Effect.WRITE,
        *,
        into: str = "staging",
        merged: str = "main",
        **tools: Any,
    ) -> RunRecord:
        """One `promote backport`."""
        order = Order(into, merged, self.bench, mode)
        return backport(self.shop.tools(**tools), self.shop.request(RunKind.BACKPORT, effect), order)

    def go_on(self, **more: Any) -> RunRecord:
        """One `promote backport --continue`."""
        return self.run(Mode.CONTINUE, **more)

    def pick(self, *names: str, onto: str = "rel", effect: Effect = Effect.WRITE, **tools: Any) -> RunRecord:
        """One `promote backport --pick`."""
        return pick(self.shop.tools(**tools), self.shop.request(RunKind.BACKPORT, effect), names, onto)

    def diverge(self) -> None:
        """main gets a commit of its own that git can merge."""
        self.remote.commit("main", "fix: hot", files={"hot.txt": "hot\n"})

    def clash(self) -> None:
        """main gets a commit of its own that git cannot merge."""
        self.remote.commit("main", "fix: hot", author="Ben Bell <ben@example.com>", files={"count.txt": "hot\n"})

    def parents(self, ref: str = STAGING) -> list[str]:
        return self.remote.git("log", "-1", "--format=%P", ref).split()

    def contains_main(self) -> bool:
        refs = self.remote.refs()
        return self.remote.git("merge-base", refs[STAGING], refs[MAIN]) == refs[MAIN]
