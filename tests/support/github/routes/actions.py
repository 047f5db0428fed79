"""What Actions may do here, which workflows there are, and webhooks: for whoever looks whether all is well."""

from support.github import gitdata, shapes
from support.github.answers import Answer, Json, not_found
from support.github.pages import paged
from support.github.routing import Ask, route

_FOLDER = ".github/workflows/"


@route("GET /repos/{owner}/{repo}/actions/permissions", "administration=read")
def permissions(ask: Ask) -> Answer:
    return Answer(200, {"enabled": ask.hub.actions_enabled, "allowed_actions": "all"})


@route("GET /repos/{owner}/{repo}/actions/permissions/workflow", "administration=read")
def workflow_permissions(ask: Ask) -> Answer:
    level = ask.hub.default_workflow_permissions
    return Answer(200, {"default_workflow_permissions": level, "can_approve_pull_request_reviews": False})


@route("GET /repos/{owner}/{repo}/actions/workflows", "actions=read")
def workflows(ask: Ask) -> Answer:
    """Those on the default branch."""
    tip = ask.refs().get(f"refs/heads/{ask.hub.default_branch}")
    paths = (
        [path for path in gitdata.changed_paths(ask.hub.remote, None, tip) if path.startswith(_FOLDER)] if tip else []
    )
    found = [_workflow(ask, path) for path in paths]
    path = f"/repos/{ask.hub.full_name}/actions/workflows"
    return paged(ask, path, found, lambda page: {"total_count": len(found), "workflows": page})


def _workflow(ask: Ask, path: str) -> Json:
    number = shapes.crc32(path.encode())
    url = f"{ask.hub.repo_url}/actions/workflows/{number}"
    page = f"{ask.hub.page_url}/blob/{ask.hub.default_branch}/{path}"
    name = path.removeprefix(_FOLDER)
    return {
        "id": number,
        "node_id": shapes.node_id("W", number),
        "name": name,
        "path": path,
        "state": ask.hub.workflow_states.get(path, "active"),
        "url": url,
        "html_url": page,
        "badge_url": f"{ask.hub.page_url}/workflows/{name}/badge.svg",
        **dict.fromkeys(("created_at", "updated_at"), shapes.BEGINNING),
    }


@route("GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs", "actions=read")
def runs_of(ask: Ask) -> Answer:
    """By its number or its file's name; the runs are those that the test put into `hub.world.workflow_runs`."""
    wanted = str(ask.path["workflow_id"])
    found = [one for one in reversed(ask.world.workflow_runs) if _is_of(one, wanted) and _is_asked(ask, one)]
    path = f"/repos/{ask.hub.full_name}/actions/workflows/{wanted}/runs"
    return paged(ask, path, found, lambda page: {"total_count": len(found), "workflow_runs": page})


def _is_of(run: Json, wanted: str) -> bool:
    return wanted in (str(run["workflow_id"]), run["path"].removeprefix(_FOLDER))


def _is_asked(ask: Ask, run: Json) -> bool:
    said = (run.get("status"), run.get("conclusion"))
    wanted = {name: ask.query.get(name) for name in ("event", "branch")}
    known = {"event": run.get("event"), "branch": run.get("head_branch")}
    return all(value in (None, known[name]) for name, value in wanted.items()) and (
        ask.query.get("status") in (None, *said)
    )


@route("GET /repos/{owner}/{repo}/hooks", "repository_hooks=read")
def hooks(ask: Ask) -> Answer:
    if ask.who.token is None:
        raise not_found()
    return paged(ask, f"/repos/{ask.hub.full_name}/hooks", ask.world.hooks)
