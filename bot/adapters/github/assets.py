"""The files that go with a release: sent while it is a draft, each once, by its name."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from github.Repository import Repository

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Again, Once
from bot.adapters.github.rest import Item, UnreadableError
from bot.core.hosting import Asset

_WHOLE: Final = "uploaded"


@dataclass(frozen=True, slots=True)
class _File:
    """A file to be sent, read once: what is held against GitHub's copy is what was sent."""

    name: str
    media_type: str
    content: bytes


def attach(client: Client, once: Once, draft: Item, assets: tuple[Asset, ...], folder: Path) -> None:
    """Have every file of the folder there, whole; one that the folder no longer holds cannot be sent, nor an empty one.

    Raises:
        BotError: HOST_FAILED, when it stays unknown whether one is there.
    """
    for file in filter(None, (_read(folder, asset) for asset in assets)):
        _attach(client, once, draft, file)


def _read(folder: Path, asset: Asset) -> _File | None:
    try:
        content = (folder / asset.name).read_bytes()
    except FileNotFoundError:
        return None
    return _File(asset.name, asset.media_type, content) if content else None


def _attach(client: Client, once: Once, draft: Item, file: _File) -> None:
    broken: list[Item] = []

    def find() -> Item | None:
        named = [found for found in _assets(client, draft) if found.get("name") == file.name]
        broken[:] = [found for found in named if not _is_whole(found, file)]
        return next((found for found in named if _is_whole(found, file)), None)

    def send(repository: Repository) -> Item:
        # A name that an upload broke off under is taken until its remains are deleted.
        for remains in broken:
            rest.deleted(repository, f"/releases/assets/{remains['id']}")
        return _upload(repository, draft, file)

    once.ensure(f"{file.name} of release {draft['id']}", find, send, Again.HARMLESS)


def _assets(client: Client, draft: Item) -> list[Item]:
    return rest.below(client, f"/releases/{draft['id']}/assets")


def _is_whole(asset: Item, file: _File) -> bool:
    return asset.get("state") == _WHOLE and asset.get("size") == len(file.content)


def _upload(repository: Repository, draft: Item, file: _File) -> Item:
    _, answer = repository.requester.requestMemoryBlobAndCheck(
        "POST",
        str(draft.get("upload_url")).split("{")[0],
        {"name": file.name},
        {"Content-Type": file.media_type, "Content-Length": str(len(file.content))},
        BytesIO(file.content),
    )
    asset = rest.made(answer)
    if not _is_whole(asset, file):
        raise UnreadableError(f"GitHub did not keep the whole of {file.name}")
    return asset
