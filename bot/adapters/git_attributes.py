"""The attributes that a merge obeys: those in the `.gitattributes` of the commit that it is made onto (I29).

`git merge` reads them from the files of a work tree, and the cache has none; to take them from a commit git would have
to be 2.41. So a folder gets these files and no other: what they may name is only ever git's own, because a program
needs configuration, and there is none (I22).
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_objects import parse_blobs, parse_sizes
from bot.adapters.git_runner import Runner
from bot.core.text import plain
from bot.errors import BotError, Reason

MOST_BYTES: Final = 64 << 20
"""What all of them may take on the disk; git itself passes over a single one of more than 100 MB."""

_NAME: Final = b".gitattributes"
# A symlink of that name is as nothing to git.
_FILE: Final = b"100"
_BLOCK: Final = 4096
_DEEPEST: Final = 200
_NO_FOLDERS: Final = frozenset({b"", b".", b"..", b".git"})
_BY_HAND: Final = "Merge by hand with git, and push that."


@contextlib.contextmanager
def attributes_of(runner: Runner, commit: str) -> Iterator[Path | None]:
    """A folder as a work tree with nothing but the attributes of a commit, while the block lasts; None: it has none.

    The cache's lock must be held: what a killed run leaves there is swept.

    Raises:
        BotError: MERGE_INEXACT, where no folder can hold them or they are larger than anybody's.
    """
    files = _files(runner.check(commands.list_tree(commit)))
    if not files:
        yield None
        return
    contents = _contents(runner, commit, files)
    with tempfile.TemporaryDirectory(prefix="promotion-attributes-", dir=runner.git_dir) as folder:
        for path, blob in files.items():
            _write(Path(folder), path, contents[blob])
        yield Path(folder)


def _files(listing: bytes) -> dict[bytes, str]:
    """The path of each file of attributes with its blob, from `git ls-tree -r -z`."""
    found = {}
    for record in (record for record in listing.split(b"\0") if record.endswith(_NAME)):
        head, _, path = record.partition(b"\t")
        if path.rpartition(b"/")[2] == _NAME and head.startswith(_FILE):
            found[path] = head.split(b" ")[2].decode("ascii")
    return found


def _contents(runner: Runner, commit: str, files: Mapping[bytes, str]) -> dict[str, bytes]:
    asked = "".join(f"{blob}\n" for blob in sorted(set(files.values()))).encode()
    # Their sizes first: what is too large is not read.
    sizes = parse_sizes(runner.check(commands.OBJECT_FACTS, asked))
    if sum(max(sizes[blob], _BLOCK) for blob in files.values()) > MOST_BYTES:
        sentence = f"The .gitattributes of {commit[:12]} take more than {MOST_BYTES >> 20} MiB."
        raise BotError(Reason.MERGE_INEXACT, sentence, _BY_HAND)
    return parse_blobs(runner.check(commands.READ_OBJECTS, asked))


def _write(folder: Path, path: bytes, content: bytes) -> None:
    folders = path.split(b"/")
    if len(folders) > _DEEPEST or not _NO_FOLDERS.isdisjoint(folders):
        name = plain(path.decode("utf-8", "replace"), 80)
        raise BotError(Reason.MERGE_INEXACT, f"There are attributes at {name!r}, where none can be written.", _BY_HAND)
    file = folder / os.fsdecode(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
