"""git objects as bytes, and their ids: what is planned has its id before anything is made (pure)."""

import hashlib
from typing import Final

from bot.core.promotion import CommitPlan, TagPlan

BOT_NAME: Final = "promotion-bot"
BOT_EMAIL: Final = "promotion-bot@localhost"
_SHA256_LENGTH: Final = 64


def plan_commit(
    *, tree: str, parents: tuple[str, ...], at: int, message: str, copied_from: str | None = None
) -> CommitPlan:
    """A commit by the bot with that tree on those parents, and its id; `at` is seconds since the epoch."""
    content = commit_bytes(tree, parents, _who(BOT_NAME, BOT_EMAIL, at), message)
    sha = object_id("commit", content, like=tree)
    return CommitPlan(sha, tree, parents, BOT_NAME, BOT_EMAIL, at, message, copied_from)


def planned_commit_bytes(commit: CommitPlan) -> bytes:
    """The commit object of a plan: same plan, same bytes, same id."""
    return commit_bytes(commit.tree, commit.parents, _who(commit.name, commit.email, commit.at), commit.message)


def bot_commit_bytes(tree: str, parents: tuple[str, ...], at: int, message: str) -> bytes:
    """A commit object by the bot itself."""
    return commit_bytes(tree, parents, _who(BOT_NAME, BOT_EMAIL, at), message)


def commit_bytes(tree: str, parents: tuple[str, ...], who: str, message: str) -> bytes:
    """A commit object; author and committer are one, `who` as git writes identities, with the time."""
    head = "".join((f"tree {tree}\n", *(f"parent {parent}\n" for parent in parents)))
    return f"{head}author {who}\ncommitter {who}\n\n{message}".encode()


def tag_bytes(tag: TagPlan) -> bytes:
    """The annotated tag object: same plan, same bytes, same id."""
    who = _who(tag.tagger_name, tag.tagger_email, tag.at)
    return f"object {tag.target}\ntype commit\ntag {tag.name}\ntagger {who}\n\n{tag.message}".encode()


def object_id(kind: str, content: bytes, *, like: str) -> str:
    """The id git gives to that object, in the hash of the repository that `like`, any of its ids, is from."""
    whole = f"{kind} {len(content)}\0".encode() + content
    made = hashlib.sha256(whole) if len(like) == _SHA256_LENGTH else hashlib.sha1(whole, usedforsecurity=False)
    return made.hexdigest()


def _who(name: str, email: str, at: int) -> str:
    if any(sign in "<>\n\0" for sign in name + email):
        raise ValueError(f"{name!r} <{email!r}> is no git identity")
    return f"{name} <{email}> {at} +0000"
