"""Merges and commits without a work tree: only objects are written, and each is held to its recipe (I29)."""

from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_errors import failure
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.core.merging import Merged
from bot.core.objects import planned_commit_bytes
from bot.core.promotion import CommitPlan
from bot.errors import BotError, Reason

_CLEAN: Final = 0
_CONFLICT: Final = 1


def merge(runner: Runner, ours: str, theirs: str) -> Merged:
    """Merge two commits as git does; BotError(GIT_FAILED) where it could not even try."""
    ended = runner.run(commands.merge_tree(ours, theirs))
    tree, *paths = [part.decode("utf-8", "surrogateescape") for part in ended.out.split(b"\0")] or [""]
    if ended.code == _CLEAN and is_full_id(tree):
        return Merged(tree)
    if ended.code == _CONFLICT:
        return Merged("", tuple(dict.fromkeys(path for path in paths if path)))
    raise failure("git merge-tree", ended.code, ended.err)


def tree_of(runner: Runner, sha: str) -> str:
    """The id of a commit's tree."""
    return runner.check(commands.tree_id(sha)).decode("ascii", "replace").strip()


def make_commit(runner: Runner, plan: CommitPlan) -> None:
    """Make a planned commit, after its tree was made anew by its recipe; BotError(MERGE_INEXACT) where it differs."""
    tree = merge(runner, *plan.parents).tree if plan.copied_from is None else tree_of(runner, plan.copied_from)
    if tree != plan.tree:
        raise BotError(
            Reason.MERGE_INEXACT, f"The planned commit {plan.sha[:12]} has the tree {plan.tree[:12]}, not {tree[:12]}."
        )
    made = runner.check(commands.WRITE_COMMIT, planned_commit_bytes(plan)).decode("ascii", "replace").strip()
    if made != plan.sha:
        raise BotError(Reason.MERGE_INEXACT, f"The planned commit {plan.sha[:12]} came out as {made[:12]}.")
