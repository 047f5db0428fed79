"""Which commit a tag leads to on GitHub, asked before a release of it is made.

GitHub makes a tag that it does not know, at the tip of the default branch: without asking, a release could name a
commit that nobody tested, and its tag would then stand in the way of ours.
"""

from typing import Final
from urllib.parse import quote

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import await_seen
from bot.core.reasons import Reason
from bot.errors import BotError

# A tag of a tag of a tag is possible; nobody makes one by accident.
_DEEPEST: Final = 3


def require(client: Client, tag: str, sha: str) -> None:
    """Return once GitHub has that tag at that commit; reads may lag behind the push by seconds.

    Raises:
        BotError: HOST_FAILED, when it has not within that time.
    """
    if await_seen(client, lambda: True if commit_of(client, tag) == sha else None) is None:
        raise BotError(
            Reason.HOST_FAILED, f"GitHub does not show the tag {tag} at {sha[:12]}, so no release is made of it."
        )


def commit_of(client: Client, tag: str) -> str | None:
    """The full id of the commit that a tag leads to; None while GitHub shows none."""
    reference = rest.find(client, f"/git/ref/tags/{quote(tag)}")
    # GitHub once answered with every tag that begins like this.
    if reference is None or reference.get("ref") != f"refs/tags/{tag}":
        return None
    return _peeled(client, reference.get("object"))


def _peeled(client: Client, target: object) -> str | None:
    for _ in range(_DEEPEST):
        if not isinstance(target, dict) or target.get("type") != "tag":
            break
        target = (rest.find(client, f"/git/tags/{target.get('sha')}") or {}).get("object")
    return _commit(target)


def _commit(target: object) -> str | None:
    if isinstance(target, dict) and target.get("type") == "commit":
        return str(target.get("sha"))
    return None
