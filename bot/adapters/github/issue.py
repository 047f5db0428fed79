"""The one open issue that says that a branch is blocked: opened, kept up to date night by night, and closed.

It is found by a mark at the beginning of its body, among those with our label, which only who may triage can give.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final
from urllib.parse import urlencode

from github.Repository import Repository

from bot.adapters.github import comments, rest
from bot.adapters.github.client import Client
from bot.adapters.github.comments import Comment
from bot.adapters.github.ensure import Once
from bot.adapters.github.markers import decoded, encoded, marked, marker, starts_with
from bot.adapters.github.rest import Item
from bot.adapters.github.sizes import LONGEST_BODY, LONGEST_TITLE, line, page, same
from bot.core.announcing import caused_anew
from bot.core.hosting import Blocked, Unblocked

LABEL: Final = "promotion-blocked"


def address(client: Client) -> str:
    """Where people see all that is blocked, known before there is any issue."""
    return f"{rest.web(client)}/issues?{urlencode({'q': f'is:issue is:open label:{LABEL}'})}"


def block(client: Client, once: Once, blocked: Blocked) -> str | None:
    """Have exactly one open issue about that branch, with this title and body; returns its address.

    Where the cause is another one than the issue tells, a comment says so; of several open ones the oldest stays.
    """
    wanted = _wanted(blocked)
    there: list[Item] = []

    def find() -> Item | None:
        there[:] = _open(client, blocked.branch)
        return there[0] if there else None

    issue = once.ensure(
        f"an issue about {blocked.branch} by run {blocked.run_id}",
        find,
        lambda repository: rest.sent(repository, "POST", "/issues", wanted | {"labels": [LABEL]}),
    )
    before = _cause(issue)
    if before != encoded(blocked.cause):
        mark = {"run": blocked.run_id, "cause": blocked.cause}
        words = caused_anew(decoded(before or ""), blocked.comment)
        comments.say(client, once, issue, Comment(words, mark, comments.last_is(cause=blocked.cause)))
    if not _shows(issue, wanted=wanted):
        issue = _change(client, once, issue, wanted)
    _close_others(client, once, issue, there[1:])
    return rest.address(issue)


def unblock(client: Client, once: Once, unblocked: Unblocked) -> str | None:
    """Have no open issue about that branch, each closed with a comment; the address of the oldest, None for none."""
    there = _open(client, unblocked.branch)
    for issue in there:
        mark = {"run": unblocked.run_id}
        comments.say(client, once, issue, Comment(unblocked.comment, mark, comments.any_is(**mark)))
        _change(client, once, issue, {"state": "closed", "state_reason": "completed"})
    return rest.address(there[0]) if there else None


def _close_others(client: Client, once: Once, kept: Item, others: Sequence[Item]) -> None:
    """What two bots opened at the same moment, or one whose answer was lost for long."""
    for issue in others:
        mark = {"duplicate": str(kept["number"])}
        # GitHub's own way to link the two.
        link = Comment(f"Duplicate of #{kept['number']}", mark, comments.any_is(**mark))
        comments.say(client, once, issue, link)
        _change(client, once, issue, {"state": "closed", "state_reason": "not_planned"})


def _open(client: Client, branch: str) -> list[Item]:
    """The open ones about that branch, the oldest first; GitHub lists pull requests as issues, too."""
    mark = _mark(branch)
    found = rest.listed(client, "/issues", state="open", labels=LABEL)
    ours = [issue for issue in found if "pull_request" not in issue and starts_with(issue.get("body"), mark)]
    return sorted(ours, key=lambda issue: int(issue["number"]))


def _change(client: Client, once: Once, issue: Item, wanted: Item) -> Item:
    path = f"/issues/{issue['number']}"

    def send(repository: Repository) -> Item:
        return rest.sent(repository, "PATCH", path, wanted)

    return once.change(
        f"issue {issue['number']}", partial(rest.find, client, path), partial(_shows, wanted=wanted), send
    )


def _shows(issue: Item, wanted: Item) -> bool:
    return all(same(issue.get(field), text) for field, text in wanted.items())


def _wanted(blocked: Blocked) -> Item:
    marks = f"{_mark(blocked.branch)}\n{marker('cause', cause=blocked.cause)}"
    return {
        "title": line(blocked.title, LONGEST_TITLE),
        "body": page(f"{marks}\n\n{blocked.body}", LONGEST_BODY),
    }


def _mark(branch: str) -> str:
    return marker("blocked", branch=branch)


def _cause(issue: Item) -> str | None:
    return (marked(issue.get("body"), "cause") or {}).get("cause")
