"""The remote, as flows need it: reading, one atomic push, and a work tree for a person."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bot.core.backport import Begun, Resolution
from bot.core.candidate import BranchFacts, Commit, Meanwhile
from bot.core.control import Control
from bot.core.merging import Merged
from bot.core.pick import Original
from bot.core.promotion import LedgerEntry, LockProof, Prepared, PushPlan, PushReport, ReadBack
from bot.core.trail import Gap, Sighting, Trail


class Auditable(Protocol):
    """What an audit looks at, as fetched, and what earlier audits of this installation saw."""

    @property
    def rule(self) -> str:
        """What signatures are held to, as a digest; empty where they are not checked."""
        ...

    def trail(self) -> Trail:
        """The target's tip, all release tags and the whole history of the ledger."""
        ...

    def gap(self, older: str, newer: str) -> Gap:
        """How the target got from one commit to the other."""
        ...

    def sighting(self) -> Sighting:
        """What earlier audits saw; nothing where that was lost."""
        ...

    def remember(self, sighting: Sighting) -> None:
        """Keep what this audit saw for the next one."""
        ...


class Repository(Protocol):
    """The remote and its bare cache; every failure is a BotError with its reason."""

    def fetch(self) -> None:
        """Bring source, target, release tags and the ledger into the cache, by explicit refspecs."""
        ...

    def branch_facts(self) -> BranchFacts:
        """Resolve both branches once and say how they relate, on complete history."""
        ...

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """The commits in `base..tip`, newest first, read by one `git log`; `base` may be empty for all of history."""
        ...

    def commit(self, sha: str) -> Commit:
        """One commit of the cache, by its full id."""
        ...

    def contains(self, ref_sha: str, sha: str) -> bool:
        """Whether `sha` is reachable from `ref_sha`."""
        ...

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All promotions of the ledger, oldest first."""
        ...

    def controls(self) -> tuple[Control, ...]:
        """All freezes, quarantines and their ends as fetched, in the order in which they were written."""
        ...

    def branch_tip(self, branch: str) -> str | None:
        """Where a branch of the remote is now, brought into the cache; None when there is none of that name."""
        ...

    def merge(self, ours: str, theirs: str) -> Merged:
        """Merge two commits (full ids) as git does, without a work tree; nothing but objects is written."""
        ...

    def tree_of(self, sha: str) -> str:
        """The id of a commit's tree."""
        ...

    def original(self, sha: str) -> Original:
        """A commit as a cherry-pick needs it: its author, their time and zone, and its whole message."""
        ...

    def has_twin(self, tip: str, sha: str, parent: str) -> bool:
        """Whether a branch at `tip` has the patch of that commit (with that only parent) already."""
        ...

    def pick(self, tree: str, sha: str, parent: str) -> Merged:
        """What a commit changed since its only parent, applied to a tree; nothing but objects is written."""
        ...

    def touched(self, paths: Sequence[str], base: str, tip: str, limit: int = 20) -> tuple[Commit, ...]:
        """The commits in `base..tip` that touched any of those paths, newest first, at most `limit`."""
        ...

    def file_at(self, sha: str, path: str, limit: int) -> bytes | None:
        """The content of a file of a commit, None where it has none of that name; an error where it is longer."""
        ...

    def ledger_tip(self) -> str | None:
        """The ledger's object id as fetched, None where there is none."""
        ...

    def release_tags(self) -> tuple[str, ...]:
        """The names of all release tags, ascending."""
        ...

    def resolve(self, name: str) -> str | None:
        """The full commit id of a full or abbreviated id, a branch or a tag of the cache; None when there is none."""
        ...

    def meanwhile(self, branch: str, sha: str) -> Meanwhile:
        """Whether that branch, asked anew, still has the commit, and where the target is by now."""
        ...

    def authors(self, tip: str) -> frozenset[str]:
        """The lower-cased e-mail addresses of everybody who authored a commit reachable from `tip`."""
        ...

    def check_signing(self) -> None:
        """That the key which signs tags can be used, where there is one."""
        ...

    def sign(self, plan: PushPlan, part: Callable[[str], AbstractContextManager[object]] = ...) -> PushPlan:
        """The plan with its tag signed, where there is a key; to be journalled before anything is made of it."""
        ...

    def auditable(self) -> Auditable:
        """What an audit looks at, as fetched."""
        ...

    @property
    def sent_by(self) -> str:
        """How pushes are sent where it is not by git, as the end of "It would be sent"; else empty."""
        ...

    def prepare(self, plan: PushPlan, part: Callable[[str], AbstractContextManager[object]] = ...) -> Prepared:
        """Make commits, tag object and ledger commit in the cache, deterministically; nothing is sent.

        `part` is entered by name around each of them.
        """
        ...

    def push(self, prepared: Prepared, lock: LockProof) -> PushReport:
        """Send all that was prepared in one atomic push with a lease on each ref."""
        ...

    def read_back(self, prepared: Prepared) -> ReadBack:
        """What the remote holds now under the refs of that plan, asked anew."""
        ...


class Workbench(Protocol):
    """The one place with a work tree: that of a person who resolves a back-merge. Used under this machine's lock."""

    @property
    def path(self) -> Path:
        """Where the work tree is, or will be."""
        ...

    def begun(self) -> Begun | None:
        """The back-merge that waits there for a person; None where there is none."""
        ...

    def begin(self, begun: Begun, subject: str) -> None:
        """Make the work tree with the merge begun, all of it or nothing."""
        ...

    def resolution(self) -> Resolution:
        """What the person made of it."""
        ...

    def marked(self, sha: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Which of those files have lines with conflict markers in that commit."""
        ...

    def hand_in(self, sha: str) -> None:
        """Bring the person's commit into the cache."""
        ...

    def remove(self) -> bool:
        """Take it away, whatever is in it; returns whether there was any."""
        ...
