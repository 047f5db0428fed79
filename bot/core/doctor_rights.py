"""Who the bot is on the host, what it may do there, and what of that is missing or too much (invariant I27)."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final

from bot.core.doctor import Area, Finding, Level
from bot.core.moments import iso
from bot.core.text import plain


class TokenKind(StrEnum):
    """What the bot logs in with, as people call it."""

    CLASSIC = "a classic personal access token"
    FINE_GRAINED = "a fine-grained personal access token"
    OAUTH = "an OAuth token"
    APP = "a GitHub App's installation"
    INSTALLATION = "an installation token from elsewhere"
    WORKFLOW = "the GITHUB_TOKEN of a workflow"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the host tells of the login.

    `granted` are an App's permissions (`contents` -> `write`), `scopes` those of a classic token; None where the host
    tells none. `refused` are permissions (`issues`) that reading was refused for. `may_push` and `administers` are
    about the account, None where it is not told; `expires` is the end of the token, None where it has none.
    """

    kind: TokenKind
    login: str
    granted: Mapping[str, str] | None = None
    scopes: frozenset[str] | None = None
    refused: tuple[str, ...] = ()
    may_push: bool | None = None
    administers: bool | None = None
    is_public: bool = False
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What the bot needs on the host: permission -> (level, what for)."""

    permissions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    has_workflows: bool = False


class Feature(Enum):
    """What makes the bot need more on the host than what every night takes."""

    APP = "it is a GitHub App, which alone may write check runs"
    REQUIRED_CHECKS = "checks are required of the candidate"
    PUSHES = "this login pushes, too"
    WORKFLOWS = "there are workflow files"


def needs_of(features: AbstractSet[Feature]) -> Needs:
    """What the bot needs where these features are in use."""
    wanted = {
        "contents": ("write", "pushing and releases" if Feature.PUSHES in features else "releases"),
        "statuses": ("write", "the status promote/slo"),
        "deployments": ("write", "deployments"),
        "issues": ("write", "the issue about a blocked branch"),
        "pull_requests": ("read", "release notes"),
    }
    if Feature.APP in features:
        wanted["checks"] = ("write", "the check run")
    elif Feature.REQUIRED_CHECKS in features:
        wanted["checks"] = ("read", "required checks")
    return Needs(wanted, has_workflows=Feature.WORKFLOWS in features)


_LEVELS: Final = ("read", "write", "admin")
# What doctor reads, and what every installation has.
_WELCOME: Final = dict.fromkeys(("metadata", "administration", "actions", "environments", "repository_hooks"), "read")
_SOON: Final = timedelta(days=7)
_NEEDLESS: Final = "Take away what is not needed: whoever gets hold of the token has it too."


def judge_login(rights: Rights, now: datetime) -> Iterator[Finding]:
    """Who the bot is; whether its pushes start anything, and whether the token ends soon."""
    seen = f"{plain(rights.login) or 'nobody that the host names'}, by {rights.kind.value}"
    if rights.kind is TokenKind.WORKFLOW:
        action = "Have the bot log in as a GitHub App ([host] app_id), or push with another token."
        yield Finding(Area.HOST, "login", Level.WARN, f"{seen}: its pushes start no deployment", action)
    else:
        yield Finding(Area.HOST, "login", Level.OK, seen)
    if rights.expires is not None and rights.expires - now < _SOON:
        yield Finding(Area.HOST, "token", Level.WARN, f"ends at {iso(rights.expires)}", "Put a new one in its place.")


def judge_rights(rights: Rights, needs: Needs) -> Iterator[Finding]:
    """What is missing (a line each), then what is too much; one line where neither is."""
    missing = [*_missing(rights, needs)]
    for name, level, what in missing:
        action = f"Grant it {level} of {name.replace('_', ' ')}."
        yield Finding(Area.HOST, "permissions", Level.FAIL, f"{name}={level} is missing, for {what}", action)
    excess = tuple(_excess(rights, needs))
    if excess:
        yield Finding(Area.HOST, "permissions", Level.WARN, f"more than needed: {', '.join(excess)}", _NEEDLESS)
    if not missing and not _is_told(rights):
        yield Finding(
            Area.HOST,
            "permissions",
            Level.WARN,
            "what it may write cannot be seen: GitHub tells that of Apps and of classic tokens alone",
            f"See that it has {', '.join(f'{name}={level}' for name, (level, _) in needs.permissions.items())}.",
        )
    elif not missing and not excess:
        yield Finding(Area.HOST, "permissions", Level.OK, "all that is needed, and no more")


def _is_told(rights: Rights) -> bool:
    return rights.granted is not None or rights.scopes is not None


def _missing(rights: Rights, needs: Needs) -> Iterator[tuple[str, str, str]]:
    for name, (level, what) in needs.permissions.items():
        if name in rights.refused or not _may(rights, name, level):
            yield name, level, what
    if rights.may_push is False and "contents" not in rights.refused and _may(rights, "contents", "write"):
        yield "contents", "write", "pushing: its account may only read this repository"


def _may(rights: Rights, name: str, level: str) -> bool:
    """Whether it has that permission, as far as anybody tells."""
    if rights.granted is not None:
        have = rights.granted.get(name)
        return have in _LEVELS and _LEVELS.index(have) >= _LEVELS.index(level)
    if rights.scopes is not None:
        return "repo" in rights.scopes or (rights.is_public and "public_repo" in rights.scopes)
    return True


def _excess(rights: Rights, needs: Needs) -> Iterator[str]:
    for name, level in sorted((rights.granted or {}).items()):
        wanted = needs.permissions.get(name, ("", ""))[0] or _WELCOME.get(name, "")
        if name == "workflows" and needs.has_workflows:
            continue
        if level in _LEVELS and (not wanted or _LEVELS.index(level) > _LEVELS.index(wanted)):
            yield f"{plain(name)}={level}"
    for scope in sorted(rights.scopes or ()):
        if scope not in _fitting_scopes(rights, needs):
            yield f"the scope {plain(scope)}"
    if rights.administers and rights.granted is None:
        yield "its account administers the repository"


def _fitting_scopes(rights: Rights, needs: Needs) -> frozenset[str]:
    own = {"public_repo" if rights.is_public else "repo", "repo:status", "repo_deployment"}
    return frozenset(own | ({"workflow"} if needs.has_workflows else set()))


def judge_workflows(rights: Rights, changed: int) -> Finding:
    """Whether a push of commits that change workflow files would be let through; `changed` is how many do."""
    count = "a commit that waits changes" if changed == 1 else f"{changed} commits that wait change"
    if not changed:
        return Finding(Area.HOST, "workflows", Level.OK, "no waiting commit changes a workflow file")
    may = _may_workflows(rights)
    if may:
        return Finding(Area.HOST, "workflows", Level.OK, f"{count} workflow files, and it may push that")
    if may is None:
        action = "See that the token has write of Workflows; the push would be refused without."
        return Finding(
            Area.HOST, "workflows", Level.WARN, f"{count} workflow files; whether it may cannot be seen", action
        )
    action = "Grant it write of Workflows (a classic token: the scope workflow)."
    return Finding(Area.HOST, "workflows", Level.FAIL, f"{count} workflow files, and it may not push that", action)


def _may_workflows(rights: Rights) -> bool | None:
    """Whether it may push changed workflow files; None where nobody tells."""
    if rights.kind is TokenKind.WORKFLOW:
        return False
    if rights.granted is not None:
        return rights.granted.get("workflows") == "write"
    return None if rights.scopes is None else "workflow" in rights.scopes
