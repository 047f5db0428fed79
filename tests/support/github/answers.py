"""What the fake GitHub answers: a status, a JSON body and headers; and the refusals, in GitHub's own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; `body` is JSON unless it is bytes, and None for no content."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - said as a sentence: it was refused
    """A request that GitHub does not do; becomes its answer."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        body = {"message": message} | more | {"documentation_url": DOCS, "status": str(status)}
        self.answer = Answer(status, body, headers or {})


def not_found() -> Refused:
    return Refused(404, "Not Found")


def unprocessable(message: str) -> Refused:
    return Refused(422, message)


def invalid(resource: str, field_name: str, code: str = "invalid", message: str | None = None) -> Refused:
    """422 with one entry of `errors`; a message makes it one of the code `custom`."""
    error: Json = {"resource": resource, "code": code, "field": field_name}
    if message is not None:
        error |= {"code": "custom", "message": message}
    return Refused(422, "Validation Failed", errors=[error])


def already_exists(resource: str, field_name: str) -> Refused:
    return invalid(resource, field_name, "already_exists")


def no_longer_than(limit: int, resource: str, field_name: str, text: str | None) -> None:
    """GitHub counts characters; a longer text is refused."""
    if text is not None and len(text) > limit:
        raise invalid(resource, field_name, message=f"{field_name} is too long (maximum is {limit} characters)")
