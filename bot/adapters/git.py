"""The remote and its bare cache: reads branches, history and the ledger; writes one atomic push and reads it back."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_authors import Authors
from bot.adapters.git_cache import Cache
from bot.adapters.git_environment import environment
from bot.adapters.git_errors import failure
from bot.adapters.git_fetch import LEDGER, SOURCE, TAGS, TARGET, Branches, Fetcher
from bot.adapters.git_ledger import read_ledger, write_ledger
from bot.adapters.git_log import parse_log
from bot.adapters.git_objects import tag_bytes
from bot.adapters.git_push import parse_push
from bot.adapters.git_refs import is_full_id, parse_refs
from bot.adapters.git_remote import parse_remote
from bot.adapters.git_runner import Runner, check_version
from bot.core.candidate import BranchFacts, Commit
from bot.core.plan import updates
from bot.core.promotion import (
    LEDGER_REF,
    LedgerEntry,
    LockProof,
    Prepared,
    PromotionPlan,
    PushOutcome,
    PushReport,
    ReadBack,
)
from bot.core.settle import is_landed
from bot.core.tags import sort_tags
from bot.errors import BotError, Reason

_MOST_ONLY_ON_TARGET: Final = 20
_ABBREVIATED: Final = re.compile(r"[0-9a-f]{4,64}")


class GitRepository:
    """One remote with its two branches, seen through a bare cache; `deadline` is in seconds for each git process.

    `remote` is an https, ssh or scp-like address or a local path, `source` and `target` are branch names,
    `tag_prefix` is what release tags begin with. Every failure is a BotError with its reason.
    """

    def __init__(
        self, remote: str, cache: Path, source: str, target: str, tag_prefix: str, *, deadline: float = 120.0
    ) -> None:
        self._remote = parse_remote(remote)
        self._branches = Branches(source, target, tag_prefix)
        problem = self._branches.problem()
        if problem is not None:
            raise BotError(Reason.BAD_CONFIGURATION, f"[repository]: {problem}.")
        self._cache = Cache(cache.absolute())
        self._runner = Runner(environment(self._remote, self._cache.path), deadline)
        self._fetcher = Fetcher(self._remote, self._cache, self._branches, deadline)
        self._authors = Authors(self._runner, self._cache.path.with_suffix(".authors.json"))
        self._refs: dict[str, str] | None = None
        self._version: str | None = None

    @property
    def version(self) -> str:
        """The version of git, asked once; BotError(GIT_UNUSABLE) when there is none or it is too old."""
        if self._version is None:
            self._version = check_version(self._runner, commands.VERSION)
        return self._version

    def fetch(self) -> None:
        """Bring source, target, release tags and the ledger into the cache, by explicit refspecs."""
        _ = self.version
        self._refs = None
        self._fetcher.fetch()

    def branch_facts(self) -> BranchFacts:
        """How the two branches relate, as fetched; a cache that turns out broken is made anew, once."""
        try:
            return self._facts()
        except BotError as error:
            if error.reason is not Reason.GIT_FAILED:
                raise
        self.fetch()
        return self._facts()

    def _facts(self) -> BranchFacts:
        source, target = self._fetched(SOURCE), self._fetched(TARGET)
        incomplete = self._incomplete()
        is_ancestor = not incomplete and self._is_ancestor(target, source)
        only = () if incomplete or is_ancestor else self._log(source, target, _MOST_ONLY_ON_TARGET)
        return BranchFacts(
            source=self._branches.source,
            target=self._branches.target,
            source_sha=source,
            target_sha=target,
            target_is_ancestor=is_ancestor,
            only_on_target=only,
            incomplete=incomplete,
        )

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """The commits in `base..tip`, newest first, read by one `git log`; `base` may be empty for all of history."""
        return self._log(base, tip)

    def authors(self, tip: str) -> frozenset[str]:
        """The lower-cased e-mail addresses of everybody who authored a commit reachable from `tip`."""
        with self._distrust():
            return self._authors.up_to(tip)

    def contains(self, ref_sha: str, sha: str) -> bool:
        """Whether `sha` is reachable from `ref_sha` (full ids); an id that nobody knows is not."""
        return self._commit_id(sha) is not None and self._is_ancestor(sha, ref_sha)

    def source_still_contains(self, sha: str) -> bool:
        """Whether the remote's source branch, asked anew, still has that commit; False when the branch is gone."""
        tip = self._fetcher.fetch_now(self._branches.source_ref)
        return tip is not None and (tip == sha or self.contains(tip, sha))

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All promotions of the ledger as fetched, oldest first."""
        tip = self.ledger_tip()
        with self._distrust():
            return read_ledger(self._runner, tip)

    def ledger_tip(self) -> str | None:
        """The ledger's object id as fetched, None where there is none."""
        return self._held().get(LEDGER)

    def release_tags(self) -> tuple[str, ...]:
        """The names of all release tags as fetched, ascending."""
        names = (ref.removeprefix(TAGS) for ref in self._held() if ref.startswith(TAGS))
        return sort_tags(self._branches.tag_prefix, names)

    def resolve(self, name: str) -> str | None:
        """The full commit id of an id (full or abbreviated), one of the two branches, or a release tag; None for none.

        A branch wins over a tag of the same name, and both over an abbreviated id.
        """
        known = self._private_name(name)
        if known is None and not _ABBREVIATED.fullmatch(name):
            return None
        return self._commit_id(known or name)

    def _commit_id(self, name: str) -> str | None:
        ended = self._runner.run(commands.commit_id(name))
        sha = ended.out.decode("ascii", "replace").strip()
        return sha if ended.code == 0 and is_full_id(sha) else None

    def prepare(self, plan: PromotionPlan) -> Prepared:
        """Make the tag object and the ledger commit in the cache, deterministically; nothing is sent."""
        with self._distrust():
            tag_oid = self._runner.check(commands.WRITE_TAG, tag_bytes(plan.tag)).decode().strip()
            return Prepared(plan=plan, tag_oid=tag_oid, ledger_oid=write_ledger(self._runner, plan))

    def push(self, prepared: Prepared, lock: LockProof) -> PushReport:
        """Send target, tag and ledger in one atomic push with a lease on each.

        A push that ended without a clear answer is UNKNOWN, never an error: `read_back` decides.

        Raises:
            BotError: NOT_FAST_FORWARD or HISTORY_INCOMPLETE, before anything is sent.
        """
        if not isinstance(lock, LockProof):
            raise TypeError("a push needs the proof that this machine's lock is held")
        self._prove_fast_forward(prepared.plan)
        wanted = updates(prepared)
        try:
            ended = self._runner.run(commands.push(self._remote.url, wanted))
        except BotError as error:
            return PushReport(PushOutcome.UNKNOWN, (), error.sentence)
        return parse_push(ended, wanted)

    def read_back(self, prepared: Prepared) -> ReadBack:
        """What the remote holds now under the refs of that plan, asked anew."""
        plan = prepared.plan
        tag = f"refs/tags/{plan.tag.name}"
        refs = (plan.target_ref, tag, f"{tag}^{{}}", LEDGER_REF)
        seen = parse_refs(self._runner.check(commands.ls_remote(self._remote.url, refs)))
        target, ledger = seen.get(plan.target_ref), seen.get(LEDGER_REF)
        return ReadBack(
            target=target,
            tag_oid=seen.get(tag),
            tag_commit=seen.get(f"{tag}^{{}}"),
            ledger=ledger,
            target_past=target not in (None, plan.sha, plan.target_before) and self._is_past(plan.target_ref, plan.sha),
            ledger_past=ledger not in (None, prepared.ledger_oid, plan.ledger_before)
            and self._is_past(LEDGER_REF, prepared.ledger_oid),
        )

    def is_landed(self, prepared: Prepared) -> bool:
        """Whether the remote, asked anew, holds all of a prepared promotion."""
        return is_landed(prepared, self.read_back(prepared))

    def _prove_fast_forward(self, plan: PromotionPlan) -> None:
        incomplete = self._incomplete()
        if incomplete:
            raise BotError(Reason.HISTORY_INCOMPLETE, f"Ancestry cannot be proved: there is {', '.join(incomplete)}.")
        if not self._is_ancestor(plan.target_before, plan.sha):
            raise BotError(Reason.NOT_FAST_FORWARD, f"{plan.target_before[:12]} is not an ancestor of {plan.sha[:12]}.")

    def _is_past(self, ref: str, sha: str) -> bool:
        tip = self._fetcher.fetch_now(ref)
        return tip is not None and self._is_ancestor(sha, tip)

    def _is_ancestor(self, older: str, newer: str) -> bool:
        ended = self._runner.run(commands.is_ancestor(older, newer))
        with self._distrust():
            if ended.code not in (0, 1):
                raise failure("git merge-base", ended.code, ended.err)
        return ended.code == 0

    def _log(self, base: str, tip: str, limit: int | None = None) -> tuple[Commit, ...]:
        with self._distrust():
            return parse_log(self._runner.check(commands.log(base, tip, limit)))

    @contextlib.contextmanager
    def _distrust(self) -> Iterator[None]:
        """Where reading the cache fails for no named reason, it may be broken: the next fetch makes it anew."""
        try:
            yield
        except BotError as error:
            if error.reason is Reason.GIT_FAILED:
                self._cache.suspect()
            raise

    def _incomplete(self) -> tuple[str, ...]:
        replaced = any(ref.startswith("refs/replace/") for ref in self._held())
        return (*self._cache.incomplete(), *(("replace refs",) if replaced else ()))

    def _private_name(self, name: str) -> str | None:
        branches = {self._branches.source: SOURCE, self._branches.target: TARGET}
        branches |= {f"refs/heads/{branch}": ref for branch, ref in branches.items()}
        tag = TAGS + name.removeprefix("refs/tags/")
        return branches.get(name) or (tag if tag in self._held() else None)

    def _fetched(self, ref: str) -> str:
        sha = self._held().get(ref)
        if sha is None:
            raise BotError(Reason.GIT_FAILED, f"The cache lacks {ref}; nothing was fetched yet.")
        return sha

    def _held(self) -> dict[str, str]:
        """Every ref of the cache, read once after each fetch: no name is resolved twice in a run (I1)."""
        if self._refs is None:
            self._refs = parse_refs(self._runner.check(commands.ALL_REFS))
        return self._refs
