"""Labels of the repository, made when an issue first wears one."""

from support.github.answers import Answer, Json, already_exists, not_found
from support.github.pages import paged
from support.github.routing import Ask, body_of, route
from support.github.shapes import node_id
from support.github.world import find

_LIST = "/repos/{owner}/{repo}/labels"


def ensured(ask: Ask, name: str) -> Json:
    """The label of that name, made in grey where there was none; GitHub tells names apart without case."""
    known = next((one for one in ask.world.labels if one["name"].lower() == name.lower()), None)
    return known or _make(ask, {"name": name})


def _make(ask: Ask, body: Json) -> Json:
    number = ask.hub.next_id()
    label = {
        "id": number,
        "node_id": node_id("LA", number),
        "url": f"{ask.hub.repo_url}/labels/{body['name']}",
        "name": body["name"],
        "description": body.get("description"),
        "color": body.get("color", "ededed").lstrip("#"),
        "default": False,
    }
    ask.world.labels.append(label)
    return label


@route(f"GET {_LIST}", "issues=read", "pull_requests=read")
def listed(ask: Ask) -> Answer:
    return paged(ask, f"/repos/{ask.hub.full_name}/labels", ask.world.labels)


@route(f"POST {_LIST}", "issues=write", "pull_requests=write")
def create(ask: Ask) -> Answer:
    body = body_of(ask)
    if any(one["name"].lower() == body["name"].lower() for one in ask.world.labels):
        raise already_exists("Label", "name")
    return Answer(201, _make(ask, body))


@route(f"GET {_LIST}/{{name}}", "issues=read", "pull_requests=read")
def one(ask: Ask) -> Answer:
    label = find(ask.world.labels, name=ask.path["name"])
    if label is None:
        raise not_found()
    return Answer(200, label)
