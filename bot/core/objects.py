"""git objects as bytes, and their ids: what is planned has its id before anything is made (pure)."""

import hashlib
import re
from dataclasses import replace
from typing import Final

from bot.core.promotion import Author, CommitPlan, TagPlan

BOT_NAME: Final = "promotion-bot"
BOT_EMAIL: Final = "promotion-bot@localhost"
_SHA256_LENGTH: Final = 64
_WHEN: Final = re.compile(r"[0-9]{1,19} [+-][0-9]{4}", re.ASCII)


def plan_commit(
    *,
    tree: str,
    parents: tuple[str, ...],
    at: int,
    message: str,
    copied_from: str | None = None,
    picked_from: str | None = None,
    author: Author | None = None,
) -> CommitPlan:
    """A commit by the bot with that tree on those parents, and its id; `at` is seconds since the epoch.

    The bot is its author too, where no other is named.
    """
    unnamed = CommitPlan("", tree, parents, BOT_NAME, BOT_EMAIL, at, message, copied_from, picked_from, author)
    return replace(unnamed, sha=object_id("commit", planned_commit_bytes(unnamed), like=tree))


def planned_commit_bytes(commit: CommitPlan) -> bytes:
    """The commit object of a plan: same plan, same bytes, same id."""
    committer, author = _who(commit.name, commit.email, f"{commit.at} +0000"), commit.author
    written = _who(author.name, author.email, author.when) if author else committer
    return commit_bytes(commit.tree, commit.parents, written, committer, commit.message)


def bot_commit_bytes(tree: str, parents: tuple[str, ...], at: int, message: str) -> bytes:
    """A commit object by the bot itself."""
    who = _who(BOT_NAME, BOT_EMAIL, f"{at} +0000")
    return commit_bytes(tree, parents, who, who, message)


def commit_bytes(tree: str, parents: tuple[str, ...], author: str, committer: str, message: str) -> bytes:
    """A commit object; `author` and `committer` are as git writes identities, each with its time."""
    head = "".join((f"tree {tree}\n", *(f"parent {parent}\n" for parent in parents)))
    return f"{head}author {author}\ncommitter {committer}\n\n{message}".encode()


def tag_bytes(tag: TagPlan) -> bytes:
    """The annotated tag object: same plan, same bytes, same id."""
    who = _who(tag.tagger_name, tag.tagger_email, f"{tag.at} +0000")
    return f"object {tag.target}\ntype commit\ntag {tag.name}\ntagger {who}\n\n{tag.message}{tag.signature}".encode()


def object_id(kind: str, content: bytes, *, like: str) -> str:
    """The id git gives to that object, in the hash of the repository that `like`, any of its ids, is from."""
    whole = f"{kind} {len(content)}\0".encode() + content
    made = hashlib.sha256(whole) if len(like) == _SHA256_LENGTH else hashlib.sha1(whole, usedforsecurity=False)
    return made.hexdigest()


def _who(name: str, email: str, when: str) -> str:
    if any(sign in "<>\n\0" for sign in name + email):
        raise ValueError(f"{name!r} <{email!r}> is no git identity")
    if not _WHEN.fullmatch(when):
        raise ValueError(f"{when!r} is no moment as git writes it")
    return f"{name} <{email}> {when}"
