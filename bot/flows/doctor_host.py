"""The host of the repository, as doctor looks at it: the login, what it may do, and the rules of both branches."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from bot.core.doctor import Area, Finding, Level
from bot.core.doctor_host import judge_allowance, judge_surroundings
from bot.core.doctor_rights import Feature, judge_login, judge_rights, judge_workflows, needs_of
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
    source_policy,
    target_policy,
)
from bot.core.doctor_starts import surely_started
from bot.core.hosting import SeenCheck
from bot.core.merges import is_merge
from bot.core.tags import tag_name
from bot.flows.doctor_kit import Ground, Kit, Look, Subject
from bot.flows.ports.doctor import Checkup

_WORKFLOWS: Final = ".github/workflows"


def host_looks(kit: Kit, subject: Subject, ground: Ground) -> dict[str, Look]:
    """What is looked at; one line where there is no host, and no more than its failure where the login fails."""
    checkup = kit.checkup
    if checkup is None:
        return {"host": lambda: [_no_host(subject)]}
    looks: dict[str, Look] = {
        "limit": lambda: [judge_allowance(checkup.allowance())],
        f"push to {subject.terms.target}": partial(_target, checkup, subject, ground),
        f"push to {subject.source}": partial(_source, checkup, subject),
        "tags": partial(_tags, kit, checkup, subject),
        "workflows": partial(_workflows, kit, subject, ground),
        "surroundings": partial(_surroundings, kit, checkup, subject),
    }
    known = {name: partial(_if_known, ground, look) for name, look in looks.items()}
    return {"login": partial(_login, kit, checkup, subject, ground), **known}


def _no_host(subject: Subject) -> Finding:
    if subject.host:
        action = 'Give it a token or an App in [host], or say kind = "none" there.'
        level = Level.FAIL if subject.needs_host else Level.WARN
        return Finding(Area.HOST, "host", level, subject.host, action)
    return Finding(Area.HOST, "host", Level.OK, "none: git alone is used")


def _if_known(ground: Ground, look: Look) -> Iterator[Finding]:
    """Nothing where the login failed: whatever is asked then fails for the same reason."""
    if ground.rights is not None:
        yield from look()


def _login(kit: Kit, checkup: Checkup, subject: Subject, ground: Ground) -> Iterator[Finding]:
    tip = _tip(ground)
    rights = checkup.rights(tip)
    ground.rights = rights
    yield from judge_login(rights, kit.clock.now())
    yield from judge_rights(rights, needs_of(_features(checkup, subject, tip)))


def _features(checkup: Checkup, subject: Subject, tip: str | None) -> frozenset[Feature]:
    in_use = {
        Feature.APP: checkup.is_app,
        Feature.REQUIRED_CHECKS: bool(subject.required_checks),
        Feature.PUSHES: subject.pushes_as_login,
        Feature.WORKFLOWS: tip is not None and checkup.has_workflows(tip),
    }
    return frozenset(feature for feature, is_in_use in in_use.items() if is_in_use)


def _target(checkup: Checkup, subject: Subject, ground: Ground) -> Iterator[Finding]:
    found = _as_pushed(checkup.rules(subject.terms.target), subject)
    yield judge_policy(target_policy(subject.required_checks), found)
    yield from judge_obstacles(found, _push(checkup, ground, found.rules), Level.FAIL)


def _source(checkup: Checkup, subject: Subject) -> Iterator[Finding]:
    """Hotfixes, back-merges and rollbacks push there; nights do not."""
    found = _as_pushed(checkup.rules(subject.source), subject)
    yield judge_policy(source_policy(subject.required_checks), found)
    yield from judge_obstacles(found, BACK_MERGE, Level.WARN)


def _as_pushed(found: BranchRules, subject: Subject) -> BranchRules:
    return found if subject.pushes_as_login else for_another(found)


def _push(checkup: Checkup, ground: Ground, rules: Sequence[Rule]) -> Push:
    """What waits; checks are asked for only where a rule that the bot may not pass demands any."""
    tip = _tip(ground)
    demands = any(rule.kind is RuleKind.CHECKS and rule.passes is not Passes.YES for rule in rules)
    checks: Sequence[SeenCheck] | None = checkup.checks(tip) if tip and demands else None
    return Push(len(ground.waiting), sum(map(is_merge, ground.waiting)), checks)


def _tags(kit: Kit, checkup: Checkup, subject: Subject) -> Iterator[Finding]:
    prefix = subject.terms.tag_prefix
    rules = checkup.tag_rules(tag_name(prefix, kit.clock.now()))
    if not subject.pushes_as_login:
        rules = for_another(BranchRules("", tuple(rules))).rules
    yield judge_tag_rules(rules, prefix)


def _workflows(kit: Kit, subject: Subject, ground: Ground) -> Iterator[Finding]:
    """Only the host's own tokens are held to it: not whoever pushes by ssh."""
    facts = ground.facts
    if facts is None or ground.rights is None or not subject.pushes_as_login:
        return
    changed = kit.repository.touched([_WORKFLOWS], facts.target_sha, facts.source_sha) if ground.waiting else ()
    yield judge_workflows(ground.rights, len(changed))


def _surroundings(kit: Kit, checkup: Checkup, subject: Subject) -> Iterator[Finding]:
    nights = surely_started(subject.schedule, kit.clock.now(), subject.late)
    yield from judge_surroundings(checkup.surroundings(), subject.environment, nights)


def _tip(ground: Ground) -> str | None:
    return ground.facts.source_sha if ground.facts else None
