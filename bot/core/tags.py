"""Names of release tags: a prefix and a UTC time, so that their order is that of time (invariant I5)."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

_STAMP: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{2})([0-9]{2})([0-9]{2})")


def tag_name(prefix: str, at: datetime) -> str:
    """The name for that moment, such as `release/20261121-020000`; the moment must be aware."""
    if at.tzinfo is None:
        raise ValueError("a release tag needs a moment with a time zone")
    moment = at.astimezone(UTC)
    return f"{prefix}{moment.year:04}{moment:%m%d-%H%M%S}"


def parse_tag(prefix: str, name: str) -> datetime | None:
    """The moment that a release tag's name stands for; None when it is not a release tag of that prefix."""
    if not name.startswith(prefix):
        return None
    found = _STAMP.fullmatch(name[len(prefix) :])
    if found is None:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type] # six ints
    except ValueError:
        return None


def is_release(prefix: str, name: str) -> bool:
    """Whether that is the name of a release under that prefix; people may tag other things there."""
    return parse_tag(prefix, name) is not None


def sort_tags(prefix: str, names: Iterable[str]) -> tuple[str, ...]:
    """The release tags among those names, ascending."""
    return tuple(sorted({name for name in names if is_release(prefix, name)}))
