"""The refs of a bare repository from its files: to start git for each question would cost more than all the rest."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from support.gitrepos import Repo

_FULL_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def refs(repo: Repo) -> dict[str, str]:
    """Every ref with its object id, as git itself tells them; it is asked where the files hold anything else."""
    # What is packed meanwhile is found there, so that is read last.
    loose = dict(_loose(repo.path))
    found = _packed(repo.path) | loose
    if not all(map(_FULL_ID.fullmatch, found.values())) or (repo.path / "reftable").exists():
        return repo.refs()
    return dict(sorted(found.items()))


def _loose(path: Path) -> Iterator[tuple[str, str]]:
    beginning = len(str(path)) + 1
    for folder, _, names in os.walk(path / "refs"):
        for name in names:
            if not name.endswith(".lock"):
                file = f"{folder}/{name}"
                content = _text(Path(file))
                if content is not None:
                    yield file[beginning:], content.removesuffix("\n")


def _packed(path: Path) -> dict[str, str]:
    lines = (_text(path / "packed-refs") or "").splitlines()
    pairs = (line.split(" ", 1) for line in lines if line[:1] not in ("#", "^"))
    return {name: sha for sha, name in pairs}


def _text(file: Path) -> str | None:
    try:
        return file.read_text()
    except FileNotFoundError:
        return None
