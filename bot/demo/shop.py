"""The pretend project of the demo: a real bare remote, and builds of it pushed to staging one by one."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from git import Actor, Repo


@dataclass(frozen=True, slots=True)
class Change:
    """One commit of the story: who, the message, and the file it touches."""

    author: str
    message: str
    file: str


@dataclass(frozen=True, slots=True)
class Build:
    """What one push to staging brings, and how the service behaves that is built from it."""

    title: str
    changes: tuple[Change, ...]
    behaviour: dict[str, Any] = field(default_factory=dict)


class Shop:
    """A bare remote with a work tree beside it, as a team of developers would have."""

    def __init__(self, folder: Path) -> None:
        self.remote = folder / "remote.git"
        Repo.init(self.remote, bare=True, initial_branch="main").close()
        self._work = Repo.init(folder / "work", initial_branch="staging")
        self._clock = 1_780_000_000
        self.push(Build("first release", (Change("Ada Example", "feat: sell things", "shop.txt"),)))
        self._send("HEAD:refs/heads/main")

    def push(self, build: Build) -> str:
        """Commit a build and push it to staging; return the full id of its tip."""
        for change in build.changes:
            self._commit(change)
        self._send("HEAD:refs/heads/staging")
        return self._work.head.commit.hexsha

    def recent(self, count: int) -> list[str]:
        """The newest commits of staging, one line each."""
        log: str = self._work.git.log(f"-{count}", "--format=%h %an: %s")
        return log.splitlines()

    def git(self, *words: str) -> str:
        """What git prints when it is asked about the remote."""
        answer: str = self._work.git(git_dir=str(self.remote)).execute(["git", f"--git-dir={self.remote}", *words])
        return answer

    def close(self) -> None:
        """End the helper processes that GitPython keeps."""
        self._work.close()

    def _commit(self, change: Change) -> None:
        root = Path(self._work.working_dir)
        path = root / change.file
        path.write_text(change.message + "\n")
        self._clock += 3600
        who = Actor(change.author, change.author.split()[0].lower() + "@shop.example")
        date = f"{self._clock} +0000"
        self._work.index.add([change.file])
        self._work.index.commit(change.message, author=who, committer=who, author_date=date, commit_date=date)

    def _send(self, refspec: str) -> None:
        self._work.git.push("--quiet", str(self.remote), refspec)
