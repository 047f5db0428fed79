"""Commit statuses: a log; the newest of each context counts."""

from support.github import made
from support.github.answers import Answer, Json, invalid, no_longer_than, unprocessable
from support.github.gitdata import FULL_ID, kind_of
from support.github.pages import paged
from support.github.routes.commits import commit_named
from support.github.routing import Ask, body_of, route
from support.github.shapes import repository

_LONGEST_LINE = 140
_MOST = 1000


@route("POST /repos/{owner}/{repo}/statuses/{sha}", "statuses=write")
def create(ask: Ask) -> Answer:
    body, sha = body_of(ask), ask.path["sha"]
    if not FULL_ID.fullmatch(sha) or kind_of(ask.hub.remote, sha) != "commit":
        raise unprocessable(f"No commit found for SHA: {sha}")
    _check(body)
    context = body.get("context") or "default"
    if sum(one["sha"] == sha and one["context"] == context for one in ask.world.statuses) >= _MOST:
        raise unprocessable("This SHA and context has reached the maximum number of statuses.")
    status = made.status(ask.hub, sha, body, ask.who.login)
    ask.world.statuses.append(status)
    return Answer(201, shown(status), {"Location": status["url"]})


def _check(body: Json) -> None:
    no_longer_than(_LONGEST_LINE, "Status", "description", body.get("description"))
    no_longer_than(255, "Status", "context", body.get("context"))
    target = body.get("target_url")
    if target and not target.startswith(("http://", "https://")):
        raise invalid("Status", "target_url", message="target_url must use http(s) scheme")


def shown(status: Json) -> Json:
    """As GitHub answers it: which commit it is on is told by the address alone."""
    return {key: value for key, value in status.items() if key != "sha"}


def _of(ask: Ask, sha: str) -> list[Json]:
    return [one for one in reversed(ask.world.statuses) if one["sha"] == sha]


@route("GET /repos/{owner}/{repo}/commits/{ref}/statuses", "statuses=read")
def listed(ask: Ask) -> Answer:
    sha = commit_named(ask, ask.path["ref"])
    path = f"/repos/{ask.hub.full_name}/commits/{ask.path['ref']}/statuses"
    return paged(ask, path, [shown(one) for one in _of(ask, sha)])


@route("GET /repos/{owner}/{repo}/commits/{ref}/status", "statuses=read")
def combined(ask: Ask) -> Answer:
    sha = commit_named(ask, ask.path["ref"])
    newest: dict[str, Json] = {}
    for one in _of(ask, sha):
        newest.setdefault(one["context"], {key: value for key, value in shown(one).items() if key != "creator"})
    path = f"/repos/{ask.hub.full_name}/commits/{ask.path['ref']}/status"
    return paged(ask, path, list(newest.values()), lambda page: _whole(ask, sha, newest, page))


def _whole(ask: Ask, sha: str, newest: dict[str, Json], page: list[Json]) -> Json:
    states = {one["state"] for one in newest.values()}
    failed = bool(states & {"failure", "error"})
    return {
        "state": "failure" if failed else "success" if states == {"success"} else "pending",
        "statuses": page,
        "sha": sha,
        "total_count": len(newest),
        "repository": repository(ask.hub, may_push=True, is_admin=False),
        "commit_url": f"{ask.hub.repo_url}/commits/{sha}",
        "url": f"{ask.hub.repo_url}/commits/{sha}/status",
    }
