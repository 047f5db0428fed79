"""What else doctor reads on GitHub: limits, immutable releases, scheduled workflows, the environment, webhooks."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Final
from urllib.parse import quote, urlsplit

from github.Repository import Repository

from bot.adapters.github import rest
from bot.adapters.github.client import Client, Rejected
from bot.core.doctor_hooks import Hook
from bot.core.doctor_host import Allowance, Surroundings
from bot.core.doctor_starts import Workflow
from bot.errors import BotError, Reason

_MOST_WORKFLOWS: Final = 30
# What tells that a workflow is the one that starts the nights.
_OURS: Final = ("nightly", "promot")
_FOLDER: Final = ".github/workflows"
_MACHINE: Final = re.compile(r"[a-z0-9._:-]{1,253}")


def allowance(client: Client) -> Allowance:
    """How many requests are left; asking costs none."""

    def ask(repository: Repository) -> Any:
        return repository.requester.requestJsonAndCheck("GET", "/rate_limit")[1]

    document = client.read(ask)
    core = document.get("resources", {}).get("core", {}) if isinstance(document, Mapping) else {}
    numbers = [core[name] for name in ("remaining", "limit", "reset") if isinstance(core.get(name), int)]
    match numbers:
        case [left, most, until]:
            return Allowance(left, most, datetime.fromtimestamp(until, UTC))
    raise BotError(Reason.HOST_FAILED, "GitHub does not say how many requests are left.")


def has_workflows(client: Client, sha: str) -> bool:
    """Whether that commit has workflow files."""
    return client.find(lambda repository: _get(repository, f"/contents/{_FOLDER}", ref=sha)) is not None


def surroundings(client: Client, environment: str, *, trusts_404: bool) -> Surroundings:
    """What GitHub lets the login see of these; a classic token gets a 404 as well where it may not ask."""
    hidden: list[str] = []
    immutable = _seen(lambda: _is_immutable(client, trusts_404=trusts_404), "immutable releases", hidden)
    place = f"/environments/{quote(environment, safe='')}"
    there = _seen(lambda: rest.find(client, place) is not None, "the environment", hidden)
    workflows = _seen(lambda: _workflows(client), "scheduled workflows", hidden)
    hooks = _seen(lambda: _hooks(client), "webhooks", hidden)
    return Surroundings(immutable, workflows, there, hooks, tuple(hidden))


_NEEDS: Final = {
    "immutable releases": "read of Administration",
    "the environment": "read of Environments or Actions",
    "scheduled workflows": "read of Actions",
    "webhooks": "read of Webhooks",
}


def _seen(ask: Callable[[], Any], what: str, hidden: list[str]) -> Any:
    """What it finds; None where it may not be seen, which is noted."""
    try:
        found = ask()
    except Rejected as no:
        if no.status not in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            raise
        found = None
    if found is None:
        hidden.append(f"{what} ({_NEEDS[what]})")
    return found


def _is_immutable(client: Client, *, trusts_404: bool) -> bool | None:
    """GitHub says 404 where they are not; None where that may mean something else."""
    found = rest.find(client, "/immutable-releases")
    if found is None:
        return False if trusts_404 else None
    return found.get("enabled") is True


def _workflows(client: Client) -> tuple[Workflow, ...]:
    """Those that may start the nights, and those that GitHub disabled for want of activity."""
    listed = islice(rest.listed(client, "/actions/workflows", "workflows"), _MOST_WORKFLOWS)
    return tuple(_workflow(client, one) for one in listed if _is_telling(one))


def _is_telling(one: rest.Item) -> bool:
    name = str(one.get("path")).lower()
    return any(word in name for word in _OURS) or one.get("state") == "disabled_inactivity"


def _workflow(client: Client, one: rest.Item) -> Workflow:
    state = str(one.get("state"))
    path = f"/actions/workflows/{one['id']}/runs"
    run = None if state.startswith("disabled") else _newest(client, path)
    if run is None:
        return Workflow(str(one.get("path")), state)
    ended = run.get("conclusion") or run.get("status")
    return Workflow(str(one.get("path")), state, str(ended), str(run.get("created_at")))


def _newest(client: Client, path: str) -> rest.Item | None:
    """The last run that the schedule started; GitHub lists the newest first."""
    document = client.get(path, {"event": "schedule", "per_page": 1})
    runs = document.get("workflow_runs") if isinstance(document, Mapping) else None
    return runs[0] if isinstance(runs, list) and runs and isinstance(runs[0], dict) else None


def _hooks(client: Client) -> tuple[Hook, ...]:
    """Those that are active; the list has their last answers as well, so that it is one request a hundred of them."""
    return tuple(_hook(one) for one in rest.listed(client, "/hooks") if one.get("active") is not False)


def _hook(one: rest.Item) -> Hook:
    last = one.get("last_response")
    said = last if isinstance(last, Mapping) else {}
    code, status = said.get("code"), said.get("status")
    return Hook(
        rest.number(one), _receiver(one), code if type(code) is int else None, status if isinstance(status, str) else ""
    )


def _receiver(one: rest.Item) -> str:
    """Whom it tells: the name of the machine and nothing else of an address; else what kind of hook it is."""
    config = one.get("config")
    url = config.get("url") if isinstance(config, Mapping) else None
    try:
        host = urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        host = None
    if host is not None and _MACHINE.fullmatch(host):
        return host
    return str(one.get("name")) if one.get("name") not in (None, "web") else ""


def _get(repository: Repository, path: str, **parameters: str) -> Any:
    return repository.requester.requestJsonAndCheck("GET", f"{repository.url}{path}", parameters)[1]
