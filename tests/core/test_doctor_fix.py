"""What is added to the rules of a branch: all that is lacking, nothing weaker than before, nothing twice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.doctor_fix import Actor, Ruleset, change_for, diff, name_of
from bot.core.doctor_rules import Passes, Policy, Rule, RuleKind, source_policy, target_policy

BOT = Actor("Integration", 4242)
REF = "refs/heads/main"
FIELD, STRICT = "required_approving_review_count", "strict_required_status_checks_policy"

NAMES = st.sampled_from(["test", "security", "build", "lint", "e2e"])
FLAGS = st.booleans()


@st.composite
def pull_requests(draw):
    parameters = {
        FIELD: draw(st.integers(0, 6)),
        "dismiss_stale_reviews_on_push": draw(FLAGS),
        "require_code_owner_review": draw(FLAGS),
        "require_last_push_approval": draw(FLAGS),
        "required_review_thread_resolution": draw(FLAGS),
        "allowed_merge_methods": ["squash"],
    }
    return {"type": "pull_request", "parameters": parameters}


@st.composite
def check_rules(draw):
    checks = [{"context": name, "integration_id": draw(st.integers(1, 9))} for name in draw(st.sets(NAMES))]
    return {"type": "required_status_checks", "parameters": {"required_status_checks": checks, STRICT: draw(FLAGS)}}


PLAIN = ["required_linear_history", "non_fast_forward", "deletion", "required_signatures", "update"]


@st.composite
def rulesets(draw):
    rules = [{"type": kind} for kind in draw(st.sets(st.sampled_from(PLAIN)))]
    rules += [draw(pull_requests())] if draw(FLAGS) else []
    rules += [draw(check_rules())] if draw(FLAGS) else []
    actors = draw(st.sets(st.tuples(st.sampled_from(["Integration", "Team", "User"]), st.sampled_from([1, 4242]))))
    modes = st.sampled_from(["always", "pull_request"])
    refs = st.sets(st.sampled_from([REF, "refs/heads/staging", "refs/heads/v*", "~DEFAULT_BRANCH"]))
    return Ruleset(
        7,
        {
            "id": 7,
            "name": name_of("main"),
            "target": "branch",
            "enforcement": draw(st.sampled_from(["active", "disabled", "evaluate"])),
            "bypass_actors": [
                {"actor_type": kind, "actor_id": number, "bypass_mode": draw(modes)} for kind, number in sorted(actors)
            ],
            "conditions": {"ref_name": {"include": sorted(draw(refs)), "exclude": sorted(draw(refs))}},
            "rules": rules,
        },
    )


POLICIES = st.builds(Policy, st.lists(NAMES, unique=True).map(tuple), st.integers(0, 3), FLAGS, FLAGS, FLAGS)
RULES = st.lists(
    st.builds(
        Rule,
        st.sampled_from(RuleKind),
        st.just("another"),
        st.sampled_from(Passes),
        st.integers(0, 3),
        st.lists(NAMES, unique=True).map(tuple),
        FLAGS,
    )
)


def by_type(body):
    return {each["type"]: each.get("parameters") or {} for each in body["rules"]}


def contexts(parameters):
    return {each["context"] for each in parameters.get("required_status_checks", ())}


def is_as_strict(after, before):
    """Whether every parameter of a rule demands at least what it did."""
    for name, value in before.items():
        if name == "required_status_checks":
            if not all(each in after[name] for each in value):
                return False
        elif isinstance(value, bool | int):
            if after[name] < value:
                return False
        elif after[name] != value:
            return False
    return True


@given(POLICIES, RULES, st.none() | rulesets())
def test_nothing_becomes_weaker_and_nobody_is_shut_out_or_let_in_but_the_bot(policy, others, ours):
    change = change_for("main", policy, others, ours, BOT)
    if change is None or ours is None:
        return
    before, after = ours.body, change.body
    assert after["enforcement"] == "active"
    assert all(kind in by_type(after) for kind in by_type(before))
    assert all(is_as_strict(by_type(after)[kind], parameters) for kind, parameters in by_type(before).items())
    names, then = after["conditions"]["ref_name"], before["conditions"]["ref_name"]
    assert {REF, *then["include"]} == set(names["include"])
    assert {*then["exclude"]} - {REF} == set(names["exclude"])
    actors = {(each["actor_type"], each["actor_id"]) for each in after["bypass_actors"]}
    assert actors == {(each["actor_type"], each["actor_id"]) for each in before["bypass_actors"]} | {
        ("Integration", 4242)
    }
    foreign = [each for each in before["bypass_actors"] if each["actor_id"] != 4242 or each["actor_type"] != BOT.kind]
    assert all(each in after["bypass_actors"] for each in foreign)


@given(POLICIES, RULES, st.none() | rulesets())
def test_afterwards_the_policy_holds_with_what_others_hold(policy, others, ours):
    change = change_for("main", policy, others, ours, BOT)
    rules = by_type(change.body if change else ours.body if ours else {"rules": []})
    same = {kind: [rule for rule in others if rule.kind is kind] for kind in RuleKind}
    for kind in policy.kinds():
        assert kind.value in rules or same[kind]
    approvals = [rules.get("pull_request", {}).get(FIELD, 0), *(rule.approvals for rule in same[RuleKind.PULL_REQUEST])]
    assert max(approvals) >= policy.approvals
    known = contexts(rules.get("required_status_checks", {})).union(*(rule.checks for rule in same[RuleKind.CHECKS]))
    assert known >= set(policy.checks)


@given(POLICIES, RULES, st.none() | rulesets())
def test_what_was_done_is_not_done_again(policy, others, ours):
    change = change_for("main", policy, others, ours, BOT)
    if change is not None:
        assert change_for("main", policy, others, Ruleset(7, change.body), BOT) is None


@given(POLICIES, RULES, rulesets())
def test_what_the_host_adds_to_a_ruleset_is_no_reason_to_write_it_again(policy, others, ours):
    change = change_for("main", policy, others, ours, BOT)
    if change is None:
        return
    told = {**change.body, "id": 7, "node_id": "x", "rules": [*change.body["rules"]]}
    told["bypass_actors"] = [{**each, "name": "bot"} for each in change.body["bypass_actors"]]
    assert change_for("main", policy, others, Ruleset(7, told), BOT) is None


def test_a_bare_branch_gets_all_of_it_and_the_bot_past_it():
    change = change_for("main", target_policy(()), (), None, BOT)
    assert change.before is None
    rules = by_type(change.body)
    assert list(rules) == ["pull_request", "required_status_checks", *PLAIN[:3]]
    assert rules["pull_request"][FIELD] == 1
    assert contexts(rules["required_status_checks"]) == {"test", "security", "build"}
    assert rules["required_status_checks"][STRICT] is True
    assert change.body["bypass_actors"] == [{"actor_id": 4242, "actor_type": "Integration", "bypass_mode": "always"}]
    assert change.body["conditions"] == {"ref_name": {"include": [REF], "exclude": []}}


@pytest.mark.parametrize("left_out", [RuleKind.LINEAR, RuleKind.NO_DELETION, RuleKind.CHECKS])
def test_what_another_ruleset_holds_is_left_to_it(left_out):
    policy = target_policy(("test",))
    full = Rule(left_out, "another", Passes.YES, 1, ("test",), strict=True)
    change = change_for("main", policy, (full,), None, BOT)
    assert left_out.value not in by_type(change.body)
    weak = replace(full, checks=(), strict=False)
    if left_out is RuleKind.CHECKS:
        assert left_out.value in by_type(change_for("main", policy, (weak,), None, BOT).body)


def test_a_branch_that_others_hold_in_full_is_left_alone():
    held = [Rule(kind, "another", Passes.NO, 1, ("test",), strict=True) for kind in source_policy(("test",)).kinds()]
    assert change_for("staging", source_policy(("test",)), held, None, BOT) is None


def test_the_diff_shows_every_line_and_which_is_new():
    made = diff(change_for("main", target_policy(()), (), None, BOT))
    assert made[0] == "+{"
    assert all(line.startswith("+") for line in made)
    ours = Ruleset(7, {**change_for("main", source_policy(()), (), None, BOT).body, "id": 7})
    stricter = diff(change_for("main", target_policy(()), (), ours, BOT))
    assert f'-        "{FIELD}": 0,' in stricter
    assert f'+        "{FIELD}": 1,' in stricter
    assert '   "name": "promotion: main",' in stricter
    hostile = replace(ours, body={**ours.body, "enforcement": "\x1b[2J\u202e"})
    assert all(
        line.isascii() and line.isprintable() for line in diff(change_for("main", target_policy(()), (), hostile, BOT))
    )
