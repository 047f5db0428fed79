"""Merges and commits without a work tree: only objects are written, and each is held to its recipe (I29)."""

from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_attributes import attributes_of
from bot.adapters.git_errors import failure
from bot.adapters.git_log import parse_log
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.core.merging import Merged
from bot.core.objects import bot_commit_bytes, planned_commit_bytes
from bot.core.promotion import CommitPlan
from bot.errors import BotError, Reason

_CLEAN: Final = 0
_CONFLICT: Final = 1
_UNRELATED: Final = "refusing to merge unrelated histories"
_ABOUT_UNRELATED: Final = (
    "Find out who replaced the history of one of both branches, and put the right one back; where both are meant, "
    "merge them once by hand with `git merge --allow-unrelated-histories` and push that."
)


def merge(runner: Runner, ours: str, theirs: str) -> Merged:
    """Merge two commits as git does where `ours` is checked out; BotError(GIT_FAILED) where it could not even try."""
    with attributes_of(runner, ours) as attributes:
        ended = runner.run(commands.merge_tree(ours, theirs, attributes))
    tree, *paths = [part.decode("utf-8", "surrogateescape") for part in ended.out.split(b"\0")] or [""]
    if ended.code == _CLEAN and is_full_id(tree):
        return Merged(tree)
    if ended.code == _CONFLICT:
        return Merged("", tuple(dict.fromkeys(path for path in paths if path)))
    if _UNRELATED in ended.err:
        raise BotError(
            Reason.NOT_FAST_FORWARD, f"{ours[:12]} and {theirs[:12]} have no commit in common.", _ABOUT_UNRELATED
        )
    raise failure("git merge-tree", ended.code, ended.err)


def tree_of(runner: Runner, sha: str) -> str:
    """The id of a commit's tree."""
    return runner.check(commands.tree_id(sha)).decode("ascii", "replace").strip()


def picked(runner: Runner, tree: str, sha: str, parent: str) -> Merged:
    """What a commit changed since its parent, applied to a tree: a merge as if that tree came from the same parent."""
    before = _made(runner, bot_commit_bytes(tree, (parent,), 0, "The tree to pick onto\n"))
    return merge(runner, before, sha)


def parent_of(runner: Runner, sha: str) -> str:
    """The only parent of a commit; BotError(MERGE_INEXACT) where there are none or several."""
    parents = parse_log(runner.check(commands.log("", sha, 1)))[0].parents
    if len(parents) != 1:
        raise BotError(Reason.MERGE_INEXACT, f"{sha[:12]} has {len(parents)} parents, so it cannot be picked.")
    return parents[0]


def make_commit(runner: Runner, plan: CommitPlan) -> None:
    """Make a planned commit, after its tree was made anew by its recipe; BotError(MERGE_INEXACT) where it differs."""
    tree = _by_recipe(runner, plan)
    if tree != plan.tree:
        raise BotError(
            Reason.MERGE_INEXACT, f"The planned commit {plan.sha[:12]} has the tree {plan.tree[:12]}, not {tree[:12]}."
        )
    made = _made(runner, planned_commit_bytes(plan))
    if made != plan.sha:
        raise BotError(Reason.MERGE_INEXACT, f"The planned commit {plan.sha[:12]} came out as {made[:12]}.")


def _by_recipe(runner: Runner, plan: CommitPlan) -> str:
    if plan.copied_from is not None:
        return tree_of(runner, plan.copied_from)
    if plan.picked_from is None:
        return merge(runner, *plan.parents).tree
    (onto,) = plan.parents
    return picked(runner, tree_of(runner, onto), plan.picked_from, parent_of(runner, plan.picked_from)).tree


def _made(runner: Runner, content: bytes) -> str:
    return runner.check(commands.WRITE_COMMIT, content).decode("ascii", "replace").strip()
