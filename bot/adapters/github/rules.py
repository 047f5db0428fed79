"""The rules of branches and tags on GitHub: rulesets and classic protection, and writing one ruleset."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from bot.adapters.github import rest
from bot.adapters.github.client import Client, Rejected, Unsure
from bot.adapters.github.ensure import await_seen
from bot.core.doctor_fix import Change, Ruleset, name_of
from bot.core.doctor_rules import BranchRules, Passes, Rule, RuleKind
from bot.errors import BotError, Reason

_PAGE: Final = 100
_MOST_PAGES: Final = 5
_PASSES: Final = {"always": Passes.YES, "exempt": Passes.YES, "never": Passes.NO, "pull_requests_only": Passes.NO}
_KINDS: Final = {kind.value: kind for kind in RuleKind}
_HIDDEN: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_UNPROTECTED: Final = "Branch not protected"
_CLASSIC: Final = "branch protection"

Document = Mapping[str, Any]


@dataclass
class Rulebook:
    """Reads rules as the login sees them; `account` is its name (an App's is `slug[bot]`), empty where nobody tells."""

    client: Client
    account: str = ""
    administers: bool = False
    _details: dict[int, Document | None] = field(default_factory=dict)

    def of_branch(self, branch: str) -> BranchRules:
        """Every rule in force for that branch."""
        found = _refusable(lambda: list(_listed(self.client, f"/rules/branches/{_segment(branch)}")))
        rules = tuple(self._rule(each) for each in found or ())
        classic = self._protection(branch)
        return BranchRules(branch, (*rules, *(classic or ())), is_whole=found is not None and classic is not None)

    def of_tag(self, name: str) -> tuple[Rule, ...]:
        """Every rule in force for a tag of that name, with those for whatever is pushed."""
        rules: list[Rule] = []
        for each in rest.listed(self.client, "/rulesets", includes_parents="true"):
            if each.get("target") not in _ABOUT_TAGS or each.get("enforcement") != "active":
                continue
            whole = self._detail(each["id"]) or {}
            if _applies(whole.get("conditions"), f"refs/tags/{name}"):
                rules += [self._rule({**rule, "ruleset_id": each["id"]}) for rule in _items(whole.get("rules"))]
        return tuple(rules)

    def own(self, branch: str) -> Ruleset | None:
        """The repository's own ruleset for that branch which this bot makes; None where there is none.

        Raises:
            BotError: HOST_REFUSED, where it cannot be seen whole: then nothing may be written over it.
        """
        for each in rest.listed(self.client, "/rulesets", includes_parents="false"):
            if each.get("name") == name_of(branch) and each.get("source_type", "Repository") == "Repository":
                whole = self.client.get(f"/rulesets/{each['id']}")
                if not isinstance(whole, dict) or "bypass_actors" not in whole:
                    raise BotError(Reason.HOST_REFUSED, f"The ruleset {each['id']} cannot be seen whole.", _ADMIN)
                return Ruleset(each["id"], whole)
        return None

    def _rule(self, rule: Document) -> Rule:
        number = rule.get("ruleset_id")
        whole = self._detail(number) if isinstance(number, int) else None
        passes = _PASSES.get(str((whole or {}).get("current_user_can_bypass")), Passes.UNKNOWN)
        name = (whole or {}).get("name")
        return _of_ruleset(rule, f"ruleset {name}" if isinstance(name, str) else f"ruleset {number}", passes)

    def _detail(self, number: int) -> Document | None:
        """A ruleset itself; None where it cannot be seen."""
        if number not in self._details:
            self._details[number] = _refusable(lambda: self.client.get(f"/rulesets/{number}"))
        found = self._details[number]
        return found if isinstance(found, Mapping) else None

    def _protection(self, branch: str) -> tuple[Rule, ...] | None:
        """The rules of classic protection; None where there is one that cannot be seen."""
        place = f"/branches/{_segment(branch)}"
        short = self.client.get(place)
        if isinstance(short, Mapping) and (short.get("protection") or {}).get("enabled") is False:
            return ()
        try:
            found = self.client.get(f"{place}/protection")
        except Rejected as no:
            if no.status not in _HIDDEN:
                raise
            return () if no.said == _UNPROTECTED else None
        return tuple(_of_protection(found, self)) if isinstance(found, Mapping) else None


_ABOUT_TAGS: Final = ("tag", "push")
_ADMIN: Final = "Give it write of Administration for this once: --token-env names the variable of such a token."


class Rulewriter:
    """Reads rules anew at each question, and writes one ruleset; satisfies `bot.flows.branch_rules.Rules`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def of_branch(self, branch: str) -> BranchRules:
        """Every rule in force for a branch."""
        return Rulebook(self._client).of_branch(branch)

    def own(self, branch: str) -> Ruleset | None:
        """The one ruleset of that branch, whole; None where there is none."""
        return Rulebook(self._client).own(branch)

    def write(self, change: Change) -> None:
        """Make the ruleset, or put the stricter one in its place, and wait until reading shows it or will not.

        Raises:
            BotError: HOST_REFUSED and others: it was not written.
        """
        before = change.before
        verb, path = ("POST", "/rulesets") if before is None else ("PUT", f"/rulesets/{before.number}")
        # Whether a lost answer meant that it was done is told by reading (I10).
        with contextlib.suppress(Unsure):
            self._client.write(lambda repository: rest.sent(repository, verb, path, change.body))
        await_seen(self._client, lambda: True if self._shows(change) else None)

    def _shows(self, change: Change) -> bool:
        found = self.own(change.branch)
        return found is not None and found.body.get("rules") != (change.before.body if change.before else {}).get(
            "rules"
        )


def _refusable(ask: Any) -> Any:
    """What it finds; None where this login may not see it."""
    try:
        return ask()
    except Rejected as no:
        if no.status not in _HIDDEN:
            raise
        return None


def _segment(branch: str) -> str:
    return quote(branch, safe="")


def _listed(client: Client, path: str) -> Iterator[Document]:
    """Every object of a list whose objects have no number."""
    for page in range(1, _MOST_PAGES + 1):
        items = client.get(path, {"per_page": _PAGE, "page": page})
        if not isinstance(items, list):
            raise BotError(Reason.HOST_FAILED, "GitHub answered a question for rules without a list.")
        yield from _items(items)
        if len(items) < _PAGE:
            return


def _items(value: Any) -> Iterable[Document]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _of_ruleset(rule: Document, source: str, passes: Passes) -> Rule:
    said = str(rule.get("type"))
    kind, given = _KINDS.get(said, RuleKind.OTHER), rule.get("parameters") or {}
    match kind:
        case RuleKind.PULL_REQUEST:
            return Rule(kind, source, passes, approvals=_whole(given.get("required_approving_review_count")))
        case RuleKind.CHECKS:
            checks = tuple(str(each.get("context")) for each in _items(given.get("required_status_checks")))
            return Rule(kind, source, passes, checks=checks, strict=_is_on(given, _STRICT))
        case RuleKind.DEPLOYMENTS:
            return Rule(
                kind, source, passes, told=", ".join(map(str, given.get("required_deployment_environments", ())))
            )
        case RuleKind.OTHER:
            return Rule(kind, source, passes, told=said)
        case _:
            return Rule(kind, source, passes)


_STRICT: Final = "strict_required_status_checks_policy"


def _of_protection(found: Document, who: Rulebook) -> Iterator[Rule]:
    """Classic protection; who administers the repository goes past it unless that is forbidden."""
    free = who.administers and not _is_on(found.get("enforce_admins"), "enabled")
    plainly = Passes.YES if free else Passes.NO
    reviews, checks = found.get("required_pull_request_reviews"), found.get("required_status_checks")
    if isinstance(reviews, Mapping):
        listed = _lists(reviews.get("bypass_pull_request_allowances"), who.account)
        passes = Passes.YES if listed else plainly
        count = _whole(reviews.get("required_approving_review_count"))
        yield Rule(RuleKind.PULL_REQUEST, _CLASSIC, passes, approvals=count)
    if isinstance(checks, Mapping):
        names = tuple(map(str, checks.get("contexts") or ()))
        yield Rule(RuleKind.CHECKS, _CLASSIC, plainly, checks=names, strict=_is_on(checks, "strict"))
    restrictions = found.get("restrictions")
    if isinstance(restrictions, Mapping) and not _lists(restrictions, who.account):
        # Whether the account is in one of the teams is not told here.
        unsure = Passes.UNKNOWN if restrictions.get("teams") and not free else plainly
        yield Rule(RuleKind.NO_UPDATE, _CLASSIC, unsure)
    for name, kind in _SWITCHES.items():
        if _is_on(found.get(name), "enabled"):
            yield Rule(kind, _CLASSIC, plainly)
    for name, kind in _ALLOWANCES.items():
        if not _is_on(found.get(name), "enabled"):
            yield Rule(kind, _CLASSIC, plainly)


_SWITCHES: Final = {
    "required_linear_history": RuleKind.LINEAR,
    "required_signatures": RuleKind.SIGNATURES,
    "lock_branch": RuleKind.NO_UPDATE,
}
_ALLOWANCES: Final = {"allow_force_pushes": RuleKind.NO_FORCE, "allow_deletions": RuleKind.NO_DELETION}


def _lists(allowed: Any, account: str) -> bool:
    """Whether a list of users, teams and apps names that account."""
    if not isinstance(allowed, Mapping) or not account:
        return False
    users = {str(each.get("login")) for each in _items(allowed.get("users"))}
    apps = {f"{each.get('slug')}[bot]" for each in _items(allowed.get("apps"))}
    return account in users | apps


def _is_on(value: Any, name: str) -> bool:
    return isinstance(value, Mapping) and value.get(name) is True


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _applies(conditions: Any, ref: str) -> bool:
    """Whether a ruleset is about that ref; one whose conditions cannot be understood is taken to be."""
    names = conditions.get("ref_name") if isinstance(conditions, Mapping) else None
    if not isinstance(names, Mapping):
        return True
    is_out = any(_matches(str(each), ref) for each in names.get("exclude") or ())
    return not is_out and any(_matches(str(each), ref) for each in names.get("include") or ())


_PARTS: Final = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANT: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _matches(pattern: str, ref: str) -> bool:
    """GitHub's patterns are fnmatch with path names: a star stays within its folder, two do not."""
    if pattern == "~ALL":
        return True
    expression = "".join(_MEANT.get(part) or re.escape(part) for part in _PARTS.findall(pattern))
    return re.fullmatch(expression, ref) is not None
