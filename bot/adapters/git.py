"""The remote and its bare cache: reads branches, history and the ledger; writes one atomic push and reads it back."""

import contextlib
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from bot.adapters import git_commands as commands
from bot.adapters.git_access import NO_ACCESS, Access
from bot.adapters.git_audit import GitAudit
from bot.adapters.git_cache import Cache, CacheKind
from bot.adapters.git_environment import environment
from bot.adapters.git_fetch import TARGET, Branches, Fetcher
from bot.adapters.git_files import file_at
from bot.adapters.git_ledger import write_ledger
from bot.adapters.git_merge import make_commit, merge, picked
from bot.adapters.git_parcel import objects
from bot.adapters.git_pick import has_twin
from bot.adapters.git_push import parse_push
from bot.adapters.git_reader import GitReader
from bot.adapters.git_refs import is_full_ref
from bot.adapters.git_remote import parse_remote
from bot.adapters.git_runner import Runner, check_version
from bot.adapters.git_signing import NO_SIGNING, Signing
from bot.adapters.git_verify import Verifier
from bot.core.candidate import BranchFacts, Meanwhile
from bot.core.merging import Merged
from bot.core.objects import tag_bytes
from bot.core.parcel import Carrier, GitObject, Parcel, Wanted
from bot.core.plan import updates
from bot.core.promotion import (
    LEDGER_REF,
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
from bot.core.text import plain
from bot.errors import BotError, Reason

Parts: TypeAlias = Callable[[str], contextlib.AbstractContextManager[object]]


class GitRepository(GitReader):
    """One remote with its two branches, seen through a bare cache; `deadline` is in seconds for each git process.

    `remote` is an https, ssh or scp-like address or a local path, `source` and `target` are branch names,
    `tag_prefix` is what release tags begin with. `carrier` sends in the place of git, which always reads. Every failure
    is a BotError with its reason.
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
        carrier: Carrier | None = None,
    ) -> None:
        self._remote = parse_remote(remote)
        branches = Branches(source, target, tag_prefix)
        problem = branches.problem()
        if problem is not None:
            raise BotError(Reason.BAD_CONFIGURATION, f"[repository]: {problem}.")
        held = Cache(cache.absolute())
        # Reading needs no transport, so it gets none: whatever it would ask a remote for cannot be asked.
        super().__init__(Runner(environment(None, held.path, access), deadline), held, branches)
        self._fetcher = Fetcher(self._remote, self._cache, self._branches, deadline, access=access, kind=kind)
        self._signing = signing
        self._carrier = carrier
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
        self._known = self._nothing_known()
        self._known.refs = self._fetcher.fetch()

    def branch_facts(self) -> BranchFacts:
        """How the two branches relate, as fetched; a cache that turns out broken is made anew, once."""
        try:
            return self._facts()
        except BotError as error:
            if error.reason is not Reason.GIT_FAILED:
                raise
        self.fetch()
        return self._facts()

    def meanwhile(self, branch: str, sha: str) -> Meanwhile:
        """What became of that branch and of the target, asked anew; a branch that is gone has no commit any more."""
        ref, target_ref = _branch_ref(branch), self._branches.target_ref
        now = self._fetcher.ask([ref, target_ref])
        tip = now.get(ref)
        if tip not in (None, sha):
            # Somebody pushed meanwhile; most nights nobody does, and there is nothing to fetch.
            tip = self._fetcher.fetch_now(ref)
        has_candidate = tip is not None and (tip == sha or self.contains(tip, sha))
        return Meanwhile(has_candidate, now.get(target_ref))

    def branch_tip(self, branch: str) -> str | None:
        """Where a branch of the remote is now, brought into the cache; None when there is none of that name."""
        return self._fetcher.fetch_now(_branch_ref(branch))

    def merge(self, ours: str, theirs: str) -> Merged:
        """Merge two commits (full ids) as git does, without a work tree; nothing but objects is written."""
        known = self._known.merges.get((ours, theirs))
        if known is None:
            with self._distrust(), self._fetcher.making() as runner:
                known = self._known.merges[ours, theirs] = merge(runner, ours, theirs)
        return known

    def has_twin(self, tip: str, sha: str, parent: str) -> bool:
        """Whether a branch at `tip` has the patch of that commit (with that only parent) already, by git's patch id."""
        with self._distrust(), self._fetcher.making() as runner:
            return has_twin(runner, tip, sha, parent)

    def pick(self, tree: str, sha: str, parent: str) -> Merged:
        """What a commit changed since its only parent, applied to a tree (all full ids); only objects are written."""
        with self._distrust(), self._fetcher.making() as runner:
            return picked(runner, tree, sha, parent)

    def file_at(self, sha: str, path: str, limit: int) -> bytes | None:
        """The content of a file of a commit (full id), None where it has none of that name.

        Raises:
            BotError: BAD_CONFIGURATION, when it is larger than `limit` bytes; it is not read then.
        """
        with self._distrust(), self._fetcher.making() as runner:
            return file_at(runner, sha, path, limit)

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
        heads = self._fetched(TARGET), self._ledger_at(self.ledger_tip())
        return GitAudit(self._runner, *heads, memory=self._memory, verifier=verifier, trusting=self._distrust)

    @property
    def _memory(self) -> Path:
        """What audits of this remote and target saw: configurations that share a folder share no memory."""
        whose = hashlib.sha256(f"{self._remote.url}\0{self._branches.target}".encode("utf-8", "surrogateescape"))
        return self._cache.path.with_suffix(f".{whose.hexdigest()[:12]}.seen.json")

    @property
    def sent_by(self) -> str:
        """How pushes are sent where it is not by git, as the end of "It would be sent"; else empty."""
        return self._carrier.words if self._carrier else ""

    def prepare(self, plan: PushPlan, part: Parts = contextlib.nullcontext) -> Prepared:
        """Make commits, tag object and ledger commit in the cache, deterministically; nothing is sent.

        `part` is entered by name around each of them.

        Raises:
            BotError: MERGE_INEXACT, when a planned commit is not what its recipe makes (invariant I29).
        """
        with self._distrust(), self._fetcher.making() as runner:
            for commit in plan.commits:
                with part("make commit"):
                    make_commit(runner, commit)
            tag_oid = ledger_oid = None
            if plan.tag is not None:
                with part("make tag"):
                    tag_oid = runner.check(commands.WRITE_TAG, tag_bytes(plan.tag)).decode().strip()
            if plan.has_ledger:
                with part("make ledger entry"):
                    ledger_oid = write_ledger(runner, self._ledger_at(plan.ledger_before), plan, self._cache.path)
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
        try:
            return self._sent(prepared) if self._carrier is None else self._carrier.carry(self._parcel(prepared))
        except BotError as error:
            nobody = error.reason is Reason.BAD_CREDENTIALS
            return PushReport(PushOutcome.UNAUTHENTICATED if nobody else PushOutcome.UNKNOWN, (), error.sentence)

    def read_back(self, prepared: Prepared) -> ReadBack:
        """What the remote holds now under the refs of that plan, asked anew."""
        plan = prepared.plan
        tag = f"refs/tags/{plan.tag.name}" if plan.tag else None
        refs = (*(move.ref for move in plan.moves), *((tag, f"{tag}^{{}}") if tag else ()), LEDGER_REF)
        held = self._fetcher.ask(refs)
        return ReadBack(
            moves=tuple(self._seen(held, move) for move in plan.moves),
            tag_oid=held.get(tag) if tag else None,
            tag_commit=held.get(f"{tag}^{{}}") if tag else None,
            ledger=self._seen(held, Move(LEDGER_REF, plan.ledger_before or "", prepared.ledger_oid or "")),
        )

    def _sent(self, prepared: Prepared) -> PushReport:
        """By a push of git's own."""
        wanted = updates(prepared)
        ended = self._fetcher.send(commands.push(self._remote.url, wanted))
        return parse_push(ended, wanted, frozenset(move.ref for move in prepared.plan.moves if move.way is Way.REWIND))

    def _parcel(self, prepared: Prepared) -> Parcel:
        """What goes another way than git's."""
        refs = [line.ref for line in updates(prepared)]
        return Parcel(prepared, self._fetcher.ask(refs), self._objects)

    def _objects(self, wanted: Wanted, most: int) -> tuple[GitObject, ...] | None:
        with self._distrust(), self._fetcher.making() as runner:
            return objects(runner, wanted, most)

    def _seen(self, held: Mapping[str, str], move: Move) -> Seen:
        """Where the ref of a move is; asked more closely where it is neither where it was nor where it goes."""
        now = held.get(move.ref)
        if now in (None, move.before, move.after):
            return Seen(now)
        past = bool(move.after) and self._is_past(move)
        return Seen(now, past=past, rewound=not past and bool(move.before) and self.contains(move.before, now or ""))

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


def _branch_ref(branch: str) -> str:
    ref = f"refs/heads/{branch}"
    if not is_full_ref(ref):
        raise BotError(Reason.BAD_USAGE, f"{plain(branch)!r} is no valid branch name.")
    return ref
