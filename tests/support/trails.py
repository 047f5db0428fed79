"""Promotions on a real remote for audits: some nights in a row, made once and copied for each test that tampers."""

import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from support.gitrepos import Repo, make_remote
from support.promotions import TWO, open_repository, plan_for

from bot.adapters.git import GitRepository
from bot.adapters.lock import FileLock
from bot.core.audit import Audit, Terms
from bot.core.differences import Difference
from bot.core.promotion import Promotion
from bot.core.settle import settle
from bot.flows.audit import look
from bot.flows.nohost import NoHost

LEDGER = "refs/notes/promotions"
TAGS = tuple(f"release/202611{day}-020000" for day in (21, 22, 23))


class NoHistory:
    """An installation that knows of no run."""

    def __init__(self, *runs):
        self.runs = runs

    def query(self, wanted):
        del wanted
        return self.runs


@dataclass
class Town:
    """A remote and an installation that promotes to it and audits it."""

    folder: Path
    options: dict = field(default_factory=dict)
    remote: Repo = field(init=False)

    def __post_init__(self):
        path = self.folder / "remote.git"
        self.remote = Repo(path) if path.exists() else make_remote(path)
        self.repository: GitRepository = open_repository(self.remote, self.folder, **self.options)

    def night(self, number: int, **more) -> Promotion:
        """One promotion of a new commit, at two o'clock of that night."""
        self.remote.commit("staging", f"feat: night {number}")
        self.repository.fetch()
        return self.push(plan_for(self.repository, run_id=f"run-{number}", at=TWO + timedelta(days=number), **more))

    def push(self, plan) -> Promotion:
        with FileLock(self.folder / "lock").hold() as proof:
            prepared = self.repository.prepare(self.repository.sign(plan))
            report = self.repository.push(prepared, proof)
            end = settle(prepared, report, self.repository.read_back(prepared))
        assert isinstance(end, Promotion), end
        return end

    def audit(self, *, runs=(), accepted=(), prefix="release/") -> Audit:
        return look(self.repository, NoHistory(*runs), Terms("main", prefix, tuple(accepted)), NoHost())

    def found(self, **more) -> dict[str, Difference]:
        """The differences of an audit by their codes; each code may be there once."""
        told = self.audit(**more).differences
        by_code = {each.kind.code: each for each in told}
        assert len(by_code) == len(told), [each.sentence for each in told]
        return by_code

    def entry(self, number: int):
        return self.repository.ledger()[number]

    def forget(self) -> None:
        """Another installation looks: nothing is remembered."""
        for each in self.folder.glob("cache*"):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        self.repository = open_repository(self.remote, self.folder, **self.options)


def three_nights(folder: Path) -> Path:
    """A folder with a remote that was promoted to three nights in a row; to be copied."""
    town = Town(folder)
    for number in range(3):
        town.night(number)
    return folder


def copied(template: Path, folder: Path) -> Town:
    shutil.copytree(template, folder, dirs_exist_ok=True)
    return Town(folder)
