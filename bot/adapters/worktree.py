"""The one work tree of the bot: a person's own, to resolve a back-merge in; nothing of what is in it is ever run.

It is a repository of its own, fetched from the remote, so that the cache may be made anew at any time. It appears by
one rename and goes by one: whatever is killed in between leaves only folders that the next call sweeps away (I12).
"""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.files import make_folder, state_errors, sync_folder, write_whole
from bot.adapters.git_access import NO_ACCESS, Access
from bot.adapters.git_cache import Cache
from bot.adapters.git_environment import environment
from bot.adapters.git_errors import failure
from bot.adapters.git_remote import parse_remote
from bot.adapters.git_runner import Runner
from bot.core import jsondoc
from bot.core.backport import BackMerge, Begun, Resolution, Tip
from bot.core.objects import BOT_EMAIL, BOT_NAME
from bot.core.text import plain
from bot.errors import BotError, Reason

STATE: Final = "begun.json"
TREE: Final = "tree"
SCHEMA: Final = 1
_SHA256_LENGTH: Final = 64
# All of history is fetched, and one look at a large work tree is made.
_PATIENCE: Final = 15
_CONFLICT: Final = 1
_NOT_FOUND: Final = 1
# An argument list has an end; a conflict in more files than this shows its markers in the first of them.
_MOST_PATHS: Final = 500


class WorkTree:
    """A folder with a work tree and what it is for; satisfies `bot.flows.ports.Workbench`.

    `folder` is the bot's own, `cache` the bare repository that the person's commit is handed in to, `deadline` is in
    seconds for each git process. Every failure is a BotError with its reason.
    """

    def __init__(
        self, remote: str, folder: Path, cache: Path, *, deadline: float = 120.0, access: Access = NO_ACCESS
    ) -> None:
        self._remote = parse_remote(remote)
        self._folder = folder.absolute()
        self._cache = Cache(cache.absolute())
        self._deadline = deadline
        self._access = access

    @property
    def path(self) -> Path:
        """Where the work tree is, or will be."""
        return self._folder / TREE

    def begun(self) -> Begun | None:
        """The back-merge that waits there for a person; None where there is none.

        Raises:
            BotError: STATE_UNUSABLE, where what is written there cannot be read.
        """
        path = self._folder / STATE
        with state_errors(path):
            if not os.path.lexists(self._folder):
                return None
            content = path.read_bytes() if path.exists() else b""
        try:
            return _begun_of(jsondoc.load(content))
        except (ValueError, KeyError, TypeError):
            raise BotError(
                Reason.STATE_UNUSABLE,
                f"{path} does not say which back-merge it is about.",
                "`promote backport --abort` removes it, with the work tree beside it.",
            ) from None

    def begin(self, begun: Begun, subject: str) -> None:
        """Make the work tree with the merge begun, all of it or nothing.

        Raises:
            BotError: SOURCE_MOVED, where the remote no longer has one of the two commits.
        """
        self._sweep()
        fresh = self._folder.with_name(f"{self._folder.name}.new-{begun.run_id}")
        make_folder(fresh)
        try:
            self._fill(fresh / TREE, begun, subject)
            write_whole(fresh / STATE, json.dumps(_document(begun)).encode("ascii"))
            with state_errors(self._folder):
                fresh.rename(self._folder)
                sync_folder(self._folder.parent)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    def resolution(self) -> Resolution:
        """What the person made of it.

        Raises:
            BotError: STATE_UNUSABLE, where the work tree is no repository any more.
        """
        runner = self._at(self.path)
        ended = runner.run(commands.HEAD_COMMIT)
        if ended.code:
            raise BotError(
                Reason.STATE_UNUSABLE,
                f"{self.path} is no work tree with a commit any more.",
                "`promote backport --abort` removes it; then `promote backport` makes a new one.",
            )
        head = ended.out.decode("ascii", "replace").strip()
        return Resolution(
            head=head,
            is_merging=(self.path / ".git" / "MERGE_HEAD").exists(),
            unmerged=_unmerged(runner.check(commands.UNMERGED)),
        )

    def marked(self, sha: str, paths: Sequence[str]) -> tuple[str, ...]:
        """Which of those files have lines with conflict markers in that commit."""
        if not paths:
            return ()
        ended = self._at(self.path).run(commands.marked(sha, paths[:_MOST_PATHS]))
        if ended.code not in (0, _NOT_FOUND):
            raise failure("git grep", ended.code, ended.err)
        found = ended.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return tuple(record.partition(":")[2] for record in found)

    def hand_in(self, sha: str) -> None:
        """Bring the person's commit into the cache, with all that is not in the two tips of which the tree was made."""
        begun = self.begun()
        known = (begun.merge.into.sha, begun.merge.merged.sha) if begun else ()
        wanted = "".join((f"{sha}\n", *(f"^{tip}\n" for tip in known)))
        # By hand instead of a fetch: that would need a transport, and a cache that may lack what the tree has.
        pack = self._at(self.path).check(commands.PACK, wanted.encode("ascii"))
        with self._cache.writing(self._deadline) as lock:
            runner = Runner(environment(None, self._cache.path, self._access), self._deadline * _PATIENCE, (lock,))
            runner.check(commands.TAKE_PACK, pack)

    def remove(self) -> bool:
        """Take it away, whatever is in it; returns whether there was any."""
        self._sweep()
        if not os.path.lexists(self._folder):
            return False
        old = self._folder.with_name(f"{self._folder.name}.old-{os.urandom(4).hex()}")
        with state_errors(self._folder):
            self._folder.rename(old)
            sync_folder(self._folder.parent)
        shutil.rmtree(old, ignore_errors=True)
        return True

    def _sweep(self) -> None:
        """Remove what killed runs left half made or half removed."""
        for name in ("new", "old"):
            for stale in self._folder.parent.glob(f"{self._folder.name}.{name}-*"):
                shutil.rmtree(stale, ignore_errors=True)

    def _fill(self, tree: Path, begun: Begun, subject: str) -> None:
        into, merged = begun.merge.into, begun.merge.merged
        with state_errors(tree):
            tree.mkdir()
        self._anew(tree).check(commands.init_work_tree(begun.branch, _format(into.sha)))
        runner = self._at(tree)
        for key, value in self._options():
            runner.check(commands.set_option(key, value))
        self._fetch(tree, into, merged)
        runner.check(commands.check_out(into.sha))
        ended = runner.run(commands.begin_merge(merged.sha, subject))
        if ended.code not in (0, _CONFLICT):
            raise failure("git merge", ended.code, ended.err)

    def _fetch(self, tree: Path, *tips: Tip) -> None:
        variables = environment(self._remote, tree / ".git", self._access)
        runner = Runner(variables, self._deadline * _PATIENCE, (), lambda: self._access.opened(self._remote))
        theirs = [(f"refs/heads/{tip.branch}", f"refs/remotes/origin/{tip.branch}") for tip in tips]
        runner.check(commands.fetch(self._remote.url, theirs))
        for tip in tips:
            if runner.run(commands.commit_id(tip.sha)).code:
                raise BotError(Reason.SOURCE_MOVED, f"{plain(tip.branch)} no longer holds {tip.sha[:12]}.")

    def _options(self) -> tuple[tuple[str, str], ...]:
        """What a person finds useful there: where to fetch from, and resolutions that git remembers."""
        return (
            ("remote.origin.url", self._remote.url),
            ("remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"),
            ("rerere.enabled", "true"),
        )

    def _anew(self, tree: Path) -> Runner:
        return Runner(environment(None, tree / ".git", self._access), self._deadline)

    def _at(self, tree: Path) -> Runner:
        variables = environment(None, tree / ".git", self._access) | _WHO | {"GIT_WORK_TREE": str(tree)}
        return Runner(variables, self._deadline * _PATIENCE)


# For the reflog alone: no commit is made here by the bot.
_WHO: Final = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", BOT_NAME), ("EMAIL", BOT_EMAIL))
}


def _format(sha: str) -> str:
    return "sha256" if len(sha) == _SHA256_LENGTH else "sha1"


def _unmerged(out: bytes) -> tuple[str, ...]:
    records = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return tuple(dict.fromkeys(record.partition("\t")[2] for record in records))


def _document(begun: Begun) -> dict[str, object]:
    tips = {name: {"branch": tip.branch, "sha": tip.sha} for name, tip in _tips(begun.merge)}
    return {"schema": SCHEMA, "run_id": begun.run_id, "at": begun.at, **tips}


def _tips(merge: BackMerge) -> tuple[tuple[str, Tip], ...]:
    return (("into", merge.into), ("merged", merge.merged))


def _begun_of(document: object) -> Begun:
    if not isinstance(document, dict) or document["schema"] != SCHEMA:
        raise ValueError("it is of another schema")
    tips = (Tip(*(_text(document[name][key]) for key in ("branch", "sha"))) for name in ("into", "merged"))
    return Begun(_text(document["run_id"]), _text(document["at"]), BackMerge(*tips))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("it must be text")
    return value
