"""The rules of branches: what they are, and that no write of a ref through the API goes past them."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from support.github import gitdata
from support.github.access import Caller
from support.github.answers import Json, Refused, unprocessable

if TYPE_CHECKING:
    from support.github.hub import Hub
    from support.github.world import World

_WORKFLOWS = ".github/workflows/"


def effective(hub: "Hub", world: "World", ref: str) -> list[tuple[Json, Json]]:
    """Each active rule for that full ref name, with its ruleset."""
    active = [one for one in world.rulesets if one["enforcement"] == "active" and _applies(hub, one, ref)]
    return [(ruleset, rule) for ruleset in active for rule in ruleset["rules"]]


def _applies(hub: "Hub", ruleset: Json, ref: str) -> bool:
    kind = {"branch": "refs/heads/", "tag": "refs/tags/"}.get(ruleset.get("target", "branch"), "refs/none/")
    names = ruleset.get("conditions", {}).get("ref_name", {})
    patterns = [_meant(hub, one) for one in names.get("include", ())]
    is_in = any(fnmatchcase(ref, one) for one in patterns)
    is_out = any(fnmatchcase(ref, _meant(hub, one)) for one in names.get("exclude", ()))
    return ref.startswith(kind) and is_in and not is_out


def _meant(hub: "Hub", pattern: str) -> str:
    return {"~ALL": "*", "~DEFAULT_BRANCH": f"refs/heads/{hub.default_branch}"}.get(pattern, pattern)


def may_bypass(ruleset: Json, who: Caller) -> bool:
    """Whether that caller is one of those the ruleset lets past."""
    actors = {(one["actor_type"], one.get("actor_id")) for one in ruleset.get("bypass_actors") or ()}
    is_app = who.app_id is not None and ("Integration", who.app_id) in actors
    return is_app or (is_administrator(who) and ("RepositoryRole", 5) in actors)


def is_administrator(who: Caller) -> bool:
    """A person whose token may administer the repository is taken for one of its administrators."""
    return who.token is not None and not who.token.is_installation and who.may("administration=write")


def check_update(hub: "Hub", who: Caller, ref: str, old: str | None, new: str | None) -> None:
    """Refuse a change of a ref that a rule, the protection of its branch or a missing permission forbids."""
    check_workflows(hub, who, old, new)
    found = broken_rules(hub, who, ref, old, new)
    if found:
        raise unprocessable("Repository rule violations found\n\n" + "\n\n".join(found) + "\n\n")
    protected = broken_protection(hub, who, ref, old, new)
    if protected:
        raise unprocessable(f"Protected branch update failed for {ref}.\n\n• " + "\n• ".join(protected))


def broken_rules(hub: "Hub", who: Caller, ref: str, old: str | None, new: str | None) -> list[str]:
    """What the rulesets have against it, unless they let the caller past."""
    return [
        sentence
        for ruleset, rule in effective(hub, hub.world, ref)
        if not may_bypass(ruleset, who)
        for sentence in _broken(hub, rule, old, new)
    ]


def check_workflows(hub: "Hub", who: Caller, old: str | None, new: str | None) -> None:
    if new is None or who.token is None or _may_touch_workflows(who):
        return
    # Commits that are there already may be pointed at when another branch has those files just so.
    known = old or hub.remote.refs().get(f"refs/heads/{hub.default_branch}")
    if any(path.startswith(_WORKFLOWS) for path in gitdata.changed_paths(hub.remote, known, new)):
        kind = "integration" if who.token.is_installation else "personal access token"
        raise Refused(403, f"Resource not accessible by {kind}")


def _may_touch_workflows(who: Caller) -> bool:
    if who.token is None:
        return False
    return "workflow" in who.token.scopes if who.token.scopes else who.may("workflows=write")


def _broken(hub: "Hub", rule: Json, old: str | None, new: str | None) -> Iterator[str]:
    repo = hub.remote
    match rule["type"]:
        case "creation" if old is None:
            yield "Cannot create ref due to creations being restricted."
        case "update" if old and new:
            yield "Cannot update this protected ref."
        case "deletion" if new is None:
            yield "Cannot delete this protected ref."
        case "non_fast_forward" if old and new and not gitdata.is_ancestor(repo, old, new):
            yield "Cannot force-push to this branch"
        case "required_linear_history" if old and new and gitdata.has_merges(repo, old, new):
            yield "This branch must not contain merge commits."
        case "pull_request" if new:
            yield "Changes must be made through a pull request."
        case "required_status_checks" if new:
            wanted = [one["context"] for one in rule["parameters"]["required_status_checks"]]
            yield from _missing_checks(hub, wanted, new)


def _missing_checks(hub: "Hub", wanted: list[str], sha: str) -> Iterator[str]:
    passed = successes(hub.world, sha)
    missing = [name for name in wanted if name not in passed]
    if len(missing) == 1:
        yield f'Required status check "{missing[0]}" is expected.'
    elif missing:
        yield f"{len(missing)} of {len(wanted)} required status checks are expected."


def successes(world: "World", sha: str) -> set[str]:
    """The names of the checks that GitHub takes as passed: skipped and neutral ones too."""
    newest = {one["context"]: one["state"] for one in world.statuses if one["sha"] == sha}
    runs = {one["name"]: one["conclusion"] for one in world.check_runs if one["head_sha"] == sha}
    passed = {name for name, state in newest.items() if state == "success"}
    return passed | {name for name, conclusion in runs.items() if conclusion in ("success", "neutral", "skipped")}


def broken_protection(hub: "Hub", who: Caller, ref: str, old: str | None, new: str | None) -> list[str]:
    """What the branch's protection has against it; administrators go past it unless it is for them, too."""
    protection = hub.world.protections.get(ref.removeprefix("refs/heads/"))
    if protection is None or (is_administrator(who) and not protection["enforce_admins"]["enabled"]):
        return []
    return list(_protection_broken(hub, protection, old, new))


def _protection_broken(hub: "Hub", protection: Json, old: str | None, new: str | None) -> Iterator[str]:
    if new is None and not protection["allow_deletions"]["enabled"]:
        yield "Cannot delete this branch"
    if new is None:
        return
    if old and not protection["allow_force_pushes"]["enabled"] and not gitdata.is_ancestor(hub.remote, old, new):
        yield "Cannot force-push to this branch"
    if old and protection["required_linear_history"]["enabled"] and gitdata.has_merges(hub.remote, old, new):
        yield "This branch must not contain merge commits."
    if protection.get("required_pull_request_reviews"):
        yield "Changes must be made through a pull request."
    checks = protection.get("required_status_checks")
    if checks:
        yield from _missing_checks(hub, checks["contexts"], new)
