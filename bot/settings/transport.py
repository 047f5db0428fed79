"""How the remote lets the bot in: the kinds of those keys, and checks that look at more than one of them."""

import re
from collections.abc import Iterator
from typing import Final

from bot.settings.addresses import is_local
from bot.settings.findings import Finding
from bot.settings.kinds import choice, text
from bot.settings.leaf import Document
from bot.settings.words import quote

_TOKENS: Final = ("token_env", "token_file")
_FOR_SSH: Final = ("ssh_key_file", "known_hosts_file")
_USES: Final = (
    ("http", (*_TOKENS, "username"), "a remote that begins with https://"),
    ("ssh", _FOR_SSH, "a remote that is reached by ssh"),
)
_USERNAME: Final = re.compile(r"[A-Za-z0-9._@+-]{1,100}")


def _username(name: str) -> str:
    if _USERNAME.fullmatch(name) is None:
        raise ValueError(f"{quote(name)} is not a user name")
    return name


USERNAME: Final = text(_username, "letters, digits and . _ @ + -", pattern=f"^{_USERNAME.pattern}$")
CACHE: Final = choice("full", "blobless")
TRANSPORT: Final = choice("git", "api")


def transport_fits(document: Document) -> Iterator[Finding]:
    """One place of the token at most, and only keys that the remote's own transport has a use for."""
    repository = document.get("repository")
    if not isinstance(repository, dict) or not isinstance(repository.get("remote"), str):
        return
    tokens = [key for key in _TOKENS if key in repository]
    for key in tokens[1:]:
        yield Finding(("repository", key), f"stands beside {tokens[0]}", "one of token_env and token_file")
    if "username" in repository and not tokens:
        yield Finding(("repository", "username"), "has no token to go with", "together with token_env or token_file")
    kind = _transport(repository["remote"])
    for needed, keys, allowed in _USES:
        for key in keys:
            if key in repository and kind != needed:
                yield Finding(("repository", key), "is not used for this remote", f"this key with {allowed}")


def _transport(remote: str) -> str:
    """How git reaches it: http (with or without s), ssh or file."""
    scheme = remote.partition("://")[0] if "://" in remote else ""
    if scheme:
        return scheme.removesuffix("s") if scheme in ("http", "https") else scheme
    return "file" if is_local(remote) else "ssh"
