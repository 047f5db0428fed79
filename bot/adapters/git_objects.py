"""The ledger's objects as bytes: what its commits consist of, and how its trees and blobs are read (pure)."""

from collections.abc import Iterator, Mapping
from typing import Final

from bot.adapters.git_refs import is_full_id
from bot.core.control import CONTROL_PATH
from bot.core.ledger import doubled_note, note_name
from bot.core.objects import bot_commit_bytes
from bot.core.parcel import GitObject, ObjectKind
from bot.core.promotion import PushPlan
from bot.core.text import plain
from bot.errors import BotError, Reason

_BLOB_MODE: Final = "100644"


def ledger_commit_bytes(plan: PushPlan, tree: str) -> bytes:
    """The commit that adds to the ledger what that plan says."""
    parents = (plan.ledger_before,) if plan.ledger_before else ()
    trailer = f"\nPromoted-Commit: {plan.entry.sha}\n" if plan.entry else ""
    return bot_commit_bytes(tree, parents, plan.at, f"{plan.subject}\n{trailer}")


def parse_tree(out: bytes) -> dict[str, str]:
    """Paths of notes (and of the controls) with their blob ids, from `git ls-tree -r -z`.

    Raises:
        BotError: LEDGER_BROKEN on anything else, and where a note has several files.
    """
    found = {}
    names: dict[str, str] = {}
    for mode, kind, blob, path in _listed(out):
        name = note_name(path)
        is_ours = path == CONTROL_PATH or is_full_id(name)
        if (mode, kind) != (_BLOB_MODE, "blob") or not is_ours:
            raise BotError(Reason.LEDGER_BROKEN, f"The ledger holds {plain(path)!r}, which is no note.")
        other = names.setdefault(name, path)
        if other != path:
            raise BotError(Reason.LEDGER_BROKEN, f"The ledger cannot be trusted: {doubled_note(name, (other, path))}.")
        found[path] = blob
    return found


def ids_in_tree(out: bytes) -> frozenset[str]:
    """The ids of everything in such a listing, whether it belongs there or not."""
    return frozenset(oid for _, _, oid, _ in _listed(out))


def _listed(out: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Mode, kind, id and path of each record."""
    for record in out.decode("utf-8", "replace").split("\0")[:-1]:
        head, _, path = record.partition("\t")
        mode, kind, oid = head.split(" ")
        yield mode, kind, oid, path


def note_path(tree: Mapping[str, str], sha: str) -> str:
    """Where the note of a commit is, or where a new one goes.

    git reads notes at any depth (`ab/cd…`); one level keeps the trees small for decades of nights, and does not
    depend on how many notes there are, so that every clone makes the same tree.
    """
    return next((path for path in tree if note_name(path) == sha), f"{sha[:2]}/{sha[2:]}")


def index_info(tree: Mapping[str, str]) -> bytes:
    """The tree as input of `git update-index -z --index-info`."""
    return "".join(f"{_BLOB_MODE} {blob}\t{path}\0" for path, blob in sorted(tree.items())).encode()


def parse_blobs(out: bytes) -> dict[str, bytes]:
    """Object ids with their contents, from `git cat-file --batch`; BotError(GIT_FAILED) when one is missing."""
    return {found.sha: found.content for found in parse_objects(out)}


def parse_sizes(out: bytes) -> dict[str, int]:
    """Object ids with their sizes, from `git cat-file --batch-check`; BotError(GIT_FAILED) when one is missing."""
    facts = [line.split(" ") for line in out.decode("ascii", "replace").splitlines()]
    for sha, *rest in facts:
        if len(rest) != len(("type", "size")):
            raise _lacking(sha)
    return {sha: int(size) for sha, _, size in facts}


def parse_objects(out: bytes) -> tuple[GitObject, ...]:
    """The objects of `git cat-file --batch`, as they come; BotError(GIT_FAILED) when one is missing."""
    found = []
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        fields = out[start:end].decode("ascii", "replace").split(" ")
        if len(fields) != len(("id", "type", "size")) or not fields[2].isdecimal():
            raise _lacking(fields[0])
        first, size = end + 1, int(fields[2])
        found.append(GitObject(fields[0], ObjectKind(fields[1]), out[first : first + size]))
        start = first + size + 1
    return tuple(found)


def _lacking(sha: str) -> BotError:
    return BotError(Reason.GIT_FAILED, f"The cache lacks object {sha[:12]}.")
