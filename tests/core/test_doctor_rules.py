"""Rules of branches: what would refuse the bot's push, and what the policy asks for in vain."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github.status import CONTEXT
from bot.core import doctor_rules
from bot.core.doctor import Level
from bot.core.doctor_rules import (
    BACK_MERGE,
    BranchRules,
    Passes,
    Push,
    Rule,
    RuleKind,
    for_another,
    judge_obstacles,
    judge_policy,
    judge_tag_rules,
    lacking,
    source_policy,
    target_policy,
)
from bot.core.hosting import CheckState, SeenCheck

CHECKS = ("test", "security", "build")
PUSH = Push(3, 0, ())
FULL = (
    Rule(RuleKind.PULL_REQUEST, "ruleset a", Passes.YES, approvals=1),
    Rule(RuleKind.CHECKS, "ruleset a", Passes.YES, checks=CHECKS, strict=True),
    Rule(RuleKind.LINEAR, "ruleset a", Passes.YES),
    Rule(RuleKind.NO_FORCE, "ruleset a", Passes.YES),
    Rule(RuleKind.NO_DELETION, "ruleset a", Passes.YES),
)


def rule(kind, passes=Passes.NO, **more):
    return Rule(kind, "ruleset strict", passes, **more)


def obstacles(*rules, push=PUSH, whole=True, gravest=Level.FAIL):
    return list(judge_obstacles(BranchRules("main", rules, is_whole=whole), push, gravest))


def seen(name, said="success", state=CheckState.SUCCESS):
    return SeenCheck(name, state, said, "", None)


def test_the_bots_own_check_has_the_name_by_which_it_says_it():
    assert doctor_rules.OWN_CHECK == CONTEXT


def test_a_branch_with_all_rules_and_a_bypass_is_fine():
    (found,) = obstacles(*FULL)
    assert found.level is Level.OK
    assert judge_policy(target_policy(CHECKS), BranchRules("main", FULL)).level is Level.OK


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (0, "a pull request"),
        (1, "checks"),
        (2, "a linear history"),
        (3, "no force push"),
        (4, "no deletion"),
    ],
)
def test_each_rule_of_the_policy_is_missed_by_name(missing, words):
    rest = FULL[:missing] + FULL[missing + 1 :]
    assert lacking(target_policy(CHECKS), rest) == (words,)
    found = judge_policy(target_policy(CHECKS), BranchRules("main", rest))
    assert found.level is Level.WARN
    assert words in found.seen
    assert "--fix-branch-rules" in found.action


@pytest.mark.parametrize(
    ("weaker", "words"),
    [
        (replace(FULL[0], approvals=0), ("an approval",)),
        (replace(FULL[1], checks=("test",)), ("the checks security, build",)),
        (replace(FULL[1], checks=("test", "build")), ("the check security",)),
        (replace(FULL[1], strict=False), ("branches that are up to date",)),
    ],
)
def test_a_rule_that_is_weaker_than_the_policy_is_told(weaker, words):
    rest = tuple(each for each in FULL if each.kind is not weaker.kind)
    assert lacking(target_policy(CHECKS), (*rest, weaker)) == words


def test_rules_of_several_places_count_together():
    parts = (*FULL[2:], FULL[0], rule(RuleKind.CHECKS, checks=("test",), strict=True))
    more = rule(RuleKind.CHECKS, checks=("security", "build"))
    assert lacking(target_policy(()), (*parts, more)) == ()


def test_the_source_is_held_to_less():
    assert lacking(source_policy(CHECKS), (replace(FULL[0], approvals=0), FULL[1], FULL[3])) == ()


def test_rules_that_cannot_be_seen_are_never_fine():
    found = obstacles(*FULL, whole=False)
    assert [each.level for each in found] == [Level.WARN]
    partly = judge_policy(target_policy(CHECKS), BranchRules("main", FULL[1:], is_whole=False))
    assert partly.level is Level.WARN
    assert "cannot be seen" in partly.seen


@pytest.mark.parametrize("kind", [RuleKind.PULL_REQUEST, RuleKind.QUEUE, RuleKind.NO_UPDATE])
def test_a_branch_that_is_closed_to_pushes_is_closed_to_the_bot(kind):
    (found,) = obstacles(rule(kind))
    assert found.level is Level.FAIL
    assert "bypass" in found.action
    (passed,) = obstacles(rule(kind, Passes.YES))
    assert passed.level is Level.OK
    (unsure,) = obstacles(rule(kind, Passes.UNKNOWN))
    assert unsure.level is Level.WARN
    assert "cannot be seen" in unsure.seen


def test_a_straight_history_minds_merges_and_nothing_else():
    assert obstacles(rule(RuleKind.LINEAR))[0].level is Level.OK
    (found,) = obstacles(rule(RuleKind.LINEAR), push=Push(3, 2, ()))
    assert found.level is Level.FAIL
    assert "2 merge commits" in found.seen


@pytest.mark.parametrize(
    ("checks", "levels"),
    [
        ((seen("test"),), ["ok"]),
        ((seen("test", "skipped", CheckState.OTHER),), ["ok"]),
        ((seen("test", "failure", CheckState.OTHER),), ["fail"]),
        ((seen("test", "in_progress", CheckState.PENDING),), ["warn"]),
        ((), ["fail"]),
        (None, ["warn"]),
    ],
)
def test_a_required_check_has_to_be_on_the_commit(checks, levels):
    found = obstacles(rule(RuleKind.CHECKS, checks=("test", "promote/slo")), push=Push(3, 0, checks))
    assert [each.level.value for each in found] == levels


@pytest.mark.parametrize("checks", [(), None])
def test_the_bot_satisfies_its_own_check_itself(checks):
    (found,) = obstacles(rule(RuleKind.CHECKS, checks=("promote/slo",)), push=Push(3, 0, checks))
    assert found.level is Level.OK


@pytest.mark.parametrize("kind", [RuleKind.SIGNATURES, RuleKind.DEPLOYMENTS, RuleKind.OTHER])
def test_what_may_refuse_the_push_is_told(kind):
    (found,) = obstacles(rule(kind, told="live\x1b[31m"))
    assert found.level is Level.WARN
    assert "\x1b" not in found.seen


@pytest.mark.parametrize("kind", [RuleKind.NO_FORCE, RuleKind.NO_DELETION, RuleKind.NO_CREATION])
def test_what_the_bot_never_does_is_no_obstacle(kind):
    assert obstacles(rule(kind))[0].level is Level.OK


def test_where_no_night_pushes_nothing_is_worse_than_a_warning():
    (found,) = obstacles(rule(RuleKind.PULL_REQUEST), gravest=Level.WARN)
    assert found.level is Level.WARN


def test_a_back_merge_is_a_merge_that_no_check_has_seen():
    straight, checked = rule(RuleKind.LINEAR), rule(RuleKind.CHECKS, checks=("test",))
    found = obstacles(straight, checked, push=BACK_MERGE, gravest=Level.WARN)
    assert [each.level for each in found] == [Level.WARN, Level.WARN]
    assert "missing on a back-merge" in found[1].seen
    assert obstacles(*FULL, push=BACK_MERGE)[0].level is Level.OK


def test_a_branch_without_rules_says_so():
    assert obstacles()[0].seen == "the branch has no rules"


@given(st.lists(st.builds(Rule, st.sampled_from(RuleKind), st.text(max_size=9), st.sampled_from(Passes))))
def test_for_another_pusher_no_rule_is_known_to_let_it_pass(rules):
    found = for_another(BranchRules("main", tuple(rules)))
    assert all(each.passes is Passes.UNKNOWN for each in found.rules)
    assert all(each.level is not Level.FAIL for each in judge_obstacles(found, PUSH, Level.FAIL))


@pytest.mark.parametrize(
    ("rules", "level"),
    [
        ((), "ok"),
        ((rule(RuleKind.NO_UPDATE), rule(RuleKind.NO_DELETION)), "ok"),
        ((rule(RuleKind.NO_CREATION),), "fail"),
        ((rule(RuleKind.NO_CREATION, Passes.UNKNOWN),), "warn"),
        ((rule(RuleKind.NO_CREATION, Passes.YES),), "ok"),
        ((rule(RuleKind.OTHER, told="tag_name_pattern"),), "warn"),
    ],
)
def test_a_rule_for_tags_that_keeps_the_bot_from_making_them_is_told(rules, level):
    assert judge_tag_rules(rules, "release/").level.value == level
