"""All checks of a commit: check runs of every App and commit statuses, the newest word of each name."""

from collections.abc import Callable, Iterable
from typing import Final

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.rest import Item, number
from bot.core.hosting import CheckState, SeenCheck

_STATUS: Final = {"success": CheckState.SUCCESS, "pending": CheckState.PENDING}


def checks(client: Client, sha: str) -> tuple[SeenCheck, ...]:
    """Each check run's and each status's newest word on that commit, asked anew; a name may stand in both kinds."""
    runs = rest.listed(client, f"/commits/{sha}/check-runs", "check_runs", filter="latest")
    statuses = rest.listed(client, f"/commits/{sha}/statuses")
    return (*map(_run, newest(runs, _name)), *map(_status, newest(statuses, context)))


def newest(items: Iterable[Item], name: Callable[[Item], str]) -> tuple[Item, ...]:
    """The last made of each name; numbers only grow, while times may be told by whoever made the check."""
    last: dict[str, Item] = {}
    for item in items:
        key = name(item)
        if key not in last or number(item) > number(last[key]):
            last[key] = item
    return tuple(last.values())


def context(status: Item) -> str:
    """What a commit status is about; GitHub takes no account of its case."""
    return str(status.get("context")).casefold()


def _name(run: Item) -> str:
    return str(run.get("name"))


def _run(run: Item) -> SeenCheck:
    said, state = str(run.get("status")), CheckState.PENDING
    if said == "completed":
        said = str(run.get("conclusion"))
        state = CheckState.SUCCESS if said == "success" else CheckState.OTHER
    at = str(run.get("completed_at") or run.get("started_at") or "")
    return SeenCheck(_name(run), state, said, at, _address(run.get("html_url")))


def _status(status: Item) -> SeenCheck:
    said = str(status.get("state"))
    at = str(status.get("updated_at") or status.get("created_at") or "")
    state = _STATUS.get(said, CheckState.OTHER)
    return SeenCheck(str(status.get("context")), state, said, at, _address(status.get("target_url")))


def _address(url: object) -> str | None:
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None
