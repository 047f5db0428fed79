"""Cherry-picks onto another maintained branch: whose commits they stay, and what they say (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.core.backport import Tip
from bot.core.gate import Refusal
from bot.core.naming import inert
from bot.core.objects import plan_commit
from bot.core.promotion import Author, CommitPlan, Move, PushPlan
from bot.core.reasons import Reason
from bot.core.text import plain

_PICKED: Final = "(cherry picked from commit "
_TRAILER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*: \S.*|\(cherry picked from commit [0-9a-f]+\)")
_WHEN: Final = re.compile(r"[0-9]{1,19} [+-][0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Original:
    """A commit to be picked: its full id and parents, who wrote it and when, and its whole message (raw data)."""

    sha: str
    parents: tuple[str, ...]
    author: Author
    message: str


def identity(name: str, email: str, when: str) -> Author:
    """An author that git takes: without the characters that end a name there, with a moment of their own.

    `when` is seconds since the epoch and a zone; anything else becomes the epoch, as nobody knows better.
    """
    name, email = (re.sub(r"[<>\n\0]", "", text).strip() for text in (name, email))
    return Author(name or email or "unknown", email, when if _WHEN.fullmatch(when) else "0 +0000")


def examine_onto(onto: str, source: str, target: str) -> str | None:
    """Why nothing may be picked onto that branch, None where it may."""
    if onto == source:
        return (
            f"Nothing is picked onto {plain(onto)!r}: copies would not make {plain(target)!r} its ancestor again, "
            "so no promotion could be a fast-forward. `promote backport` merges instead."
        )
    if onto == target:
        return f"{plain(onto)!r} is moved by promotions and hotfixes only, which are tested; nothing is picked onto it."
    return None


def examine_picks(originals: Sequence[Original]) -> Refusal | None:
    """Whether each of them can be picked: a merge, and a commit with nothing before it, cannot."""
    for original in originals:
        if len(original.parents) > 1:
            return Refusal(
                Reason.BAD_USAGE,
                f"{original.sha[:12]} is a merge: what it changed depends on the side from which one looks. "
                "Pick the commits that it brought.",
            )
        if not original.parents:
            return Refusal(Reason.BAD_USAGE, f"{original.sha[:12]} is the first commit of all: it changes nothing.")
    return None


def nothing_to_pick(onto: Tip) -> Refusal:
    """That the branch has all of it already."""
    return Refusal(Reason.UP_TO_DATE, f"{plain(onto.branch)} at {onto.sha[:12]} has all of it already.")


def plan_pick(original: Original, parent: str, tree: str, at: datetime) -> CommitPlan:
    """The picked commit on that parent with that tree: by its author and at their time, made by the bot now."""
    return plan_commit(
        tree=tree,
        parents=(parent,),
        at=int(at.timestamp()),
        message=picked_message(original),
        picked_from=original.sha,
        author=original.author,
    )


def picked_message(original: Original) -> str:
    """The original's message and where it comes from, as `git cherry-pick -x` writes it."""
    text = original.message.rstrip()
    paragraphs = text.split("\n\n")
    has_trailers = len(paragraphs) > 1 and all(map(_TRAILER.fullmatch, paragraphs[-1].split("\n")))
    return f"{text}{'' if not text else chr(10) if has_trailers else chr(10) * 2}{_PICKED}{original.sha})\n"


def plan_picks(onto: Tip, commits: tuple[CommitPlan, ...], at: datetime) -> PushPlan:
    """All picks in one push: the branch moves from its tip to the last of them, or stays."""
    picks = "1 commit" if len(commits) == 1 else f"{len(commits)} commits"
    return PushPlan(
        moves=(Move(f"refs/heads/{onto.branch}", onto.sha, commits[-1].sha),),
        tag=None,
        entry=None,
        ledger_before=None,
        at=int(at.timestamp()),
        subject=f"Pick {picks} onto {inert(onto.branch)}",
        commits=commits,
    )
