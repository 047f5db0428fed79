"""A large repository, made by git's own fast-import: so many commits on main, and some more on staging."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

OLD: Final = 80_000
NEW: Final = 20_000
_TYPES: Final = ("feat", "fix", "perf", "docs", "refactor", "test", "chore")
_PEOPLE: Final = 200


def make(remote: Path, old: int = OLD, new: int = NEW) -> None:
    """Make the bare repository; takes some seconds for 100,000 commits."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", remote], check=True)
    command = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=remote, stdin=subprocess.PIPE) as importing:
        if importing.stdin is None:
            raise RuntimeError("git fast-import has no stdin")
        importing.stdin.writelines(_stream(old, new))
    if importing.returncode:
        raise RuntimeError("git fast-import failed")


def _stream(old: int, new: int) -> Iterator[bytes]:
    for number in range(1, old + new + 1):
        branch = "main" if number <= old else "staging"
        if number == old + 1:
            yield f"reset refs/heads/staging\nfrom :{old}\n\n".encode()
        yield _commit(branch, number)


def _commit(branch: str, number: int) -> bytes:
    kind, person = _TYPES[number % len(_TYPES)], (number * 7) % _PEOPLE
    message = f"{kind}(area{number % 40}): change number {number} of many (#{number})\n\nWhy it was made, in a line.\n"
    who = f"Person {person} <person{person}@shop.example> {1_600_000_000 + number * 60} +0000"
    text = f"content {number}\n"
    return (
        f"commit refs/heads/{branch}\nmark :{number}\nauthor {who}\ncommitter {who}\n"
        f"data {len(message)}\n{message}"
        f"M 100644 inline file{number % 50}.txt\ndata {len(text)}\n{text}\n"
    ).encode()
