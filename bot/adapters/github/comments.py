"""Comments of ours on an issue, each said once: a mark at their beginning tells what they say and for which run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Once
from bot.adapters.github.markers import encoded, marked, marker
from bot.adapters.github.rest import Item, number
from bot.adapters.github.sizes import LONGEST_BODY, page

Marks: TypeAlias = Sequence[Mapping[str, str]]
IsSaid: TypeAlias = Callable[[Marks], bool]

_NAME = "said"


@dataclass(frozen=True, slots=True)
class Comment:
    """A text and its mark; `is_said` looks at the marks that there are, the newest last."""

    text: str
    mark: Mapping[str, str]
    is_said: IsSaid


def say(client: Client, once: Once, issue: Item, comment: Comment) -> None:
    """Have that comment on the issue."""
    path = f"/issues/{issue['number']}/comments"
    body = page(f"{marker(_NAME, **comment.mark)}\n{comment.text}", LONGEST_BODY)

    def find() -> Item | None:
        ours = _ours(client, path, issue)
        marks = [mark for found in ours if (mark := _mark(found))]
        return ours[-1] if comment.is_said(marks) else None

    once.ensure(
        f"a comment on issue {issue['number']} for {' '.join(comment.mark.values())}",
        find,
        lambda repository: rest.sent(repository, "POST", path, {"body": body}),
    )


def last_is(**wanted: str) -> IsSaid:
    """Whether the newest of ours says that."""
    return lambda marks: bool(marks) and _has(marks[-1], wanted)


def any_is(**wanted: str) -> IsSaid:
    """Whether one of ours says that."""
    return lambda marks: any(_has(mark, wanted) for mark in marks)


def _has(mark: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(mark.get(field) == encoded(value) for field, value in wanted.items())


def _mark(comment: Item) -> Mapping[str, str] | None:
    return marked(comment.get("body"), _NAME)


def _ours(client: Client, path: str, issue: Item) -> list[Item]:
    """Those with a mark by whoever opened the issue: everybody may write comments, with whatever marks."""
    author = _author(issue)
    found = [comment for comment in rest.below(client, path) if _author(comment) == author and _mark(comment)]
    return sorted(found, key=number)


def _author(item: Item) -> object:
    user = item.get("user")
    return user.get("id") if isinstance(user, dict) else None
