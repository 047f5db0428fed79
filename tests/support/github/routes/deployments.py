"""Deployments and how they went."""

from support.github import gitdata
from support.github.answers import Answer, Json, Refused, no_longer_than, not_found, unprocessable
from support.github.enforcement import successes
from support.github.pages import paged
from support.github.routing import Ask, body_of, route
from support.github.shapes import dates, node_id, user
from support.github.world import find

_LONGEST_LINE = 140


@route("POST /repos/{owner}/{repo}/deployments", "deployments=write")
def create(ask: Ask) -> Answer:
    body = body_of(ask)
    sha = gitdata.resolve(ask.hub.remote, ask.hub.remote.refs(), body["ref"])
    if sha is None:
        raise unprocessable(f"No ref found for: {body['ref']}")
    no_longer_than(_LONGEST_LINE, "Deployment", "description", body.get("description"))
    _refuse_unmerged(ask, body, sha)
    _refuse_unchecked(ask, body, sha)
    deployment = _new(ask, body, sha)
    ask.world.deployments.append(deployment)
    return Answer(201, deployment, {"Location": deployment["url"]})


def _refuse_unmerged(ask: Ask, body: Json, sha: str) -> None:
    """Unless `auto_merge` is false GitHub merges the default branch into what is deployed, and deploys nothing."""
    tip = ask.hub.remote.refs().get(f"refs/heads/{ask.hub.default_branch}")
    if body.get("auto_merge", True) and tip and not gitdata.is_ancestor(ask.hub.remote, tip, sha):
        raise Refused(409, f"Conflict merging {ask.hub.default_branch} into {body['ref']}")


def _refuse_unchecked(ask: Ask, body: Json, sha: str) -> None:
    """Unless `required_contexts` is empty, all checks of the commit (or those named) must have passed."""
    passed = successes(ask.world, sha)
    said = {one["context"] for one in ask.world.statuses if one["sha"] == sha}
    wanted = body.get("required_contexts")
    missing = (said if wanted is None else set(wanted)) - passed
    if missing:
        errors = [{"contexts": sorted(missing), "resource": "Deployment", "field": "required_contexts"}]
        raise Refused(409, f"Conflict: Commit status checks failed for {body['ref']}.", errors=errors)


def _new(ask: Ask, body: Json, sha: str) -> Json:
    hub, number = ask.hub, ask.hub.next_id()
    url = f"{hub.repo_url}/deployments/{number}"
    return {
        "url": url,
        "id": number,
        "node_id": node_id("DE", number),
        "task": body.get("task", "deploy"),
        "original_environment": body.get("environment", "production"),
        "environment": body.get("environment", "production"),
        "description": body.get("description") or None,
        "ref": body["ref"],
        "sha": sha,
        "payload": body.get("payload") or {},
        "creator": user(hub, ask.who.login),
        "statuses_url": f"{url}/statuses",
        "repository_url": hub.repo_url,
        "transient_environment": body.get("transient_environment", False),
        "production_environment": body.get("production_environment", body.get("environment") == "production"),
        **dates(hub.now()),
    }


@route("GET /repos/{owner}/{repo}/deployments", "deployments=read")
def listed(ask: Ask) -> Answer:
    wanted = {key: value for key in ("sha", "ref", "task", "environment") if (value := ask.query.get(key)) is not None}
    found = [one for one in reversed(ask.world.deployments) if all(one[key] == value for key, value in wanted.items())]
    return paged(ask, f"/repos/{ask.hub.full_name}/deployments", found)


def _find(ask: Ask) -> Json:
    deployment = find(ask.world.deployments, id=ask.path["deployment_id"])
    if deployment is None:
        raise not_found()
    return deployment


@route("GET /repos/{owner}/{repo}/deployments/{deployment_id}", "deployments=read")
def one(ask: Ask) -> Answer:
    return Answer(200, _find(ask))


@route("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "deployments=write")
def create_status(ask: Ask) -> Answer:
    body, deployment = body_of(ask), _find(ask)
    no_longer_than(_LONGEST_LINE, "DeploymentStatus", "description", body.get("description"))
    status = _status(ask, deployment, body)
    if body["state"] == "success" and body.get("auto_inactive", True):
        _retire_others(ask, deployment)
    ask.world.deployment_statuses.append(status)
    deployment["updated_at"] = status["updated_at"]
    return Answer(201, status, {"Location": status["url"]})


def _status(ask: Ask, deployment: Json, body: Json) -> Json:
    hub, number = ask.hub, ask.hub.next_id()
    url = f"{deployment['statuses_url']}/{number}"
    return {
        "url": url,
        "id": number,
        "node_id": node_id("DES", number),
        "state": body["state"],
        "creator": user(hub, ask.who.login),
        "description": body.get("description", ""),
        "environment": body.get("environment", deployment["environment"]),
        "target_url": body.get("log_url") or body.get("target_url", ""),
        "log_url": body.get("log_url") or body.get("target_url", ""),
        "environment_url": body.get("environment_url", ""),
        "deployment_url": deployment["url"],
        "repository_url": hub.repo_url,
        **dates(hub.now()),
    }


def _retire_others(ask: Ask, deployment: Json) -> None:
    """A success makes earlier successes for the same environment inactive."""
    last = {one["deployment_url"]: one for one in ask.world.deployment_statuses}
    for other in ask.world.deployments:
        same = other["environment"] == deployment["environment"] and other is not deployment
        is_lasting = not other["transient_environment"] and not other["production_environment"]
        if same and is_lasting and last.get(other["url"], {}).get("state") == "success":
            ask.world.deployment_statuses.append(_status(ask, other, {"state": "inactive"}))


@route("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "deployments=read")
def statuses(ask: Ask) -> Answer:
    deployment = _find(ask)
    found = [one for one in reversed(ask.world.deployment_statuses) if one["deployment_url"] == deployment["url"]]
    return paged(ask, f"/repos/{ask.hub.full_name}/deployments/{deployment['id']}/statuses", found)
