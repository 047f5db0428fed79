"""The remote and its bare cache: reads branches, history and the ledger; writes one atomic push and reads it back."""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from bot.adapters import git_commands as commands
from bot.adapters.git_access import NO_ACCESS, Access
from bot.adapters.git_audit import GitAudit
from bot.adapters.git_authors import Authors
from bot.adapters.git_cache import Cache, CacheKind
from bot.adapters.git_environment import environment
from bot.adapters.git_errors import failure
from bot.adapters.git_fetch import LEDGER, SOURCE, TAGS, TARGET, Branches, Fetcher
from bot.adapters.git_ledger import read_controls, read_ledger, write_ledger
from bot.adapters.git_log import parse_log
from bot.adapters.git_merge import make_commit, merge, picked, tree_of
from bot.adapters.git_pick import has_twin, original
from bot.adapters.git_push import parse_push
from bot.adapters.git_refs import is_full_id, is_full_ref, parse_refs
from bot.adapters.git_remote import parse_remote
from bot.adapters.git_runner import Runner, check_version
from bot.adapters.git_signing import NO_SIGNING, Signing
from bot.adapters.git_verify import Verifier
from bot.core.candidate import BranchFacts, Commit
from bot.core.control import Control
from bot.core.merging import Merged
from bot.core.objects import tag_bytes
from bot.core.pick import Original
from bot.core.plan import updates
from bot.core.promotion import (
    LEDGER_REF,
    LedgerEntry,
    LockProof,
    Move,
    Prepared,
    PushOutcome,
    PushPlan,
    PushReport,
    ReadBack,
    Seen,
    Way,
)
from bot.core.settle import is_landed
from bot.core.tags import sort_tags
from bot.core.text import plain
from bot.errors import BotError, Reason

Parts: TypeAlias = Callable[[str], contextlib.AbstractContextManager[object]]

_MOST_ONLY_ON_TARGET: Final = 20
_MOST_PATHS: Final = 200
_ABBREVIATED: Final = re.compile(r"[0-9a-f]{4,64}")


class GitRepository:
    """One remote with its two branches, seen through a bare cache; `deadline` is in seconds for each git process.

    `remote` is an https, ssh or scp-like address or a local path, `source` and `target` are branch names,
    `tag_prefix` is what release tags begin with. Every failure is a BotError with its reason.
    """

    def __init__(
        self,
        remote: str,
        cache: Path,
        source: str,
        target: str,
        tag_prefix: str,
        *,
        deadline: float = 120.0,
        access: Access = NO_ACCESS,
        kind: CacheKind = CacheKind.FULL,
        signing: Signing = NO_SIGNING,
    ) -> None:
        self._remote = parse_remote(remote)
        self._branches = Branches(source, target, tag_prefix)
        problem = self._branches.problem()
        if problem is not None:
            raise BotError(Reason.BAD_CONFIGURATION, f"[repository]: {problem}.")
        self._cache = Cache(cache.absolute())
        # Reading needs no transport, so it gets none: whatever it would ask a remote for cannot be asked.
        self._runner = Runner(environment(None, self._cache.path, access), deadline)
        self._fetcher = Fetcher(self._remote, self._cache, self._branches, deadline, access=access, kind=kind)
        self._signing = signing
        self._authors = Authors(self._runner, self._cache.path.with_suffix(".authors.json"))
        self._refs: dict[str, str] | None = None
        self._ancestry: dict[tuple[str, str], bool] = {}
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

    def commit(self, sha: str) -> Commit:
        """One commit of the cache, by its full id; BotError(GIT_FAILED) where the cache lacks it."""
        return self._log("", sha, 1)[0]

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

    def controls(self) -> tuple[Control, ...]:
        """All freezes, quarantines and their ends as fetched, in the order in which they were written."""
        tip = self.ledger_tip()
        with self._distrust():
            return read_controls(self._runner, tip)

    def branch_tip(self, branch: str) -> str | None:
        """Where a branch of the remote is now, brought into the cache; None when there is none of that name."""
        ref = f"refs/heads/{branch}"
        if not is_full_ref(ref):
            raise BotError(Reason.BAD_USAGE, f"{plain(branch)!r} is no valid branch name.")
        return self._fetcher.fetch_now(ref)

    def merge(self, ours: str, theirs: str) -> Merged:
        """Merge two commits (full ids) as git does, without a work tree; nothing but objects is written."""
        with self._distrust(), self._contents() as runner:
            return merge(runner, ours, theirs)

    def tree_of(self, sha: str) -> str:
        """The id of a commit's tree."""
        with self._distrust():
            return tree_of(self._runner, sha)

    def original(self, sha: str) -> Original:
        """A commit as a cherry-pick needs it: its author, their time and zone, and its whole message."""
        with self._distrust():
            return original(self._runner, sha)

    def has_twin(self, tip: str, sha: str, parent: str) -> bool:
        """Whether a branch at `tip` has the patch of that commit (with that only parent) already, by git's patch id."""
        with self._distrust(), self._contents() as runner:
            return has_twin(runner, tip, sha, parent)

    def pick(self, tree: str, sha: str, parent: str) -> Merged:
        """What a commit changed since its only parent, applied to a tree (all full ids); only objects are written."""
        with self._distrust(), self._contents() as runner:
            return picked(runner, tree, sha, parent)

    def touched(self, paths: Sequence[str], base: str, tip: str, limit: int = 20) -> tuple[Commit, ...]:
        """The commits in `base..tip` that touched any of those paths, newest first, at most `limit`.

        Of very many paths the first few hundred are looked at: an argument list has an end.
        """
        with self._distrust():
            return parse_log(self._runner.check(commands.log_of_paths(base, tip, paths[:_MOST_PATHS], limit)))

    def check_signing(self) -> None:
        """That the key which signs tags can be used, where there is one; BotError(SIGNING_FAILED) where it cannot."""
        if self._signing.signer is not None:
            self._signing.signer.check()

    def sign(self, plan: PushPlan, part: Parts = contextlib.nullcontext) -> PushPlan:
        """The plan with its tag signed, where there is a key; it must be journalled before anything is made of it."""
        if plan.tag is None or self._signing.signer is None:
            return plan
        with part("sign tag"):
            return replace(plan, tag=self._signing.signer.signed(plan.tag))

    def auditable(self) -> GitAudit:
        """What an audit looks at, as fetched."""
        verifier = Verifier(self._runner, self._signing) if self._signing.is_checked else None
        memory = self._cache.path.with_suffix(".seen.json")
        heads = self._fetched(TARGET), self.ledger_tip()
        return GitAudit(self._runner, *heads, memory=memory, verifier=verifier, trusting=self._distrust)

    def prepare(self, plan: PushPlan, part: Parts = contextlib.nullcontext) -> Prepared:
        """Make commits, tag object and ledger commit in the cache, deterministically; nothing is sent.

        `part` is entered by name around each of them.

        Raises:
            BotError: MERGE_INEXACT, when a planned commit is not what its recipe makes (invariant I29).
        """
        with self._distrust():
            for commit in plan.commits:
                with part("make commit"), self._contents() as runner:
                    make_commit(runner, commit)
            tag_oid = ledger_oid = None
            if plan.tag is not None:
                with part("make tag"):
                    tag_oid = self._runner.check(commands.WRITE_TAG, tag_bytes(plan.tag)).decode().strip()
            if plan.has_ledger:
                with part("make ledger entry"):
                    ledger_oid = write_ledger(self._runner, plan)
            return Prepared(plan, tag_oid, ledger_oid)

    def push(self, prepared: Prepared, lock: LockProof) -> PushReport:
        """Send all that was prepared in one atomic push with a lease on each ref.

        A push that ended without a clear answer is UNKNOWN, never an error: `read_back` decides.

        Raises:
            BotError: NOT_FAST_FORWARD or HISTORY_INCOMPLETE, before anything is sent.
        """
        if not isinstance(lock, LockProof):
            raise TypeError("a push needs the proof that this machine's lock is held")
        self._prove_moves(prepared.plan)
        wanted = updates(prepared)
        try:
            ended = self._fetcher.send(commands.push(self._remote.url, wanted))
        except BotError as error:
            nobody = error.reason is Reason.BAD_CREDENTIALS
            return PushReport(PushOutcome.UNAUTHENTICATED if nobody else PushOutcome.UNKNOWN, (), error.sentence)
        return parse_push(ended, wanted)

    def read_back(self, prepared: Prepared) -> ReadBack:
        """What the remote holds now under the refs of that plan, asked anew."""
        plan = prepared.plan
        tag = f"refs/tags/{plan.tag.name}" if plan.tag else None
        refs = (*(move.ref for move in plan.moves), *((tag, f"{tag}^{{}}") if tag else ()), LEDGER_REF)
        held = parse_refs(self._fetcher.remote.check(commands.ls_remote(self._remote.url, refs)))
        return ReadBack(
            moves=tuple(self._seen(held, move) for move in plan.moves),
            tag_oid=held.get(tag) if tag else None,
            tag_commit=held.get(f"{tag}^{{}}") if tag else None,
            ledger=self._seen(held, Move(LEDGER_REF, plan.ledger_before or "", prepared.ledger_oid or "")),
        )

    def _seen(self, held: Mapping[str, str], move: Move) -> Seen:
        """Where the ref of a move is; asked more closely where it is neither where it was nor where it goes."""
        now = held.get(move.ref)
        if now in (None, move.before, move.after):
            return Seen(now)
        past = bool(move.after) and self._is_past(move)
        return Seen(now, past=past, rewound=not past and bool(move.before) and self.contains(move.before, now or ""))

    def is_landed(self, prepared: Prepared) -> bool:
        """Whether the remote, asked anew, holds all of a prepared promotion."""
        return is_landed(prepared, self.read_back(prepared))

    def _prove_moves(self, plan: PushPlan) -> None:
        """That every branch goes to a descendant of where it is, or, where that is meant, back to where it was (I3)."""
        incomplete = self._incomplete()
        if incomplete:
            raise BotError(Reason.HISTORY_INCOMPLETE, f"Ancestry cannot be proved: there is {', '.join(incomplete)}.")
        for move in plan.moves:
            older, newer = (move.before, move.after) if move.way is Way.FORWARD else (move.after, move.before)
            if not self._is_ancestor(older, newer):
                raise BotError(Reason.NOT_FAST_FORWARD, f"{older[:12]} is not an ancestor of {newer[:12]}.")

    def _is_past(self, move: Move) -> bool:
        """Whether the ref is at a descendant of where it goes, and that is not merely where a rewind began."""
        tip = self._fetcher.fetch_now(move.ref)
        # What the cache lacks although it holds all of the tip's history cannot be in it.
        if tip is None or not self.contains(tip, move.after):
            return False
        return move.way is Way.FORWARD or not self._is_ancestor(move.before, tip)

    def _is_ancestor(self, older: str, newer: str) -> bool:
        """Asked of git once for each pair: between full ids it never changes, and it is a walk through history."""
        known = self._ancestry.get((older, newer))
        if known is None:
            ended = self._runner.run(commands.is_ancestor(older, newer))
            with self._distrust():
                if ended.code not in (0, 1):
                    raise failure("git merge-base", ended.code, ended.err)
            known = self._ancestry[older, newer] = ended.code == 0
        return known

    def _log(self, base: str, tip: str, limit: int | None = None) -> tuple[Commit, ...]:
        with self._distrust():
            return parse_log(self._runner.check(commands.log(base, tip, limit)))

    @contextlib.contextmanager
    def _contents(self) -> Iterator[Runner]:
        """For what reads contents of files: only where the cache may lack them is there a way to the remote."""
        if self._cache.kind is CacheKind.FULL:
            yield self._runner
        else:
            with self._fetcher.contents() as runner:
                yield runner

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
