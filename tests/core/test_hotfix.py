"""Whether a hotfix may be shipped, and what the source gets of it, for every way the branches may stand."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.history import Story, sha_of, story
from support.promotions import candidate

from bot.core.candidate import BranchFacts, Commit
from bot.core.control import Control, ControlKind
from bot.core.gate import APPROVAL_LIFETIME_S, Approval, Refusal, grant
from bot.core.hotfix import (
    MOST_LACKING,
    Ground,
    Hotfix,
    Quarantined,
    SourceTip,
    examine_cases,
    examine_hotfix,
    follow,
    foreign_sides,
    inert,
)
from bot.core.objects import object_id, planned_commit_bytes
from bot.core.promotion import Way
from bot.core.quarantine import Case
from bot.core.reasons import Exit, Reason

IDS = st.sampled_from("0123456789abcdef").flatmap(lambda sign: st.just(sign * 40) | st.just(sign * 64))
NAMES = st.text(min_size=1, max_size=40)
TREE = "c" * 40


def commit(sha, subject="fix: it"):
    return Commit(sha, (), "Ada", "ada@example.com", 0, 0, subject, "")


def facts(**more):
    values = {
        "source": "staging",
        "target": "main",
        "source_sha": "a" * 40,
        "target_sha": "b" * 40,
        "target_is_ancestor": True,
        "only_on_target": (),
        "incomplete": (),
    }
    return BranchFacts(**values | more)


def ground(*, on_target=False, lacking=(), branch="hotfix/x", **more):
    return Ground(Hotfix(branch, "d" * 40), facts(**more), on_target, lacking)


# --- may it be shipped?

COMMITS = st.lists(IDS.map(commit), max_size=3).map(tuple)


@given(st.booleans(), COMMITS, st.lists(st.sampled_from(["shallow", "grafts"]), max_size=1).map(tuple))
def test_only_a_proven_descendant_that_brings_something_is_let_through(on_target, lacking, incomplete):
    refusal = examine_hotfix(ground(on_target=on_target, lacking=lacking, incomplete=incomplete))
    assert (refusal is None) == (not on_target and not lacking and not incomplete)
    if incomplete:
        assert refusal.reason is Reason.HISTORY_INCOMPLETE
    elif on_target:
        assert refusal.reason is Reason.UP_TO_DATE
    elif lacking:
        assert refusal.reason is Reason.NOT_FAST_FORWARD


def test_what_the_hotfix_lacks_is_named_up_to_a_few():
    lacking = tuple(commit(f"{number:040x}", f"feat: number {number}") for number in range(9))
    refusal = examine_hotfix(ground(lacking=lacking))
    assert refusal.sentence.startswith("hotfix/x does not descend from main: it lacks 000000000000 feat: number 0, ")
    assert f"number {MOST_LACKING - 1}" in refusal.sentence
    assert f"number {MOST_LACKING}" not in refusal.sentence
    assert refusal.commits == tuple(one.sha for one in lacking)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_sentence_hands_on_what_commands_a_terminal(branch, subject):
    for refusal in (
        examine_hotfix(ground(branch=branch, lacking=(commit("e" * 40, subject),))),
        examine_hotfix(ground(branch=branch, on_target=True)),
    ):
        assert refusal.sentence.isprintable()


# --- quarantine


def case(sha, *, is_contained=True):
    event = Control(ControlKind.QUARANTINE, "2026-11-21T01:00:00Z", "ada", "bad", sha=sha)
    return Case(event, bad=(commit(sha),) if is_contained else ())


def found(cases, commits=(), *, sides=None, restoring=()):
    return Quarantined(tuple(commits), tuple(cases), sides or {}, frozenset(restoring))


@given(st.sets(IDS, max_size=4), st.sets(IDS, max_size=4), st.sets(IDS, max_size=4))
def test_a_hotfix_is_held_up_by_what_it_would_bring_in_and_by_nothing_else(contained, foreign, on_target):
    cases = [case(sha) for sha in contained] + [case(sha, is_contained=False) for sha in foreign - contained]
    refusal = examine_cases(ground(), found(cases, map(commit, contained - on_target)))
    assert (refusal is None) == (contained <= on_target)
    if refusal:
        assert refusal.reason is Reason.QUARANTINED
        assert set(refusal.commits) == contained - on_target


def after_a_rollback(*more):
    """A bad commit, the rollback of it, and the commits of a hotfix on top: the story, the case and the rollback."""
    told = story("bad")
    bad, back = told.tip, told.add("Roll main back")
    for subject, body in more:
        told.add(subject, body.format(bad=bad, back=back, tip=told.tip))
    commits = told.newest_first()
    event = Control(ControlKind.QUARANTINE, "2026-11-21T01:00:00Z", "ada", "bad", sha=bad)
    return Case(event, bad=commits[-1:], later=commits[:-1]), back


REVERT = ("Revert it", "This reverts commit {back}.")
REVERT_AGAIN = ("Reapply it", "This reverts commit {tip}.")


@pytest.mark.parametrize(
    ("more", "is_fine"),
    [
        ([("fix: else", "")], True),
        ([REVERT], False),
        ([REVERT, REVERT_AGAIN], True),
        ([REVERT, REVERT_AGAIN, REVERT_AGAIN], False),
        ([REVERT, ("fix: it", "Fixes: {bad}")], True),
    ],
)
def test_a_hotfix_does_not_take_a_rollback_out_without_the_fix(more, is_fine):
    met, back = after_a_rollback(*more)
    refusal = examine_cases(ground(), found([met], met.later[:-1], restoring=[back]))
    assert (refusal is None) is is_fine
    if refusal:
        assert refusal.reason is Reason.QUARANTINED
        assert f"hotfix/x reverts {back[:12]}, the rollback of main" in refusal.sentence


def test_a_hotfix_on_a_target_where_the_rollback_was_taken_out_already_changes_nothing():
    met, back = after_a_rollback(REVERT, ("fix: else", ""))
    assert examine_cases(ground(), found([met], met.later[:1], restoring=[back])) is None


def test_a_side_that_holds_what_is_bad_without_the_target_brings_it_back():
    met, _ = after_a_rollback()
    refusal = examine_cases(ground(), found([met], sides={"e" * 40: (met,)}))
    assert refusal.reason is Reason.QUARANTINED
    assert f"hotfix/x merges {'e' * 12}, which does not descend from main" in refusal.sentence
    assert examine_cases(ground(), found([met], sides={"e" * 40: (Case(met.event),)})) is None


def test_the_sides_of_a_hotfix_are_what_it_merges_from_beside_the_target():
    told, target = Story(), sha_of("target")
    old = told.add("on the side", parents=(sha_of("older"),))
    side = told.add("more on the side")
    fix = told.add("fix", parents=(target,))
    other = told.add("fix as well", parents=(target,))
    ours = told.add("merge of both", parents=(fix, other))
    told.add("merge of a side", parents=(side, ours))
    assert foreign_sides(target, told.newest_first()) == (side,)
    told.add("merge of what is older", parents=(told.tip, sha_of("older")))
    assert foreign_sides(target, told.newest_first()) == (sha_of("older"), side)
    assert foreign_sides(target, told.newest_first()[2:]) == ()
    assert old not in foreign_sides(target, told.newest_first())


# --- the source


def tip(*, has=False, behind=False, sha="a" * 40):
    return SourceTip("staging", sha, has, behind)


@given(st.booleans(), st.booleans(), st.integers(0, 2**33), st.sampled_from(["run-1", "20261121-020000-7d3f0c41"]))
def test_the_source_never_leaves_its_own_commits_and_always_has_the_hotfix_then(has, behind, at, run_id):
    source, hotfix = tip(has=has, behind=behind), Hotfix("hotfix/x", "d" * 40)

    extras = follow(source, hotfix, TREE, at=at, run_id=run_id)

    assert source.needs_merge == (not has and not behind)
    if has:
        assert (extras.moves, extras.commits) == ((), ())
        return
    (move,) = extras.moves
    assert (move.ref, move.before, move.way) == ("refs/heads/staging", source.sha, Way.FORWARD)
    if behind:
        assert (move.after, extras.commits) == (hotfix.sha, ())
        return
    (merge,) = extras.commits
    assert move.after == merge.sha
    assert merge.parents == (source.sha, hotfix.sha)
    assert (merge.tree, merge.copied_from, merge.picked_from) == (TREE, None, None)
    assert merge.at == at
    assert f"\nHotfix: {hotfix.sha}\nRun-Id: {run_id}\n" in merge.message


@given(st.integers(0, 2**33))
def test_the_same_values_make_the_same_merge_and_any_other_value_another(at):
    def made(source, hotfix, tree, **told):
        (commit_,) = follow(source, hotfix, tree, **{"at": at, "run_id": "run-1"} | told).commits
        return commit_.sha

    first = made(tip(), Hotfix("x", "d" * 40), TREE)
    assert first == made(tip(), Hotfix("x", "d" * 40), TREE)
    others = {
        made(tip(sha="e" * 40), Hotfix("x", "d" * 40), TREE),
        made(tip(), Hotfix("x", "e" * 40), TREE),
        made(tip(), Hotfix("y", "d" * 40), TREE),
        made(tip(), Hotfix("x", "d" * 40), "e" * 40),
        made(tip(), Hotfix("x", "d" * 40), TREE, at=at + 1),
        made(tip(), Hotfix("x", "d" * 40), TREE, run_id="run-2"),
    }
    assert len(others | {first}) == 7


@given(st.sampled_from(["c" * 40, "c" * 64]), NAMES)
def test_the_id_of_the_merge_is_that_of_its_bytes_in_the_hash_of_the_repository(tree, branch):
    (merge,) = follow(tip(), Hotfix(branch, "d" * len(tree)), tree, at=1, run_id="run-1").commits
    assert merge.sha == object_id("commit", planned_commit_bytes(merge), like=tree)
    assert len(merge.sha) == len(tree)


# --- hostile names


@given(NAMES)
def test_nothing_of_a_branch_name_can_command_mention_refer_or_link(branch):
    (merge,) = follow(tip(), Hotfix(branch, "d" * 40), TREE, at=1, run_id="run-1").commits
    subject, *rest = merge.message.split("\n")
    name = subject.removeprefix('Merge hotfix "').removesuffix('" into staging')
    assert name == inert(branch)
    assert all(sign.isalnum() or sign in "._/-?" for sign in name)
    assert rest[-3:] == [f"Hotfix: {'d' * 40}", "Run-Id: run-1", ""]
    assert "\n".join(rest).count("Run-Id:") == 1


@given(st.text(string.ascii_letters + string.digits + "._/-", min_size=1, max_size=60))
def test_an_ordinary_name_stays_as_it_is(branch):
    assert inert(branch) == branch


@pytest.mark.parametrize("branch", ["@ada", "x#12", "a!1", "b~1", "c%2", "$d$", "e`f`", "<g>", "\x1b[31mh", "i\u202ej"])
def test_what_hosts_act_upon_is_gone(branch):
    assert not set("@#!~%$`<>\x1b\u202e") & set(inert(branch))


# --- the grant


@given(st.text(), st.floats(0, 2**33))
def test_a_grant_needs_a_reason_and_is_for_this_move_alone(justification, now):
    granted = grant(candidate(), justification, now=now, evidence_sha256="f" * 64)
    if not justification.strip():
        assert isinstance(granted, Refusal)
        assert (granted.reason, granted.reason.exit) == (Reason.BAD_USAGE, Exit.USAGE)
        return
    assert isinstance(granted, Approval)
    assert (granted.sha, granted.base_sha) == ("a" * 40, "b" * 40)
    assert (granted.evidence_sha256, granted.expires_at) == ("f" * 64, now + APPROVAL_LIFETIME_S)


def test_a_grant_without_evidence_claims_none():
    assert grant(candidate(), "because", now=0.0).evidence_sha256 == ""
