"""Cherry-picks onto another maintained branch: without a work tree, all of them in one push or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.backport import Tip, in_conflict
from bot.core.candidate import Candidate
from bot.core.conflict import Conflict, Side
from bot.core.gate import Refusal
from bot.core.moments import iso
from bot.core.pick import Original, examine_picks, nothing_to_pick, plan_pick, plan_picks
from bot.core.promotion import CommitPlan, LockProof
from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.core.text import plain
from bot.errors import BotError
from bot.flows.anew import resolve_tip, until_still
from bot.flows.land import send, show
from bot.flows.past import fetch_and_settle
from bot.flows.request import Effect, Request, Tools
from bot.flows.run import Ending, Run, refused
from bot.flows.session import play


def pick(tools: Tools, request: Request, names: Sequence[str], onto: str) -> RunRecord:
    """Pick those commits (ids, in that order) onto a branch; see `bot.flows.session`."""
    return play(tools, request, lambda run, lock: until_still(run, lambda: _once(run, lock, names, onto)))


@dataclass(frozen=True, slots=True)
class _Stack:
    """What is planned so far: the commits, and the tree and the id at their top."""

    tip: Tip
    top: str
    tree: str
    commits: tuple[CommitPlan, ...] = ()


def _once(run: Run, lock: LockProof, names: Sequence[str], onto: str) -> Ending:
    fetch_and_settle(run, lock)
    with run.step("tips"):
        tip = resolve_tip(run, onto)
        originals = tuple(run.tools.repository.original(sha) for sha in _resolved(run, names))
        _know(run, tip, originals)
    refusal = examine_picks(originals)
    if refusal is not None:
        return refused(refusal)
    with run.step("pick"):
        commits = _plan(run, tip, originals)
    if isinstance(commits, Refusal):
        return refused(commits)
    if not commits:
        return refused(nothing_to_pick(tip))
    plan = plan_picks(tip, commits, run.tools.clock.now())
    return show(run, plan) if run.request.effect is Effect.DRY_RUN else send(run, plan, lock)


def _resolved(run: Run, names: Sequence[str]) -> tuple[str, ...]:
    """The full ids of commits that source or target have; every name that means none of them at once."""
    repository, facts = run.tools.repository, run.tools.repository.branch_facts()
    found = {name: repository.resolve(name) for name in dict.fromkeys(names)}
    ours = (facts.source_sha, facts.target_sha)
    bad = [name for name, sha in found.items() if sha is None or not any(repository.contains(at, sha) for at in ours)]
    if bad:
        named = ", ".join(repr(plain(name)) for name in bad)
        raise BotError(
            Reason.BAD_USAGE,
            f"{facts.source} and {facts.target} have no commit {named}.",
            "Name commits that one of them has.",
        )
    return tuple(dict.fromkeys(sha for sha in found.values() if sha))


def _know(run: Run, tip: Tip, originals: Sequence[Original]) -> None:
    """What is picked, onto what: the last commit stands for all of them."""
    commits = tuple(run.tools.repository.commit(original.sha) for original in reversed(originals))
    run.know(candidate=Candidate(originals[-1].sha, tip.sha, commits, iso(run.tools.clock.now())))


def _plan(run: Run, tip: Tip, originals: Sequence[Original]) -> tuple[CommitPlan, ...] | Refusal:
    """The commits to make, one on the other; what the branch has already is skipped with a word."""
    stack = _Stack(tip, tip.sha, run.tools.repository.tree_of(tip.sha))
    for original in originals:
        why = _there(run, tip, original)
        grown = stack if why else _grown(run, stack, original)
        if isinstance(grown, Refusal):
            return grown
        if grown is stack:
            words = why or "what it changes is there already"
            run.tools.watcher.step("skipped", f"{original.sha[:12]}: {words}")
            run.folder.journal("skipped", sha=original.sha, why=words)
        stack = grown
    return stack.commits


def _there(run: Run, tip: Tip, original: Original) -> str:
    """Why the branch does not need that commit; empty where it does."""
    branch = plain(tip.branch)
    if run.tools.repository.contains(tip.sha, original.sha):
        return f"{branch} contains it"
    if run.tools.repository.has_twin(tip.sha, original.sha, original.parents[0]):
        return f"{branch} has a commit with the same patch"
    return ""


def _grown(run: Run, stack: _Stack, original: Original) -> _Stack | Refusal:
    """The stack with that commit on it; the same one where it would change nothing there."""
    parent = original.parents[0]
    picked = run.tools.repository.pick(stack.tree, original.sha, parent)
    if not picked.is_clean:
        return _conflict(run, stack.tip, original, picked.conflicts)
    if picked.tree == stack.tree:
        return stack
    commit = plan_pick(original, stack.top, picked.tree, run.tools.clock.now())
    return _Stack(stack.tip, commit.sha, commit.tree, (*stack.commits, commit))


def _conflict(run: Run, tip: Tip, original: Original, paths: tuple[str, ...]) -> Refusal:
    touched, sha, parent = run.tools.repository.touched, original.sha, original.parents[0]
    conflict = Conflict(
        paths,
        into=Side(tip.branch, touched(paths, parent, tip.sha)),
        merged=Side(sha[:12], touched(paths, parent, sha)),
        way="picked onto",
    )
    run.know(conflict=conflict)
    return in_conflict(conflict)
