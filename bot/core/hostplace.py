"""Where on GitHub a repository is: the address of its API and its name there, from what the configuration says."""

import re
from dataclasses import dataclass
from typing import Final

from bot.core.links import Forge, address, web_repository

_PUBLIC: Final = "github.com"
_DATA_RESIDENCY: Final = ".ghe.com"
_PARTS: Final = 2
_HTTP: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?:/.*)?"
).fullmatch


@dataclass(frozen=True, slots=True)
class HostPlace:
    """The base of the API (`https://api.github.com`), and the repository's `owner/name`."""

    api: str
    repository: str


def names_github(remote: str) -> bool:
    """Whether the remote's address alone tells that it is on GitHub."""
    found = web_repository(remote)
    return found is not None and found.forge is Forge.GITHUB


def repository_of(remote: str) -> str | None:
    """The `owner/name` that the remote's address holds; None for paths, and where the path is another one."""
    found = address(remote)
    parts = found.path.split("/") if found else []
    fits = len(parts) == _PARTS and all(part not in ("", ".", "..") for part in parts)
    return "/".join(parts) if fits else None


def api_of(remote: str) -> str | None:
    """The base of the API of a remote that is on GitHub; None where the address names no host."""
    found = address(remote)
    if found is None:
        return None
    if found.host == _PUBLIC or found.host.endswith(_DATA_RESIDENCY):
        return f"https://api.{found.host}"
    return f"{found.origin}/api/v3"


def github_place(remote: str, api_url: str | None, repository: str | None) -> HostPlace | None:
    """Where the repository is, given that it is on GitHub; None where the address does not tell what is not named."""
    api, name = api_url or api_of(remote), repository or repository_of(remote)
    return None if api is None or name is None else HostPlace(api.rstrip("/"), name)


def serves_git(remote: str, api: str) -> bool:
    """Whether a token for that API may be shown to that remote: an http(s) address of the same host."""
    git, rest = _HTTP(remote), _HTTP(api)
    if git is None or rest is None or (git["scheme"], rest["scheme"]) == ("http", "https"):
        return False
    return git["host"].lower() == rest["host"].lower().removeprefix("api.")
