"""Brings the remote's refs into the cache, by explicit refspecs only, and tells what is missing over there."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_access import NO_ACCESS, Access
from bot.adapters.git_cache import Cache, CacheKind
from bot.adapters.git_environment import PROMISOR, environment
from bot.adapters.git_errors import failure
from bot.adapters.git_exchange import Completed
from bot.adapters.git_refs import is_full_ref, parse_refs
from bot.adapters.git_remote import Remote
from bot.adapters.git_runner import Runner
from bot.adapters.git_tidy import tidy
from bot.core.promotion import LEDGER_REF
from bot.core.text import plain
from bot.errors import BotError, Reason

SOURCE: Final = "refs/remote/source"
TARGET: Final = "refs/remote/target"
LEDGER: Final = "refs/remote/notes/promotions"
TAGS: Final = "refs/remote/tags/"
# Where a later look at the remote goes, so that what was resolved at the start stays as it was (I1).
NOW: Final = "refs/remote/now"

# The first fetch brings all of history; the deadline of a nightly one would never let a large repository in.
_FIRST_FETCH_PATIENCE: Final = 15
_SHALLOW: Final = "because shallow roots are not allowed to be updated"
_SHA256_LENGTH: Final = 64
_LISTED_BRANCHES: Final = 8


@dataclass(frozen=True, slots=True)
class Branches:
    """What to fetch: the two branch names, and the beginning of release tag names."""

    source: str
    target: str
    tag_prefix: str

    @property
    def source_ref(self) -> str:
        """The source's full name on the remote."""
        return f"refs/heads/{self.source}"

    @property
    def target_ref(self) -> str:
        """The target's full name on the remote."""
        return f"refs/heads/{self.target}"

    def problem(self) -> str | None:
        """What is wrong with a name, None when all are usable."""
        for ref in (self.source_ref, self.target_ref, f"refs/tags/{self.tag_prefix}20261121-020000"):
            if not is_full_ref(ref):
                return f"{plain(ref)!r} is no valid ref name"
        return None

    def refspecs(self) -> tuple[tuple[str, str], ...]:
        """(theirs, ours) of everything a run reads. The stars make refs that may be absent no error."""
        return (
            (self.source_ref, SOURCE),
            (self.target_ref, TARGET),
            *self.ledger_refspec(),
            (f"refs/tags/{self.tag_prefix}*", f"{TAGS}{self.tag_prefix}*"),
        )

    def ledger_refspec(self) -> tuple[tuple[str, str], ...]:
        """(theirs, ours) of the ledger alone."""
        return ((f"{LEDGER_REF}*", f"{LEDGER}*"),)


class Fetcher:
    """Fetches one remote into one cache; every failure is a BotError with its reason."""

    def __init__(
        self,
        remote: Remote,
        cache: Cache,
        branches: Branches,
        deadline: float,
        *,
        access: Access = NO_ACCESS,
        kind: CacheKind = CacheKind.FULL,
    ) -> None:
        self._remote = remote
        self._cache = cache
        self._branches = branches
        self._deadline = deadline
        self._access = access
        self._kind = kind

    @property
    def remote(self) -> Runner:
        """For what asks or changes the remote and leaves the cache's refs alone."""
        return self._runner(self._cache, ())

    def ask(self, refs: Sequence[str]) -> dict[str, str]:
        """Where those refs (full names) are on the remote now; absent ones are left out, and nothing is fetched."""
        told = self.remote.check(commands.ls_remote(self._remote.url, refs))
        return {ref: oid for ref, oid in parse_refs(told).items() if ref in refs}

    @contextlib.contextmanager
    def making(self) -> Iterator[Runner]:
        """For what makes objects: the cache's lock keeps everybody away who takes half-written ones for leftovers.

        Where the cache lacks contents of files, git asks the remote for those that it needs; else it has no way there.
        """
        with self._cache.writing(self._deadline) as lock:
            if self._cache.kind is CacheKind.BLOBLESS:
                yield self._runner(self._cache, (lock,))
            else:
                yield Runner(environment(None, self._cache.path, self._access), self._deadline, (lock,))

    def send(self, command: commands.Command) -> Completed:
        """Run a push; the next run's fetch waits for its end, also where this process is killed meanwhile."""
        with self._cache.writing(self._deadline) as lock:
            return self._runner(self._cache, (lock,)).run(command)

    def fetch(self) -> dict[str, str]:
        """Bring everything over, and tell every ref that the cache has then; one that is absent or broken is made anew.

        They are read under the lock that they were written under: nobody else's fetch is in between.
        """
        with self._cache.writing(self._deadline) as lock:
            held = self._update(lock) if self._cache.is_usable() else None
            if held is None:
                held = self._rebuild(lock)
            # Here and not after a push: a fetch is how a run begins, and nothing waits between tested and pushed.
            tidy(self._cache, self._runner(self._cache, (lock,)))
            return held

    def fetch_now(self, ref: str) -> str | None:
        """Bring one ref as it is now, beside what was fetched; its object id, None when the remote has none."""
        with self._cache.writing(self._deadline) as lock:
            runner = self._runner(self._cache, (lock,))
            try:
                self._bring(runner, self._place(self._cache), [(ref, NOW)])
            except BotError as error:
                if error.reason is Reason.BRANCH_MISSING:
                    return None
                raise
            return parse_refs(runner.check(commands.one_ref(NOW))).get(NOW)

    def _update(self, lock: int) -> dict[str, str] | None:
        """The refs as fetched; None where the cache turned out broken."""
        try:
            return self._fetch_into(self._cache, self._runner(self._cache, (lock,)))
        except BotError as error:
            # Words that name no fault of the remote may mean a broken cache, and that can be had anew.
            if error.reason is not Reason.GIT_FAILED:
                raise
            return None

    def _rebuild(self, lock: int) -> dict[str, str]:
        object_format = self._object_format()
        with self._cache.rebuilding() as folder:
            fresh, patience = Cache(folder), self._deadline * _FIRST_FETCH_PATIENCE
            self._runner(fresh, (lock,), patience).check(commands.init(object_format))
            fresh.become(self._kind)
            return self._fetch_into(fresh, self._runner(fresh, (lock,), patience))

    def _fetch_into(self, cache: Cache, runner: Runner) -> dict[str, str]:
        try:
            if cache.kind is CacheKind.BLOBLESS:
                # The ledger is read whole each night, so it comes whole. It comes first: a promotion in between is
                # seen as a ledger that has moved, at the latest by the lease.
                self._bring(runner, self._remote.url, self._branches.ledger_refspec())
            self._bring(runner, self._place(cache), self._branches.refspecs())
        except BotError as error:
            if error.reason is not Reason.BRANCH_MISSING:
                raise
            self._object_format()
            raise
        held = parse_refs(runner.check(commands.ALL_REFS))
        if SOURCE not in held or TARGET not in held:
            raise BotError(Reason.GIT_FAILED, "git fetch ended well, but the cache lacks a branch.")
        return held

    def _place(self, cache: Cache) -> str:
        return PROMISOR if cache.kind is CacheKind.BLOBLESS else self._remote.url

    def _bring(self, runner: Runner, place: str, refspecs: Sequence[tuple[str, str]]) -> None:
        ended = runner.run(commands.fetch(place, refspecs))
        if ended.code:
            raise failure("git fetch", ended.code, ended.err)
        # git only warns, leaves the ref as it was and calls that a success.
        if _SHALLOW in ended.err:
            raise BotError(Reason.HISTORY_INCOMPLETE, "The remote itself is a shallow clone, without all of history.")

    def _object_format(self) -> str:
        """The remote's hash, learnt from its branches; raises when one of ours is not among them."""
        # Away from the cache: one that is broken must not keep git from asking.
        runner = self._runner(Cache(self._cache.path.with_name(f"{self._cache.path.name}.none")), ())
        heads = parse_refs(runner.check(commands.ls_branches(self._remote.url)))
        if not heads:
            raise BotError(Reason.EMPTY_REPOSITORY, "The remote has no branch at all.")
        for ref in (self._branches.source_ref, self._branches.target_ref):
            if ref not in heads:
                raise BotError(Reason.BRANCH_MISSING, f"The remote has no branch {plain(ref[11:])!r}; {_named(heads)}.")
        return "sha256" if len(heads[self._branches.source_ref]) == _SHA256_LENGTH else "sha1"

    def _runner(self, cache: Cache, keep: tuple[int, ...], deadline: float | None = None) -> Runner:
        promised = cache.kind is CacheKind.BLOBLESS
        variables = environment(self._remote, cache.path, self._access, promised=promised)
        return Runner(variables, deadline or self._deadline, keep, lambda: self._access.opened(self._remote))


def _named(heads: dict[str, str]) -> str:
    names = [plain(ref[11:], 40) for ref in sorted(heads)]
    more = f" and {len(names) - _LISTED_BRANCHES} more" if len(names) > _LISTED_BRANCHES else ""
    return f"it has {', '.join(names[:_LISTED_BRANCHES])}{more}"
