"""What the cache says of the remote as it was fetched: history, branches, tags, ledger; nothing is sent from here."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_authors import Authors
from bot.adapters.git_cache import Cache
from bot.adapters.git_errors import failure
from bot.adapters.git_exchange import Completed
from bot.adapters.git_fetch import LEDGER, SOURCE, TAGS, TARGET, Branches
from bot.adapters.git_known import Known
from bot.adapters.git_ledger import Ledger
from bot.adapters.git_log import parse_log
from bot.adapters.git_merge import tree_of
from bot.adapters.git_pick import original
from bot.adapters.git_refs import is_full_id, parse_refs
from bot.adapters.git_runner import Runner
from bot.core.candidate import BranchFacts, Commit
from bot.core.control import Control
from bot.core.ledger import of_prefix
from bot.core.pick import Original
from bot.core.promotion import LedgerEntry
from bot.core.tags import sort_tags
from bot.errors import BotError, Reason

_MOST_ONLY_ON_TARGET: Final = 20
_ABBREVIATED: Final = re.compile(r"[0-9a-f]{4,64}")
_MOST_PATHS: Final = 200
_REPLACED: Final = "refs/replace/"
_SUCCESS: Final = 0
_ANSWERS: Final = (_SUCCESS, 1)


class GitReader:
    """Reads one cache by git processes of `runner`; every failure is a BotError with its reason."""

    def __init__(self, runner: Runner, cache: Cache, branches: Branches) -> None:
        self._runner = runner
        self._cache = cache
        self._branches = branches
        self._authors = Authors(runner, cache.path.with_suffix(".authors.json"))
        self._known = self._nothing_known()
        self._ancestry: dict[tuple[str, str], Completed] = {}

    def commits(self, base: str, tip: str) -> tuple[Commit, ...]:
        """The commits in `base..tip`, newest first, read by one `git log`; `base` may be empty for all of history."""
        return self._log(base, tip)

    def commit(self, sha: str) -> Commit:
        """One commit of the cache, by its full id; BotError(GIT_FAILED) where the cache lacks it."""
        return self._few("", sha, 1)[0]

    def authors(self, tip: str) -> frozenset[str]:
        """The lower-cased e-mail addresses of everybody who authored a commit reachable from `tip`."""
        with self._distrust():
            return self._authors.up_to(tip)

    def contains(self, ref_sha: str, sha: str) -> bool:
        """Whether `sha` is reachable from `ref_sha` (full ids); an id that nobody knows is not."""
        is_known = self._ancestry_of(sha, ref_sha).code in _ANSWERS or self._commit_id(sha) is not None
        return is_known and self._is_ancestor(sha, ref_sha)

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """All promotions of the ledger as fetched whose releases have this prefix, oldest first."""
        tip = self.ledger_tip()
        with self._distrust():
            return of_prefix(self._branches.tag_prefix, self._ledger_at(tip).entries)

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

    def _nothing_known(self) -> Known:
        return Known(Ledger(self._runner, None))

    def _ledger_at(self, tip: str | None) -> Ledger:
        """The ledger at that commit; the one that was asked for last is kept."""
        if self._known.ledger.tip != tip:
            self._known.ledger = Ledger(self._runner, tip)
        return self._known.ledger

    def _commit_id(self, name: str) -> str | None:
        ended = self._runner.run(commands.commit_id(name))
        sha = ended.out.decode("ascii", "replace").strip()
        return sha if ended.code == 0 and is_full_id(sha) else None

    def controls(self) -> tuple[Control, ...]:
        """All freezes, quarantines and their ends as fetched, in the order in which they were written."""
        tip = self.ledger_tip()
        with self._distrust():
            return self._ledger_at(tip).controls

    def tree_of(self, sha: str) -> str:
        """The id of a commit's tree."""
        with self._distrust():
            tree = self._known.trees[sha] = self._known.trees.get(sha) or tree_of(self._runner, sha)
        return tree

    def original(self, sha: str) -> Original:
        """A commit as a cherry-pick needs it: its author, their time and zone, and its whole message."""
        with self._distrust():
            return original(self._runner, sha)

    def touched(self, paths: Sequence[str], base: str, tip: str, limit: int = 20) -> tuple[Commit, ...]:
        """The commits in `base..tip` that touched any of those paths, newest first, at most `limit`.

        Of very many paths the first few hundred are looked at: an argument list has an end.
        """
        with self._distrust():
            return parse_log(self._runner.check(commands.log_of_paths(base, tip, paths[:_MOST_PATHS], limit)))

    def _facts(self) -> BranchFacts:
        source, target = self._fetched(SOURCE), self._fetched(TARGET)
        incomplete = self._incomplete()
        is_ancestor = not incomplete and self._is_ancestor(target, source)
        # Of two commits that differ, not each can contain the other.
        is_open = not incomplete and not is_ancestor
        only = self._few(source, target, _MOST_ONLY_ON_TARGET) if is_open else ()
        is_contained = source == target or (is_open and self._is_ancestor(source, target))
        return BranchFacts(
            source=self._branches.source,
            target=self._branches.target,
            source_sha=source,
            target_sha=target,
            target_is_ancestor=is_ancestor,
            only_on_target=only,
            incomplete=incomplete,
            target_contains_source=is_contained,
        )

    def _is_ancestor(self, older: str, newer: str) -> bool:
        said = self._ancestry_of(older, newer)
        with self._distrust():
            if said.code not in _ANSWERS:
                raise failure("git merge-base", said.code, said.err)
        return said.code == _SUCCESS

    def _ancestry_of(self, older: str, newer: str) -> Completed:
        """Answered by git once for each pair: between full ids it never changes, and it is a walk through history."""
        said = self._ancestry.get((older, newer)) or self._runner.run(commands.is_ancestor(older, newer))
        if said.code in _ANSWERS:
            self._ancestry[older, newer] = said
        return said

    def _few(self, base: str, tip: str, limit: int) -> tuple[Commit, ...]:
        """At most so many of a log: small enough to be kept."""
        key = base, tip, limit
        found = self._known.logs[key] = self._known.logs.get(key) or self._log(*key)
        return found

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
        # Those that were fetched over, and those that somebody made in the cache since.
        replaced = any(ref.startswith(_REPLACED) for ref in self._held()) or any(self._cache.path.glob(f"{_REPLACED}*"))
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
        """Every ref of the cache as the last fetch left it, or as it is where none ended well (I1)."""
        if self._known.refs is None:
            self._known.refs = parse_refs(self._runner.check(commands.ALL_REFS))
        return self._known.refs
