"""What `promote doctor --fix-branch-rules` adds: one ruleset a branch, which only ever makes the rules stricter.

Bodies are GitHub's own documents of a ruleset. What stands in one already is kept, whoever put it there.
"""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.core.doctor_rules import Policy, Rule, RuleKind

Body = Mapping[str, Any]

KEPT: Final = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")
"""The fields of a ruleset that can be written."""

_PULL_REQUEST: Final = {
    "dismiss_stale_reviews_on_push": False,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_approving_review_count": 0,
    "required_review_thread_resolution": False,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who may go past the rules: an App (`Integration`) or a person's account (`User`), by its number."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A ruleset as the host holds it, by its number there."""

    number: int
    body: Body


@dataclass(frozen=True, slots=True)
class Change:
    """A ruleset to be made (`before` None) or to be made stricter; `body` is all of what is to be there."""

    branch: str
    before: Ruleset | None
    body: Body


def name_of(branch: str) -> str:
    """What the one ruleset of a branch is called."""
    return f"promotion: {branch}"


def change_for(branch: str, policy: Policy, others: Iterable[Rule], ours: Ruleset | None, bot: Actor) -> Change | None:
    """What is to be written so that the branch has at least the policy; None where it has.

    `others` are the rules in force from anywhere but `ours`, which is the ruleset named so where there is one.
    """
    rules = _needed(policy, tuple(others))
    if not rules and ours is None:
        return None
    before = {field: ours.body[field] for field in KEPT if field in ours.body} if ours else {}
    body = {
        "name": name_of(branch),
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": _with_actor(before.get("bypass_actors") or (), bot),
        "conditions": _with_branch(before.get("conditions") or {}, f"refs/heads/{branch}"),
        "rules": _stricter(before.get("rules") or (), rules),
    }
    return None if body == before else Change(branch, ours, body)


def _needed(policy: Policy, others: Sequence[Rule]) -> list[Body]:
    """The rules of the policy that no other ruleset has in full."""
    return [_rule(kind, policy) for kind in policy.kinds() if not _is_held(kind, policy, others)]


def _is_held(kind: RuleKind, policy: Policy, others: Sequence[Rule]) -> bool:
    same = [rule for rule in others if rule.kind is kind]
    if kind is RuleKind.PULL_REQUEST:
        return any(rule.approvals >= policy.approvals for rule in same)
    if kind is RuleKind.CHECKS:
        names = {name for rule in same for name in rule.checks}
        return names >= set(policy.checks) and (not policy.strict or any(rule.strict for rule in same))
    return bool(same)


def _rule(kind: RuleKind, policy: Policy) -> Body:
    if kind is RuleKind.PULL_REQUEST:
        return {
            "type": kind.value,
            "parameters": _PULL_REQUEST | {"required_approving_review_count": policy.approvals},
        }
    if kind is RuleKind.CHECKS:
        checks = [{"context": name} for name in policy.checks]
        strict = {"strict_required_status_checks_policy": policy.strict}
        return {"type": kind.value, "parameters": {"required_status_checks": checks, **strict}}
    return {"type": kind.value}


def _stricter(before: Iterable[Body], wanted: Iterable[Body]) -> list[Body]:
    """All rules of before, each as strict or stricter, and those that are new."""
    rules = {rule["type"]: rule for rule in before}
    for rule in wanted:
        rules[rule["type"]] = _joined(rules[rule["type"]], rule) if rule["type"] in rules else rule
    return list(rules.values())


def _joined(before: Body, wanted: Body) -> Body:
    old, new = before.get("parameters") or {}, wanted.get("parameters")
    if new is None:
        return before
    if wanted["type"] == RuleKind.PULL_REQUEST.value:
        field = "required_approving_review_count"
        return {**before, "parameters": {**new, **old, field: max(old.get(field, 0), new[field])}}
    return {**before, "parameters": {**old, **_joined_checks(old, new)}}


def _joined_checks(old: Body, new: Body) -> Body:
    there = list(old.get("required_status_checks") or ())
    names = {check["context"] for check in there}
    added = [check for check in new["required_status_checks"] if check["context"] not in names]
    field = "strict_required_status_checks_policy"
    return {"required_status_checks": [*there, *added], field: bool(old.get(field)) or new[field]}


def _with_actor(before: Iterable[Body], bot: Actor) -> list[Body]:
    """The bot may go past, always; everybody else stays as they are."""
    there = list(before)
    own = {"actor_id": bot.number, "actor_type": bot.kind, "bypass_mode": "always"}
    if any(own.items() <= one.items() for one in there):
        return there
    return [*(one for one in there if (one.get("actor_type"), one.get("actor_id")) != (bot.kind, bot.number)), own]


def _with_branch(before: Body, ref: str) -> Body:
    names = before.get("ref_name") or {}
    include, exclude = list(names.get("include") or ()), list(names.get("exclude") or ())
    joined = include if ref in include else [*include, ref]
    return {**before, "ref_name": {**names, "include": joined, "exclude": [each for each in exclude if each != ref]}}


def diff(change: Change) -> tuple[str, ...]:
    """The change line by line, as `diff -u` shows it, all of the ruleset around it; plain ASCII."""
    before = {field: change.before.body.get(field) for field in KEPT} if change.before else None
    lines = difflib.unified_diff(_lines(before), _lines(change.body), lineterm="", n=1000)
    return tuple(lines)[3:]


def _lines(body: Body | None) -> list[str]:
    return [] if body is None else json.dumps(body, indent=2).splitlines()
