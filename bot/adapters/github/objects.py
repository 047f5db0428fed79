"""git objects as GitHub's REST interface wants them told, and in the order in which it can take them (pure).

GitHub makes an object of what it is told, so only the id that comes back shows whether it is the same one.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from bot.core.parcel import GitObject, ObjectKind

_PERSON: Final = re.compile(r"(?P<name>[^<>\n]*) <(?P<email>[^<>\n]*)> (?P<at>[0-9]{1,12}) (?P<zone>[+-][0-9]{4})")
_FOLDER: Final = "40000"
_LINK: Final = "160000"


class UntellableError(ValueError):
    """What GitHub's interface has no words for."""


def address(kind: ObjectKind) -> str:
    """Where objects of that kind are made, below the repository's own path."""
    return f"/git/{kind}s"


def told(made: GitObject) -> dict[str, Any]:
    """What GitHub must be told to make that object; UntellableError where it cannot be."""
    try:
        return _TELL[made.kind](made)
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        if isinstance(error, UntellableError):
            raise
        raise UntellableError(f"The {made.kind} {made.sha[:12]} cannot be told in JSON") from None


def in_order(objects: Iterable[GitObject]) -> tuple[GitObject, ...]:
    """Each after whatever it names: files, folders from within, commits from the oldest on, tags."""
    waiting = {each.sha: each for each in objects}
    done: dict[str, GitObject] = {}
    path = list(reversed(waiting))
    while path:
        each = waiting[path[-1]]
        missing = [sha for sha in _names(each) if sha in waiting and sha not in done]
        if missing:
            path += missing
        else:
            done[path.pop()] = each
    return tuple(done.values())


def _names(made: GitObject) -> Iterator[str]:
    match made.kind:
        case ObjectKind.TREE:
            yield from (sha for _, _, sha in _entries(made))
        case ObjectKind.COMMIT | ObjectKind.TAG:
            yield from (value for key, value in _read(made.content)[0] if key in ("tree", "parent", "object"))
        case ObjectKind.BLOB:
            pass


def _blob(made: GitObject) -> dict[str, Any]:
    return {"content": base64.b64encode(made.content).decode(), "encoding": "base64"}


def _tree(made: GitObject) -> dict[str, Any]:
    entries = [(mode, name.decode(), sha) for mode, name, sha in _entries(made)]
    if not entries:
        raise UntellableError("GitHub makes no empty folder")
    keys = ("path", "mode", "type", "sha")
    return {
        "tree": [dict(zip(keys, (name, f"{mode:0>6}", _type(mode), sha), strict=True)) for mode, name, sha in entries]
    }


def _entries(made: GitObject) -> Iterator[tuple[str, bytes, str]]:
    """(mode, name, id) of each entry of a tree, whose ids are as long as its own."""
    content, width, start = made.content, len(made.sha) // 2, 0
    while start < len(content):
        end = content.index(b"\0", start)
        mode, _, name = content[start:end].partition(b" ")
        start = end + 1 + width
        yield mode.decode("ascii"), name, content[end + 1 : start].hex()


def _type(mode: str) -> str:
    return {_FOLDER: "tree", _LINK: "commit"}.get(mode, "blob")


def _commit(made: GitObject) -> dict[str, Any]:
    headers, message = _read(made.content)
    values = dict(headers)
    body = {
        "message": message,
        "tree": values["tree"],
        "parents": [value for key, value in headers if key == "parent"],
        "author": _person(values["author"]),
        "committer": _person(values["committer"]),
    }
    return _only(values, {"tree", "parent", "author", "committer", "gpgsig"}) | body | _signature(values)


def _signature(values: dict[str, str]) -> dict[str, str]:
    return {"signature": values["gpgsig"]} if "gpgsig" in values else {}


def _tag(made: GitObject) -> dict[str, Any]:
    headers, message = _read(made.content)
    values = dict(headers)
    body = {"tag": values["tag"], "object": values["object"], "type": values["type"]}
    more = {"message": message, "tagger": _person(values["tagger"])}
    return _only(values, {"object", "type", "tag", "tagger"}) | body | more


def _only(values: dict[str, str], known: set[str]) -> dict[str, Any]:
    """Nothing, where there is no header that GitHub has no field for."""
    foreign = values.keys() - known
    if foreign:
        raise UntellableError(f"GitHub has no field for the header {min(foreign)!r} of an object")
    return {}


def _read(content: bytes) -> tuple[list[tuple[str, str]], str]:
    """The headers of a commit or tag, and its message; a line that begins with a blank goes on with the one before."""
    head, _, message = content.partition(b"\n\n")
    lines = head.decode().replace("\n ", "\0").split("\n")
    pairs = (line.replace("\0", "\n").partition(" ") for line in lines)
    return [(key, value) for key, _, value in pairs], message.decode()


def _person(text: str) -> dict[str, str]:
    found = _PERSON.fullmatch(text)
    if found is None:
        raise UntellableError("GitHub has no field for an author or committer without name, address or time")
    zone = found["zone"]
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    when = datetime.fromtimestamp(int(found["at"]), timezone(offset) if offset else UTC)
    return {"name": found["name"], "email": found["email"], "date": when.isoformat().replace("+00:00", "Z")}


_TELL: Final = {ObjectKind.BLOB: _blob, ObjectKind.TREE: _tree, ObjectKind.COMMIT: _commit, ObjectKind.TAG: _tag}
