"""Environments: those that a deployment was recorded for."""

from support.github import shapes
from support.github.answers import Answer, not_found
from support.github.routing import Ask, route


@route("GET /repos/{owner}/{repo}/environments/{environment_name}", "actions=read", "environments=read")
def environment(ask: Ask) -> Answer:
    name = ask.path["environment_name"]
    if all(one["environment"] != name for one in ask.world.deployments):
        raise not_found()
    number = shapes.crc32(name.encode())
    return Answer(
        200,
        {
            "id": number,
            "node_id": shapes.node_id("EN", number),
            "name": name,
            "url": f"{ask.hub.repo_url}/environments/{name}",
            "html_url": f"{ask.hub.page_url}/deployments/activity_log?environments_filter={name}",
            **dict.fromkeys(("created_at", "updated_at"), shapes.BEGINNING),
            "protection_rules": [],
            "deployment_branch_policy": None,
        },
    )
