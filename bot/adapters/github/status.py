"""What is said beside the candidate: a commit status, which the rules of a branch can demand."""

from typing import Any, Final

from github.Repository import Repository

from bot.adapters.github import issue, rest
from bot.adapters.github.checks import context, newest
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Again, Once
from bot.adapters.github.rest import Item, number
from bot.adapters.github.sizes import LONGEST_LINE, line
from bot.core.hosting import Mark

CONTEXT: Final = "promote/slo"


def show(client: Client, once: Once, mark: Mark) -> None:
    """Have the newest status of ours on that commit say it; one that says the same already is left as it is."""
    key = f"the status {CONTEXT} of {mark.sha[:12]}"
    # Where the evidence itself is nowhere to be seen, the issue about what is bad tells the rest.
    wanted = _wanted(mark, mark.url or (issue.address(client) if mark.light.is_bad else None))
    path = f"/commits/{mark.sha}/statuses"
    last = once.lately.made(key)
    since = number(last) if last else 0

    def find() -> Item | None:
        ours = newest((status for status in rest.listed(client, path) if context(status) == CONTEXT), context)
        # A read from before our own last word says nothing about what stands there now.
        return next((status for status in ours if number(status) >= since and says(status, wanted)), None)

    def send(repository: Repository) -> Item:
        return rest.sent(repository, "POST", f"/statuses/{mark.sha}", wanted)

    once.ensure(key, find, send, Again.HARMLESS)


def says(status: Item, wanted: Item) -> bool:
    """Whether a status of GitHub's shows what is wanted; an absent address and an empty one are the same."""
    return all(
        (status.get(field) or "") == (wanted.get(field) or "") for field in ("state", "description", "target_url")
    )


def _wanted(mark: Mark, url: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {"state": mark.light.value, "context": CONTEXT, "description": line(mark.line, LONGEST_LINE)}
    return said | ({"target_url": url} if url else {})
