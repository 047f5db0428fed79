"""The git part of a promotion against the same by hand, pushes of four refs, and what all of it costs by size."""

import itertools
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from support.gitrepos import Repo, clean_environment
from support.promotions import TWO, approval, candidate, plan_for

from benchmarks import history
from benchmarks.table import Row
from bot.adapters.git import GitRepository
from bot.adapters.git_cache import CacheKind
from bot.adapters.lock import FileLock
from bot.core.objects import plan_commit
from bot.core.plan import Extras, Release, TagText, plan_promotion
from bot.core.promotion import LEDGER_REF, Move, Prepared, Promotion, PushPlan
from bot.core.settle import settle
from bot.core.succession import next_moment

_TIMES_BY_HAND: Final = 1.5
_FOUR_REFS_S: Final = 2.0
_ROUNDS: Final = 3
_SIZES: Final = ((8_000, 2_000), (80_000, 20_000), (400_000, 100_000))
_NOW: Final = TWO
_STEPS: Final = ("fetch", "prove", "build", "push", "read back")


@dataclass
class Stopwatch:
    """How many seconds each step took."""

    steps: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add what the block takes to that step."""
        begun = time.perf_counter()
        yield
        self.steps[name] = self.steps.get(name, 0.0) + time.perf_counter() - begun

    @property
    def total(self) -> float:
        """All steps together."""
        return sum(self.steps.values())


def rows() -> Iterator[Row]:
    """First the promises on 100,000 commits, then the table by size."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield from _promises(Path(folder))
    for old, new in _SIZES:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            yield from _by_size(Path(folder), old, new)


def _promises(folder: Path) -> Iterator[Row]:
    remote = _remote(folder / "remote.git", 80_000, 20_000)
    bot, hand = (_best(_on_copies(play, folder, remote)) for play in (_by_bot, _by_hand))
    for name in _STEPS:
        yield Row(f"  {name}", _s(bot.steps[name]), _s(hand.steps[name]) if name in hand.steps else "")
    kept = bot.total <= _TIMES_BY_HAND * hand.total
    times = f"{bot.total / hand.total:.2f} x"
    yield Row("git part of a promotion", f"{_s(bot.total)}, {times}", f"by hand {_s(hand.total)}", "<= 1.5 x", kept)
    for name in ("hotfix", "rollback"):
        took = _best(_on_copies(partial(_four_refs, kind=name), folder, remote))
        words = ", ".join(f"{step} {_s(seconds)}" for step, seconds in took.steps.items())
        yield Row(f"four refs as a {name} pushes them", _s(took.total), words, "<= 2 s", took.total <= _FOUR_REFS_S)


def _best(rounds: Iterator[Stopwatch]) -> Stopwatch:
    """The quickest of some rounds: what is left is the work, not the neighbours."""
    return min(itertools.islice(rounds, _ROUNDS), key=lambda watch: watch.total)


def _on_copies(play: Callable[[Path, Repo], Stopwatch], folder: Path, remote: Repo) -> Iterator[Stopwatch]:
    """That, again and again, each time with a copy of the remote and a folder of its own."""
    while True:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            yield play(Path(place), _copied(remote, Path(place)))


def _copied(remote: Repo, place: Path) -> Repo:
    copy = Repo(place / "remote.git")
    _git("clone", "--quiet", "--mirror", "--local", remote.path, copy.path)
    copy.config("uploadpack.allowFilter", "true")
    return copy


def _remote(path: Path, old: int, new: int) -> Repo:
    history.make(path, old, new)
    remote = Repo(path)
    remote.config("uploadpack.allowFilter", "true")
    return remote


def _at_the_beginning(remote: Repo) -> str:
    """Take staging away to where main is, as on the evening before; returns where it will be."""
    tip = remote.git("rev-parse", "refs/heads/staging")
    remote.set("refs/heads/staging", remote.git("rev-parse", "refs/heads/main"))
    return tip


def _repository(remote: Repo, folder: Path, kind: CacheKind = CacheKind.FULL) -> GitRepository:
    return GitRepository(remote.url, folder / "cache.git", "staging", "main", "release/", deadline=600.0, kind=kind)


def _by_bot(folder: Path, remote: Repo, kind: CacheKind = CacheKind.FULL) -> Stopwatch:
    """A promotion with a cache of the evening before."""
    tip, watch, repository = _at_the_beginning(remote), Stopwatch(), _repository(remote, folder, kind)
    repository.fetch()
    remote.set("refs/heads/staging", tip)
    with watch.step("fetch"):
        repository.fetch()
    with watch.step("prove"):
        plan = plan_for(repository)
    _land(repository, plan, folder, watch)
    return watch


def _land(repository: GitRepository, plan: PushPlan, folder: Path, watch: Stopwatch) -> Prepared:
    with watch.step("build"):
        prepared = repository.prepare(plan)
    with FileLock(folder / "lock").hold() as proof, watch.step("push"):
        report = repository.push(prepared, proof)
    with watch.step("read back"):
        end = settle(prepared, report, repository.read_back(prepared))
    if not isinstance(end, Promotion):
        raise SystemExit(f"the benchmark's promotion did not land: {end}")
    return prepared


def _by_hand(folder: Path, remote: Repo) -> Stopwatch:
    """One fetch, one push of branch, tag and note, one look at the refs; tag and note were made beforehand."""
    tip, watch, clone = _at_the_beginning(remote), Stopwatch(), folder / "clone.git"
    _git("clone", "--quiet", "--bare", "--no-local", remote.path, clone)
    remote.set("refs/heads/staging", tip)
    mine = Repo(clone)
    with watch.step("fetch"):
        mine.git("fetch", "--quiet", str(remote.path), "refs/heads/main", "refs/heads/staging")
    mine.tag("release/20261121-020000", tip)
    mine.git("notes", "--ref=promotions", "add", "-m", "{}", tip)
    tags, notes = "refs/tags/release/20261121-020000", LEDGER_REF
    with watch.step("push"):
        mine.git("push", "--quiet", "--atomic", str(remote.path), f"{tip}:refs/heads/main", tags, notes)
    with watch.step("read back"):
        mine.git("ls-remote", "--quiet", str(remote.path), "refs/heads/main", tags, notes)
    return watch


def _four_refs(folder: Path, remote: Repo, kind: str) -> Stopwatch:
    """Merge or copy trees, make the objects, push main, staging, tag and ledger, and read them back."""
    watch = Stopwatch()
    main, staging = remote.git("rev-parse", "refs/heads/main"), remote.git("rev-parse", "refs/heads/staging")
    fixed = remote.commit("main", "fix: at once", files={"hotfix.txt": "mended\n"})
    remote.set("refs/heads/main", main if kind == "hotfix" else fixed)
    remote.branch("hotfix/now", fixed)
    repository = _repository(remote, folder)
    repository.fetch()
    good = remote.git("rev-parse", f"{fixed}~1000")
    with watch.step("plan"):
        repository.branch_tip("hotfix/now")
        planned = (
            _hotfix(repository, fixed, staging) if kind == "hotfix" else _rollback(repository, fixed, staging, good)
        )
    _land(repository, planned, folder, watch)
    return watch


def _hotfix(repository: GitRepository, fixed: str, staging: str) -> PushPlan:
    """Main goes to the hotfix, and staging gets main merged."""
    merged = repository.merge(staging, fixed)
    back = plan_commit(
        tree=merged.tree, parents=(staging, fixed), at=1_800_000_000, message="Merge main into staging\n"
    )
    base = repository.branch_facts().target_sha
    return _planned(repository, base, fixed, Extras((Move("refs/heads/staging", staging, back.sha),), (back,)))


def _rollback(repository: GitRepository, bad: str, staging: str, good: str) -> PushPlan:
    """Main gets the tree that it had, and staging a merge that keeps its own."""
    at, tree = 1_800_000_000, repository.tree_of(good)
    restored = plan_commit(tree=tree, parents=(bad,), at=at, message="Roll back\n", copied_from=good)
    own = repository.tree_of(staging)
    merge = plan_commit(tree=own, parents=(staging, restored.sha), at=at, message="Keep staging\n", copied_from=staging)
    extras = Extras((Move("refs/heads/staging", staging, merge.sha),), (restored, merge))
    return _planned(repository, bad, restored.sha, extras)


def _planned(repository: GitRepository, base: str, sha: str, extras: Extras) -> PushPlan:
    chosen = candidate(sha, base)
    values = {"run_id": "bench", "actor": "bench", "verdict": "pass", "tag_prefix": "release/"}
    release = Release(
        kind="promotion",
        at=_NOW,
        moment=next_moment("release/", repository.release_tags(), repository.ledger(), _NOW),
        source="staging",
        target="main",
        message=TagText("bench", ""),
        ledger_before=repository.ledger_tip(),
        **values,
    )
    plan = plan_promotion(chosen, approval(chosen, _NOW), release, extras)
    if not isinstance(plan, PushPlan):
        raise SystemExit(f"the benchmark's plan was refused: {plan}")
    return plan


def _by_size(folder: Path, old: int, new: int) -> Iterator[Row]:
    """A first fetch and a night with a fifth of the history new, for both kinds of cache."""
    origin = _remote(folder / "remote.git", old, new)
    for kind in CacheKind:
        place = folder / kind.value
        remote, first = _copied(origin, place), Stopwatch()
        with first.step("first fetch"):
            _repository(remote, place / "first", kind).fetch()
        night = _by_bot(place, remote, kind)
        words = ", ".join(f"{name} {_s(seconds)}" for name, seconds in night.steps.items())
        size = f"first fetch {_s(first.total)}, {_mib(place / 'first')}"
        yield Row(f"{old + new:,} commits, {new:,} new, {kind.value} cache", f"night {_s(night.total)} ({words})", size)


def _mib(folder: Path) -> str:
    return f"{sum(each.stat().st_size for each in folder.rglob('*') if each.is_file()) / 2**20:.0f} MiB"


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s"


def _git(*arguments: object) -> None:
    subprocess.run(["git", *map(str, arguments)], env=clean_environment(), check=True, timeout=600)
