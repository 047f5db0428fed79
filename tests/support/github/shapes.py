"""The JSON of people, Apps and the repository, with all the keys that GitHub has in it."""

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from support.github.answers import Json

if TYPE_CHECKING:
    from support.github.hub import Hub

_USER_URLS: Final = (
    "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url", "organizations_url",
    "repos_url", "events_url", "received_events_url",
)  # fmt: skip
_REPO_URLS: Final = (
    "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents",
    "contributors", "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks",
    "issue_comment", "issue_events", "issues", "keys", "labels", "languages", "merges", "milestones",
    "notifications", "pulls", "releases", "stargazers", "statuses", "subscribers", "subscription", "tags", "teams",
    "trees",
)  # fmt: skip
_COUNTS: Final = (
    "forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers",
    "watchers_count", "network_count", "subscribers_count",
)  # fmt: skip
BEGINNING: Final = "2020-01-01T00:00:00Z"


def stamp(seconds: float) -> str:
    """A moment as GitHub writes it, in whole seconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def node_id(kind: str, number: object) -> str:
    return f"{kind}_" + base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def user(hub: "Hub", login: str) -> Json:
    """A person, or an App where the login ends in `[bot]`."""
    api = f"{hub.api_url}/users/{login}"
    number = crc32(login.encode())
    return {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "avatar_url": f"{hub.web_url}/avatars/{number}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{hub.web_url}/{login}",
        **{name: f"{api}/{name.removesuffix('_url')}" for name in _USER_URLS},
        "type": "Bot" if login.endswith("[bot]") else "User",
        "site_admin": False,
    }


def integration(hub: "Hub", slug: str, number: int) -> Json:
    """An App."""
    return {
        "id": number,
        "slug": slug,
        "node_id": node_id("A", number),
        "owner": user(hub, hub.owner),
        "name": slug,
        "description": "",
        "external_url": f"{hub.web_url}/{slug}",
        "html_url": f"{hub.web_url}/apps/{slug}",
        "created_at": BEGINNING,
        "updated_at": BEGINNING,
        "permissions": dict(hub.app_permissions),
        "events": [],
    }


def repository(hub: "Hub", *, may_push: bool, is_admin: bool) -> Json:
    """The repository itself."""
    base = hub.repo_url
    return {
        "id": hub.repo_id,
        "node_id": hub.repo_node_id,
        "name": hub.name,
        "full_name": hub.full_name,
        "owner": user(hub, hub.owner),
        "private": hub.private,
        "visibility": "private" if hub.private else "public",
        "html_url": f"{hub.web_url}/{hub.full_name}",
        "description": None,
        "fork": False,
        "url": base,
        **{f"{name}_url": f"{base}/{name}" for name in _REPO_URLS},
        **_addresses(hub),
        **dict.fromkeys(_COUNTS, 0),
        "homepage": None,
        "language": None,
        "mirror_url": None,
        "license": None,
        "default_branch": hub.default_branch,
        "archived": hub.archived,
        "disabled": False,
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki"), True),
        "has_issues": hub.has_issues,
        **dict.fromkeys(("has_pages", "has_discussions", "has_downloads"), False),
        "permissions": {"admin": is_admin, "maintain": is_admin, "push": may_push, "triage": may_push, "pull": True},
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), BEGINNING),
    }


def _addresses(hub: "Hub") -> Json:
    page = f"{hub.web_url}/{hub.full_name}"
    return {"clone_url": f"{page}.git", "git_url": f"{page}.git", "ssh_url": f"{page}.git", "svn_url": page}


def dates(now: float) -> Json:
    """Both times of something made just now."""
    return {"created_at": stamp(now), "updated_at": stamp(now)}


def pick(values: Json, *names: str) -> dict[str, Any]:
    """Those of these keys that are there."""
    return {name: values[name] for name in names if name in values}
