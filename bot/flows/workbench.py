"""A back-merge in a person's hands: the work tree that is made for it, and what is taken of it."""

from dataclasses import dataclass, replace
from enum import Enum

from bot.core.backport import (
    CONTINUE,
    BackMerge,
    Begun,
    examine_commit,
    examine_markers,
    examine_resolution,
    in_conflict,
    plan_resolution,
)
from bot.core.conflict import Conflict
from bot.core.gate import Refusal
from bot.core.moments import iso
from bot.core.promotion import PushPlan
from bot.core.text import plain
from bot.errors import BotError
from bot.flows.ports import Workbench
from bot.flows.request import Effect
from bot.flows.run import Ending, Run, refused


class Mode(Enum):
    """Whether git shall merge, or a person has."""

    MERGE = "merge"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Order:
    """Which branch is merged into which, and how; `bench` is where a person resolves it."""

    into: str
    merged: str
    bench: Workbench
    mode: Mode = Mode.MERGE


def clear(run: Run, order: Order) -> bool:
    """Remove the work tree of these branches, which has done its work; a dry run leaves it."""
    if run.request.effect is Effect.DRY_RUN or _waiting(order) is None:
        return False
    with run.effect("remove work tree"):
        return order.bench.remove()


def _waiting(order: Order) -> Begun | None:
    """The merge of these two branches that waits for a person."""
    begun = order.bench.begun()
    is_ours = begun and (begun.merge.into.branch, begun.merge.merged.branch) == (order.into, order.merged)
    return begun if is_ours else None


def hand_over(run: Run, order: Order, merge: BackMerge, conflict: Conflict) -> Ending:
    """Give the merge to a person: a work tree with the conflicts in it, unless one waits already."""
    run.know(conflict=conflict)
    refusal = in_conflict(conflict)
    if run.request.effect is Effect.DRY_RUN:
        return advised(refusal, "Without --dry-run a work tree is made for whoever resolves it.")
    waiting = order.bench.begun()
    if waiting is None:
        return advised(refusal, _make_work_tree(run, order, merge))
    if waiting.merge == merge:
        return advised(refusal, _how_to_go_on(order, merge))
    if _waiting(order):
        return advised(refusal, _how_to_repeat(order))
    other = f"{plain(waiting.merge.merged.branch)} into {plain(waiting.merge.into.branch)}"
    return advised(refusal, f"First end the merge of {other} that waits in {order.bench.path}: {CONTINUE}.")


def _make_work_tree(run: Run, order: Order, merge: BackMerge) -> str:
    """Make it, and say what to do there; where it cannot be made, the conflict still is what matters."""
    begun = Begun(run.request.run_id, iso(run.tools.clock.now()), merge)
    try:
        with run.step("make work tree", str(order.bench.path)):
            order.bench.begin(begun, f"Merge {merge.merged.branch} into {merge.into.branch}")
    except BotError as error:
        run.tools.watcher.step("warning", f"{error.sentence} {error.action}")
        return f"Merge it by hand and push it: no work tree could be made. {error.sentence}"
    return _how_to_resolve(order)


def _how_to_go_on(order: Order, merge: BackMerge) -> str:
    """What is left to do there, by what the person did so far."""
    resolution = order.bench.resolution()
    if examine_resolution(resolution) is None and resolution.head != merge.into.sha:
        return f"It was committed in {order.bench.path}: run {CONTINUE}."
    return _how_to_resolve(order)


def _how_to_resolve(order: Order) -> str:
    """What a person does in the work tree."""
    return f"Resolve it in {order.bench.path}: edit, `git add` and `git commit`; then {CONTINUE}."


def _how_to_amend(order: Order) -> str:
    """What a person does there whose merge is the right one and still has markers in it."""
    return f"In {order.bench.path} edit them away, `git add` and `git commit --amend`; then {CONTINUE}."


def _how_to_repeat(order: Order) -> str:
    """What a person does there where a branch has moved since, or where what they committed is another merge or none.

    git fills in by itself how they resolved it, and leaves the adding to them.
    """
    return (
        f"In {order.bench.path} commit what you have (git remembers how you resolved it), then `git fetch`, "
        f"`git reset --hard origin/{plain(order.into)}`, `git merge origin/{plain(order.merged)}`, `git add --all`, "
        f"`git commit`; then {CONTINUE}."
    )


def resolved(run: Run, order: Order, merge: BackMerge, begun: Begun) -> PushPlan | Ending:
    """The person's commit, held to what it must be, as it will be pushed; else what is left to do."""
    repository, bench = run.tools.repository, order.bench
    with run.step("resolution", str(bench.path)):
        resolution = bench.resolution()
        unfinished = examine_resolution(resolution)
        if unfinished is not None:
            return advised(unfinished, _how_to_resolve(order))
        with run.effect("hand in"):
            bench.hand_in(resolution.head)
        commit = repository.commit(resolution.head)
        wrong = examine_commit(commit, merge, begun)
        if wrong is not None:
            return advised(wrong, _how_to_repeat(order))
        conflicts = repository.merge(*commit.parents).conflicts
        marked = examine_markers(bench.marked(commit.sha, conflicts))
    if marked is not None:
        return advised(marked, _how_to_amend(order))
    return plan_resolution(merge, commit.sha, run.tools.clock.now())


def advised(refusal: Refusal, action: str) -> Ending:
    """The ending of a refusal with its own advice."""
    return replace(refused(refusal), action=action)
