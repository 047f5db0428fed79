"""The rules of a branch on its host: what would refuse the bot's own push, and what the policy asks for in vain."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from bot.core.doctor import Area, Finding, Level
from bot.core.hosting import CheckState, SeenCheck
from bot.core.required import required
from bot.core.text import plain

OWN_CHECK: Final = "promote/slo"
"""What the bot says of the candidate itself, before it pushes."""


class RuleKind(StrEnum):
    """What a rule demands, by GitHub's own names; OTHER is whatever they do not tell apart."""

    PULL_REQUEST = "pull_request"
    CHECKS = "required_status_checks"
    LINEAR = "required_linear_history"
    NO_FORCE = "non_fast_forward"
    NO_DELETION = "deletion"
    NO_CREATION = "creation"
    NO_UPDATE = "update"
    SIGNATURES = "required_signatures"
    DEPLOYMENTS = "required_deployments"
    QUEUE = "merge_queue"
    OTHER = "other"


class Passes(StrEnum):
    """Whether the bot may go past a rule; UNKNOWN where the host does not tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in force. `source` says in words where it stands; `approvals`, `checks` and `strict` belong to its kind.

    `told` is the host's own name of it, for those that are OTHER, and what it demands besides.
    """

    kind: RuleKind
    source: str
    passes: Passes
    approvals: int = 0
    checks: tuple[str, ...] = ()
    strict: bool = False
    told: str = ""


@dataclass(frozen=True, slots=True)
class BranchRules:
    """All rules of one branch; `is_whole` is False where a part could not be seen."""

    branch: str
    rules: tuple[Rule, ...]
    is_whole: bool = True


def for_another(found: BranchRules) -> BranchRules:
    """The same rules for whoever pushes without this login: whether it may go past them, nobody tells."""
    return replace(found, rules=tuple(replace(rule, passes=Passes.UNKNOWN) for rule in found.rules))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the rules of a branch should be: mission and configuration, as one value."""

    checks: tuple[str, ...]
    approvals: int
    strict: bool
    linear: bool
    keeps: bool

    def kinds(self) -> tuple[RuleKind, ...]:
        """The rules that it takes, in the order in which people name them."""
        wanted = {
            RuleKind.PULL_REQUEST: True,
            RuleKind.CHECKS: bool(self.checks),
            RuleKind.LINEAR: self.linear,
            RuleKind.NO_FORCE: True,
            RuleKind.NO_DELETION: self.keeps,
        }
        return tuple(kind for kind, is_wanted in wanted.items() if is_wanted)


USUAL_CHECKS: Final = ("test", "security", "build")


def target_policy(checks: Sequence[str]) -> Policy:
    """For the target: a reviewed pull request, the checks on its newest state, a straight and lasting history."""
    return Policy(tuple(checks) or USUAL_CHECKS, approvals=1, strict=True, linear=True, keeps=True)


def source_policy(checks: Sequence[str]) -> Policy:
    """For the source: a pull request with the same checks, and no rewriting."""
    return Policy(tuple(checks) or USUAL_CHECKS, approvals=0, strict=False, linear=False, keeps=False)


def lacking(policy: Policy, rules: Iterable[Rule]) -> tuple[str, ...]:
    """What of the policy no rule asks for, in words."""
    known = tuple(rules)
    kinds = {rule.kind for rule in known}
    words = [_WORDS[kind] for kind in policy.kinds() if kind not in kinds]
    approvals = max((rule.approvals for rule in known), default=0)
    if RuleKind.PULL_REQUEST in kinds and approvals < policy.approvals:
        words.append("an approval" if policy.approvals == 1 else f"{policy.approvals} approvals")
    missing = [name for name in policy.checks if name not in _contexts(known)]
    if RuleKind.CHECKS in kinds and missing:
        words.append(f"the check{'s' if len(missing) > 1 else ''} {', '.join(missing)}")
    if policy.strict and RuleKind.CHECKS in kinds and not any(rule.strict for rule in known):
        words.append("branches that are up to date")
    return tuple(words)


_WORDS: Final = {
    RuleKind.PULL_REQUEST: "a pull request",
    RuleKind.CHECKS: "checks",
    RuleKind.LINEAR: "a linear history",
    RuleKind.NO_FORCE: "no force push",
    RuleKind.NO_DELETION: "no deletion",
}


def _contexts(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(name for rule in rules for name in rule.checks)


def judge_policy(policy: Policy, found: BranchRules) -> Finding:
    """Whether the branch's rules are at least what the policy asks for."""
    name = f"rules of {plain(found.branch)}"
    missing = lacking(policy, found.rules)
    if missing and found.is_whole:
        seen = f"people are not held to {', '.join(map(plain, missing))}"
        return Finding(Area.HOST, name, Level.WARN, seen, "`promote doctor --fix-branch-rules` shows and adds them.")
    if missing:
        seen = f"some cannot be seen; those that can lack {', '.join(map(plain, missing))}"
        return Finding(Area.HOST, name, Level.WARN, seen, SEE_ALL)
    return Finding(Area.HOST, name, Level.OK, f"as they should be: {_summary(policy)}")


SEE_ALL: Final = "Let who runs doctor read Administration, or look at the branch's settings on the host."


def _summary(policy: Policy) -> str:
    approved = " with an approval" if policy.approvals else ""
    parts = [_WORDS[kind] for kind in policy.kinds() if kind is not RuleKind.PULL_REQUEST]
    parts = [f"the checks {', '.join(policy.checks)}" if part == _WORDS[RuleKind.CHECKS] else part for part in parts]
    return plain(f"a pull request{approved}, {', '.join(parts)}", _SENTENCE)


_SENTENCE: Final = 300


class Push(NamedTuple):
    """What the bot would push to a branch: its commits, how many of them are merges, and what checks say of the tip.

    `checks` are None where they could not be asked for; `tip` is what people call it.
    """

    commits: int
    merges: int
    checks: Collection[SeenCheck] | None
    tip: str = "the source's tip"


BACK_MERGE: Final = Push(1, 1, (), "a back-merge")
"""What is pushed to the source by day: a merge that nobody has seen before."""


class _Obstacle(NamedTuple):
    level: Level
    seen: str
    action: str


_BYPASS: Final = "Let the bot bypass it: add its App or account to the rule's bypass list."


def judge_obstacles(found: BranchRules, push: Push, gravest: Level) -> Iterator[Finding]:
    """What would refuse the bot's own push to that branch; `gravest` is WARN where no night pushes to it."""
    name = f"push to {plain(found.branch)}"
    obstacles = [each for rule in found.rules for each in _obstacles(rule, push)]
    for each in obstacles:
        level = min(each.level, gravest, key=tuple(Level).index)
        yield Finding(Area.HOST, name, level, each.seen, each.action)
    if not found.is_whole:
        yield Finding(Area.HOST, name, Level.WARN, "some of the branch's rules cannot be seen", SEE_ALL)
    elif not obstacles:
        yield Finding(Area.HOST, name, Level.OK, _free_words(found.rules))


def _free_words(rules: Collection[Rule]) -> str:
    return "no rule refuses the bot" if rules else "the branch has no rules"


def _obstacles(rule: Rule, push: Push) -> Iterator[_Obstacle]:
    """What that rule has against the push, before and after asking whether the bot may go past it."""
    if rule.passes is Passes.YES:
        return
    for each in _complaints(rule, push):
        if rule.passes is Passes.UNKNOWN:
            unsure = f"{each.seen}; whether the bot may go past it cannot be seen"
            yield _Obstacle(Level.WARN, unsure, "See the bypass list of the rule on the host.")
        else:
            yield each


def _complaints(rule: Rule, push: Push) -> Iterator[_Obstacle]:
    source = plain(rule.source)
    match rule.kind:
        case RuleKind.PULL_REQUEST | RuleKind.QUEUE | RuleKind.NO_UPDATE:
            yield _Obstacle(Level.FAIL, f"{source} {_CLOSED[rule.kind]}", _BYPASS)
        case RuleKind.LINEAR if push.merges:
            merges = "a merge commit" if push.merges == 1 else f"{push.merges} merge commits"
            action = f"{_BYPASS} Or have people squash or rebase."
            yield _Obstacle(Level.FAIL, f"{source} demands a linear history, and {merges} would be pushed", action)
        case RuleKind.CHECKS:
            yield from _unchecked(rule, push)
        case RuleKind.SIGNATURES:
            words = f"{source} demands signed commits; one without a signature among {push.commits:,} is refused"
            yield _Obstacle(Level.WARN, words, "Have every commit signed, or let the bot bypass it.")
        case RuleKind.DEPLOYMENTS:
            words = f"{source} demands deployments first: {plain(rule.told)}"
            yield _Obstacle(Level.WARN, words, "Have each commit deployed there first, or let the bot bypass it.")
        case RuleKind.OTHER:
            words = f"{source} has a rule that may refuse the bot: {plain(rule.told)}"
            yield _Obstacle(Level.WARN, words, "See whether the bot's commits satisfy it, or let the bot bypass it.")


_CLOSED: Final = {
    RuleKind.PULL_REQUEST: "demands a pull request, and the bot may not go past it",
    RuleKind.QUEUE: "demands a merge queue, and the bot may not go past it",
    RuleKind.NO_UPDATE: "lets only others push",
}


def _unchecked(rule: Rule, push: Push) -> Iterator[_Obstacle]:
    """Checks that the commit to be pushed lacks; the host would refuse it without asking the bot's own gate."""
    wanted = [name for name in rule.checks if name != OWN_CHECK]
    source = plain(rule.source)
    if push.checks is None:
        if wanted:
            yield _Obstacle(Level.WARN, f"{source} demands checks, and none can be seen", SEE_ALL)
        return
    for check in required(wanted, push.checks):
        # For the host a skipped or neutral check is a success; our own gate is stricter where it is told to be.
        if check.state is CheckState.SUCCESS or check.said in ("skipped", "neutral"):
            continue
        level = Level.WARN if check.said != "missing" and check.state is CheckState.PENDING else Level.FAIL
        words = f"{source} demands the check {plain(check.name)}, which is {plain(check.said)} on {push.tip}"
        yield _Obstacle(level, words, "Have it succeed on the commits that are pushed, or let the bot bypass the rule.")


def judge_tag_rules(rules: Sequence[Rule], prefix: str) -> Finding:
    """Whether a rule for tags would refuse a release tag; one that keeps them from being moved is welcome."""
    name = f"tags {plain(prefix)}*"
    closed = [rule for rule in rules if rule.kind not in _HARMLESS and rule.passes is not Passes.YES]
    surely = [rule for rule in closed if rule.kind is RuleKind.NO_CREATION and rule.passes is Passes.NO]
    if surely:
        return Finding(Area.HOST, name, Level.FAIL, f"{plain(surely[0].source)} lets only others make them", _BYPASS)
    if closed:
        told = ", ".join(plain(rule.told or rule.kind.value) for rule in closed)
        seen = f"{plain(closed[0].source)} may refuse them: {told}"
        return Finding(Area.HOST, name, Level.WARN, seen, "See the bypass list of the rule on the host.")
    kept = any(rule.kind in (RuleKind.NO_UPDATE, RuleKind.NO_FORCE) for rule in rules)
    seen = "the bot may make them, and nobody may move them" if kept else "the bot may make them"
    return Finding(Area.HOST, name, Level.OK, seen)


# What makes no difference to a tag that is new.
_HARMLESS: Final = (RuleKind.NO_UPDATE, RuleKind.NO_DELETION, RuleKind.NO_FORCE)
