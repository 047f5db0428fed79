"""git objects as bytes: what a tag and a ledger commit consist of, and how trees and blobs are read (pure)."""

from typing import Final

from bot.adapters.git_refs import is_full_id
from bot.core.promotion import PromotionPlan, TagPlan
from bot.core.text import plain
from bot.errors import BotError, Reason

_BLOB_MODE: Final = "100644"


def tag_bytes(tag: TagPlan) -> bytes:
    """The annotated tag object: same plan, same bytes, same id."""
    who = _identity(tag.tagger_name, tag.tagger_email, tag.at)
    head = f"object {tag.target}\ntype commit\ntag {tag.name}\ntagger {who}\n"
    return f"{head}\n{tag.message}".encode()


def ledger_commit_bytes(plan: PromotionPlan, tree: str) -> bytes:
    """The commit that adds one entry to the ledger: its author and its time are the tag's."""
    who = _identity(plan.tag.tagger_name, plan.tag.tagger_email, plan.tag.at)
    parent = f"parent {plan.ledger_before}\n" if plan.ledger_before else ""
    words = f"Promote {plan.sha[:12]} as {plan.tag.name}\n\nPromoted-Commit: {plan.sha}\n"
    return f"tree {tree}\n{parent}author {who}\ncommitter {who}\n\n{words}".encode()


def _identity(name: str, email: str, at: int) -> str:
    if any(sign in "<>\n\0" for sign in name + email):
        raise ValueError(f"{name!r} <{email!r}> is no git identity")
    return f"{name} <{email}> {at} +0000"


def parse_tree(out: bytes) -> dict[str, str]:
    """Paths of notes with their blob ids, from `git ls-tree -r -z`; BotError(LEDGER_BROKEN) on anything else."""
    found = {}
    for record in out.decode("utf-8", "replace").split("\0")[:-1]:
        head, _, path = record.partition("\t")
        mode, kind, blob = head.split(" ")
        if (mode, kind) != (_BLOB_MODE, "blob") or not is_full_id(path.replace("/", "")):
            raise BotError(Reason.LEDGER_BROKEN, f"The ledger holds {plain(path)!r}, which is no note.")
        found[path] = blob
    return found


def note_path(tree: dict[str, str], sha: str) -> str:
    """Where the note of a commit is, or where a new one goes.

    git reads notes at any depth (`ab/cd…`); one level keeps the trees small for decades of nights, and does not
    depend on how many notes there are, so that every clone makes the same tree.
    """
    return next((path for path in tree if path.replace("/", "") == sha), f"{sha[:2]}/{sha[2:]}")


def index_info(tree: dict[str, str]) -> bytes:
    """The tree as input of `git update-index -z --index-info`."""
    return "".join(f"{_BLOB_MODE} {blob}\t{path}\0" for path, blob in sorted(tree.items())).encode()


def parse_blobs(out: bytes) -> dict[str, bytes]:
    """Object ids with their contents, from `git cat-file --batch`; BotError(GIT_FAILED) when one is missing."""
    found = {}
    start = 0
    while start < len(out):
        end = out.index(b"\n", start)
        fields = out[start:end].decode("ascii", "replace").split(" ")
        if len(fields) != len(("id", "type", "size")) or not fields[2].isdecimal():
            raise BotError(Reason.GIT_FAILED, f"The cache lacks object {fields[0][:12]}.")
        first, size = end + 1, int(fields[2])
        found[fields[0]] = out[first : first + size]
        start = first + size + 1
    return found
