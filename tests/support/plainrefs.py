"""The refs of a repository read from its files, which is much cheaper than a process: where they are plain ones.

Whatever is not beyond doubt (odd names, links, locks, refs to refs, torn files, another way to store refs) is for git.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"(?!.*(?:\.\.|//|/\.|\./|\.lock/|\.lock$|\.$))refs/[A-Za-z0-9_][A-Za-z0-9_.+/=-]*")
_ID = re.compile(r"(?!0+$)(?:[0-9a-f]{40}|[0-9a-f]{64})")
_PACKED = re.compile(rf"({_ID.pattern.replace('$', ' ')}) (\S+)")


class NotPlainError(Exception):
    """There is something about the refs that only git can tell."""


def plain_refs(path: Path) -> dict[str, str]:
    """Every ref of the repository in that folder with its object id, in git's order.

    Raises:
        NotPlainError: git has to be asked.
    """
    try:
        # In this order, as git has it: a ref that is packed meanwhile is in either.
        loose = dict(_loose(str(path), "refs"))
        return dict(sorted((_packed(path / "packed-refs") | loose).items()))
    except (OSError, UnicodeError) as error:
        raise NotPlainError from error


def _loose(base: str, folder: str) -> Iterator[tuple[str, str]]:
    with os.scandir(f"{base}/{folder}") as found:
        entries = list(found)
    for entry in entries:
        name = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _loose(base, name)
        else:
            yield name, _read(entry, name)


def _read(entry: "os.DirEntry[str]", name: str) -> str:
    if entry.is_symlink() or not _NAME.fullmatch(name):
        raise NotPlainError(name)
    content = Path(entry.path).read_text("ascii")
    if not (content.endswith("\n") and _ID.fullmatch(content[:-1])):
        raise NotPlainError(name)
    return content[:-1]


def _packed(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = [line for line in file.read_text("ascii").splitlines() if not line.startswith(("#", "^"))]
    found = [_PACKED.fullmatch(line) for line in lines]
    if not all(each and _NAME.fullmatch(each[2]) for each in found):
        raise NotPlainError(str(file))
    return {each[2]: each[1] for each in found if each}
