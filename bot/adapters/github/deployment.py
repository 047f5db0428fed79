"""A record on GitHub that an environment got a commit: a deployment and its success, once for each run."""

import json
from typing import Any, Final
from urllib.parse import quote

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Once
from bot.adapters.github.rest import Item, number
from bot.adapters.github.sizes import LONGEST_LINE, line
from bot.core.hosting import Deployed

_SUCCESS: Final = "success"
_INACTIVE: Final = "inactive"


def record(client: Client, once: Once, deployed: Deployed, production: str) -> str:
    """Have the run's deployment there, and its status `success`; returns the address of its environment's page.

    One that is told of late, after a newer one, gets `inactive` as well: the newest record is not what runs there.
    """
    what = f"deployment of {deployed.tag} to {deployed.environment} by run {deployed.run_id}"
    deployment = once.ensure(
        f"the {what}",
        lambda: _find(client, deployed),
        lambda repository: rest.sent(repository, "POST", "/deployments", _wanted(deployed, production)),
    )
    path = f"/deployments/{deployment['id']}/statuses"
    for state in (_SUCCESS,) if deployed.current else (_SUCCESS, _INACTIVE):
        _have(client, once, deployed, path, state)
    return f"{rest.web(client)}/deployments/{quote(deployed.environment, safe='')}"


def _have(client: Client, once: Once, deployed: Deployed, path: str, state: str) -> None:
    said = {
        "state": state,
        "description": line(deployed.line, LONGEST_LINE),
        "environment": deployed.environment,
        # What is told of late must not make the record of what runs there an old one.
        "auto_inactive": deployed.current,
    }
    once.ensure(
        f"the {state} of the deployment of {deployed.tag} to {deployed.environment} by run {deployed.run_id}",
        lambda: _said(client, path, state),
        lambda repository: rest.sent(repository, "POST", path, said),
    )


def _find(client: Client, deployed: Deployed) -> Item | None:
    there = rest.listed(client, "/deployments", sha=deployed.sha, environment=deployed.environment)
    ours = [found for found in there if _payload(found).get("run_id") == deployed.run_id]
    return min(ours, key=number, default=None)


def _payload(deployment: Item) -> dict[str, Any]:
    """What whoever deployed said with it; GitHub gives back an object, or its text."""
    payload = deployment.get("payload")
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            return {}
    return payload if isinstance(payload, dict) else {}


def _said(client: Client, path: str, state: str) -> Item | None:
    """What was said once stays said, also when a later deployment took its place."""
    return next((status for status in rest.below(client, path) if status.get("state") == state), None)


def _wanted(deployed: Deployed, production: str) -> Item:
    """A full id, and neither a merge nor checks before it: the target has this commit already."""
    return {
        "ref": deployed.sha,
        "environment": deployed.environment,
        "auto_merge": False,
        "required_contexts": [],
        "payload": {"run_id": deployed.run_id, "tag": deployed.tag},
        "production_environment": deployed.environment == production,
        "description": line(deployed.line, LONGEST_LINE),
    }
