"""A large repository, made by git's own fast-import: 80,000 commits on main, 20,000 more on staging."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

OLD: Final = 80_000
NEW: Final = 20_000
_TYPES: Final = ("feat", "fix", "perf", "docs", "refactor", "test", "chore")
_PEOPLE: Final = 200


def make(remote: Path) -> None:
    """Make the bare repository; takes some seconds."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", remote], check=True)
    stream = b"".join(_stream())
    subprocess.run(["git", "fast-import", "--quiet"], cwd=remote, input=stream, check=True, timeout=600)


def _stream() -> Iterator[bytes]:
    for number in range(1, OLD + NEW + 1):
        branch = "main" if number <= OLD else "staging"
        if number == OLD + 1:
            yield f"reset refs/heads/staging\nfrom :{OLD}\n\n".encode()
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
