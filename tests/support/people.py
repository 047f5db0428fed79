"""People who move branches while a bot works on them, and a server that keeps a log of what was pushed to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.auditor import PUSHES, watch
from support.gitrepos import Repo


def push(repo: Repo, branch: str) -> None:
    """One more commit."""
    repo.commit(branch, "feat: by hand", files={f"hand-{branch}.txt": "by hand\n"})


def rewind(repo: Repo, branch: str) -> None:
    """The last commit is taken back."""
    repo.branch(branch, repo.git("rev-parse", f"refs/heads/{branch}^"))


def rewrite(repo: Repo, branch: str) -> None:
    """The last commit is replaced by another one, in one move."""
    repo.branch("amended", repo.git("rev-parse", f"refs/heads/{branch}^"))
    made = repo.commit("amended", "feat: amended", files={f"amended-{branch}.txt": "amended\n"})
    repo.branch(branch, made)


def delete(repo: Repo, branch: str) -> None:
    """The branch is removed."""
    repo.delete(f"refs/heads/{branch}")


MOVES: Final[dict[str, Callable[[Repo, str], None]]] = {
    "pushed": push,
    "rewound": rewind,
    "rewritten": rewrite,
    "deleted": delete,
}


@dataclass(frozen=True, slots=True)
class Written:
    """One ref that a push changed, as the server saw it; ids are all zero where a ref is absent."""

    push: int
    old: str
    new: str
    ref: str


class PushLog:
    """Every ref that was ever changed by a push, as `support.auditor.watch` has the server write it down.

    People move refs beside it (`update-ref`), so what is in it was done by bots alone.
    """

    def __init__(self, repo: Repo, *, watched: bool = False) -> None:
        self._path = Path(repo.path) / PUSHES
        if not watched:
            watch(repo.path)

    def forget(self) -> None:
        """Begin anew."""
        self._path.unlink(missing_ok=True)

    def all(self) -> tuple[Written, ...]:
        """What was written so far, oldest first; pushes are numbered from 0."""
        blocks = self._path.read_text().split("\n\n") if self._path.exists() else []
        return tuple(
            Written(number, *line.split(" ", 2))
            for number, block in enumerate(each.strip() for each in blocks)
            for line in filter(None, block.splitlines())
        )


class Interloper:
    """Acts once, at a named point of a run; satisfies `bot.flows.ports.Points` and remembers every point."""

    def __init__(self, at: str = "", act: Callable[[], None] = lambda: None) -> None:
        self._at = at
        self._act = act
        self.points: list[str] = []
        self.acted = False

    def reached(self, name: str) -> None:
        self.points.append(name)
        if name == self._at and not self.acted:
            self.acted = True
            self._act()
