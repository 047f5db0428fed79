"""Which merged pull request brought each commit: asked by GraphQL, fifty commits a query, the queries in files beside.

Asked one by one over REST this would be a request a commit, and the end of the rate limit within one release.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from bot.adapters.github.client import Client
from bot.core.hosting import Pull
from bot.errors import BotError, Reason

BATCH: Final = 50
# Labels beyond the first page are rare; the last of hundreds may stay unknown.
_MORE_PAGES: Final = 3
_REPEATED: Final = re.compile(r"^.*\b[a-z]+0\b.*\n", re.MULTILINE)
_NUMBERED: Final = re.compile(r"\b([a-z]+)0\b")

Node: TypeAlias = Mapping[str, Any]


def pulls(client: Client, shas: Iterable[str], branches: Collection[str]) -> dict[str, Pull]:
    """The pull request that brought each commit (full ids) to one of the branches; commits without one are left out.

    At most one request for each fifty commits, and three more for labels beyond the first page.

    Raises:
        BotError: as `Client.graphql`; half an answer is none.
    """
    found: dict[str, _Found] = {}
    for batch in _batches(tuple(dict.fromkeys(shas))):
        found |= _asked(client, batch, branches)
    more = _further_labels(client, {each.pull.number: each.cursor for each in found.values() if each.cursor})
    return {sha: _with_labels(each.pull, more.get(each.pull.number, ())) for sha, each in found.items()}


def query(name: str, count: int) -> str:
    """The text of `<name>.graphql` for that many things: its lines that name the first one, once for each."""

    def repeat(line: re.Match[str]) -> str:
        return "".join(_NUMBERED.sub(rf"\g<1>{number}", line[0]) for number in range(count))

    return _REPEATED.sub(repeat, _text(name))


@dataclass(frozen=True, slots=True)
class _Found:
    """A pull request, and where its labels go on, None where that was all of them."""

    pull: Pull
    cursor: str | None


@cache
def _text(name: str) -> str:
    text = Path(__file__).with_name(f"{name}.graphql").read_text("utf-8")
    return re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)


def _batches(every: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]


def _asked(client: Client, shas: Sequence[str], branches: Collection[str]) -> dict[str, _Found]:
    data = _queried(client, "pulls", {"oid": shas})
    try:
        repository = data["repository"]
        origins = {sha: _origin(repository, f"commit{number}", sha, branches) for number, sha in enumerate(shas)}
    except (KeyError, TypeError, AttributeError):
        raise _unreadable() from None
    return {sha: found for sha, found in origins.items() if found is not None}


def _origin(repository: Node, alias: str, sha: str, branches: Collection[str]) -> _Found | None:
    """The pull request that made this commit, else the first that was merged with it; None where there is none.

    A commit that the host does not know is null, and so is whatever the login may not see. Those of forks, those that
    went to other branches, and open ones brought nothing.
    """
    commit = repository[alias] or {}
    listed = (commit.get("associatedPullRequests") or {}).get("nodes") or ()
    ours = [
        pull
        for pull in listed
        if pull and pull["merged"] and pull["repository"]["id"] == repository["id"] and pull["baseRefName"] in branches
    ]
    ours.sort(key=lambda pull: (_merge_sha(pull) != sha, pull["mergedAt"] or "~", pull["number"]))
    return _found(ours[0]) if ours else None


def _found(pull: Node) -> _Found:
    labels, cursor = _page(pull["labels"])
    author = (pull["author"] or {}).get("login")
    facts = Pull(int(pull["number"]), str(pull["title"]), labels, author and str(author), _merge_sha(pull))
    return _Found(facts, cursor)


def _merge_sha(pull: Node) -> str | None:
    return (pull["mergeCommit"] or {}).get("oid")


def _page(labels: Node | None) -> tuple[tuple[str, ...], str | None]:
    """The names of a page of labels, and the cursor of the next one."""
    if not labels:
        return (), None
    info = labels["pageInfo"]
    names = tuple(str(each["name"]) for each in labels["nodes"] or () if each)
    return names, str(info["endCursor"]) if info["hasNextPage"] and info["endCursor"] else None


def _further_labels(client: Client, cursors: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """The labels beyond the first page, by the number of a pull request; as far as so few requests reach."""
    waiting = dict(cursors)
    found: dict[int, tuple[str, ...]] = {}
    for _ in range(_MORE_PAGES):
        if not waiting:
            break
        asked = {each: waiting.pop(each) for each in tuple(waiting)[:BATCH]}
        for each, (names, cursor) in _next_pages(client, asked).items():
            found[each] = (*found.get(each, ()), *names)
            if cursor is not None:
                waiting[each] = cursor
    return found


def _next_pages(client: Client, cursors: Mapping[int, str]) -> dict[int, tuple[tuple[str, ...], str | None]]:
    data = _queried(client, "labels", {"number": tuple(cursors), "after": tuple(cursors.values())})
    try:
        pulls = [data["repository"][f"pull{place}"] or {} for place in range(len(cursors))]
        return {number: _page(pull.get("labels")) for number, pull in zip(cursors, pulls, strict=True)}
    except (KeyError, TypeError, AttributeError):
        raise _unreadable() from None


def _queried(client: Client, name: str, each: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The answer to `<name>.graphql` for things that have those values, one of each kind."""
    owner, _, short = client.repository.partition("/")
    variables = {f"{key}{place}": value for key, values in each.items() for place, value in enumerate(values)}
    count = max(map(len, each.values()))
    return client.graphql(query(name, count), {"owner": owner, "name": short, **variables})


def _with_labels(pull: Pull, more: Iterable[str]) -> Pull:
    """In an order that does not depend on when which label was put on."""
    return replace(pull, labels=tuple(sorted({*pull.labels, *more})))


def _unreadable() -> BotError:
    return BotError(Reason.HOST_FAILED, "GitHub's answer about pull requests has not the shape that it should have.")
