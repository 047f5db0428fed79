"""A release on GitHub: a draft first, its files, and published last, so that nobody ever sees half of one.

A published release is never deleted or made again: where releases are immutable, that would burn the name of the tag.
"""

from contextlib import suppress
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from github.Repository import Repository

from bot.adapters.github import assets, rest, tag
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Once
from bot.adapters.github.failures import Rejected, Unsure
from bot.adapters.github.markers import marker, starts_with
from bot.adapters.github.rest import Item, UnreadableError, number
from bot.adapters.github.sizes import LONGEST_RELEASE, LONGEST_TITLE, line, page
from bot.core.hosting import Publication, Releases


class State(Enum):
    """Whether people can see it."""

    DRAFT = "draft"
    PUBLISHED = "published"


# A draft of ours is as young as the commit it is for: it stands among the first of the list, however long that is.
_PAGES: Final = 3


def published(client: Client, most: int) -> Releases:
    """The tags of the releases that people can see, at most so many hundreds, one question for each hundred."""
    found = list(rest.listed(client, "/releases", most=most))
    tags = [str(each.get("tag_name")) for each in found if each.get("draft") is False]
    return Releases(tuple(tags), is_cut=len(found) >= most * rest.PAGE)


def publish(client: Client, once: Once, publication: Publication, folder: Path) -> str | None:
    """Have the release of that tag published, with its files; returns its address.

    One that is published already is done, whoever made it and whatever it holds.

    Raises:
        BotError: HOST_FAILED, when the tag does not lead to the commit there, or it stays unknown how far it got.
    """
    tag.require(client, publication.tag, publication.sha)
    drafts: list[Item] = []

    def find() -> Item | None:
        published = _published(client, publication)
        drafts[:] = [] if published else _drafts(client, publication)
        return published or next(iter(drafts), None)

    release = once.ensure(f"release {publication.tag}", find, lambda repository: _create(repository, publication))
    if not _is(release, publication, State.PUBLISHED):
        release = _finish(client, once, publication, release, folder)
        _clear(client, drafts[1:])
    return rest.address(release)


def _finish(client: Client, once: Once, publication: Publication, draft: Item, folder: Path) -> Item:
    assets.attach(client, once, draft, publication.assets, folder)
    return once.change(
        f"release {publication.tag}",
        lambda: _published(client, publication),
        lambda _: True,
        lambda repository: _publish(repository, publication, draft),
    )


def _published(client: Client, publication: Publication) -> Item | None:
    """By the one question that never shows a draft."""
    found = rest.find(client, f"/releases/tags/{quote(publication.tag, safe='')}")
    return found if found is not None and _is(found, publication, State.PUBLISHED) else None


def _drafts(client: Client, publication: Publication) -> list[Item]:
    """Ours for that tag, the oldest first; a person's draft of the same tag is left alone."""
    mark = _mark(publication)
    found = [
        release
        for release in rest.listed(client, "/releases", most=_PAGES)
        if _is(release, publication, State.DRAFT) and starts_with(release.get("body"), mark)
    ]
    return sorted(found, key=number)


def _create(repository: Repository, publication: Publication) -> Item:
    draft = rest.sent(repository, "POST", "/releases", _wanted(publication) | {"draft": True})
    return _checked(draft, publication, State.DRAFT)


def _publish(repository: Repository, publication: Publication, draft: Item) -> Item:
    wanted = _wanted(publication) | {"draft": False, "make_latest": "true" if publication.latest else "false"}
    release = rest.sent(repository, "PATCH", f"/releases/{draft['id']}", wanted)
    return _checked(release, publication, State.PUBLISHED)


def _wanted(publication: Publication) -> Item:
    return {
        "tag_name": publication.tag,
        "target_commitish": publication.sha,
        "name": line(publication.title, LONGEST_TITLE),
        "body": page(f"{_mark(publication)}\n{publication.body}", LONGEST_RELEASE),
        "prerelease": False,
    }


def _mark(publication: Publication) -> str:
    return marker("release", run=publication.run_id)


def _is(release: Item, publication: Publication, state: State) -> bool:
    return release.get("tag_name") == publication.tag and release.get("draft") is (state is State.DRAFT)


def _checked(release: Item, publication: Publication, state: State) -> Item:
    if not _is(release, publication, state):
        raise UnreadableError("GitHub answered with another release than the one it was given")
    return release


def _clear(client: Client, drafts: list[Item]) -> None:
    """Delete what a lost answer of an earlier run left twice; no draft of that tag can be published any more."""
    for draft in drafts:
        with suppress(Rejected, Unsure):
            client.write(partial(rest.deleted, path=f"/releases/{draft['id']}"))
