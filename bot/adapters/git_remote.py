"""The remote's address: which transport it needs, and that it carries no secret and no option."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.adapters.git_text import redact
from bot.core.text import plain
from bot.errors import BotError, Reason

_SCP_LIKE: Final = re.compile(r"(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?!/?/?:).+")


@dataclass(frozen=True, slots=True)
class Remote:
    """An address that may be handed to git, and the only protocol git may use for it."""

    url: str
    protocol: str


def parse_remote(text: str) -> Remote:
    """Read an https, ssh or scp-like address or a local path; http is for this machine only.

    Raises:
        BotError: BAD_CONFIGURATION, when it is anything else or carries a secret.
    """
    if not text or text.startswith("-") or any(ord(sign) < ord(" ") or ord(sign) == 0x7F for sign in text):  # noqa: PLR2004 - DEL
        raise _refused(text, "it is no address")
    if "://" in text:
        return _from_url(text)
    if "::" in text.partition("/")[0]:
        raise _refused(text, "remote helpers are not used")
    if _SCP_LIKE.fullmatch(text) and "/" not in text.partition(":")[0]:
        return Remote(text, "ssh")
    return Remote(str(Path(text).expanduser().absolute()), "file")


def _from_url(text: str) -> Remote:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _refused(text, "it is no address") from None
    match parts.scheme:
        case "file":
            return Remote(text, "file")
        case "ssh" if parts.password is None and parts.hostname and not parts.hostname.startswith("-"):
            return Remote(text, "ssh")
        case "https" if _is_bare(parts):
            return Remote(text, "https")
        case "http" if _is_bare(parts) and _is_loopback(parts.hostname):
            return Remote(text, "http")
    raise _refused(text, "use https, ssh or a local path, without any secret in it")


def _is_bare(parts: SplitResult) -> bool:
    return bool(parts.hostname) and "@" not in parts.netloc and not parts.query and not parts.fragment


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _refused(text: str, why: str) -> BotError:
    return BotError(Reason.BAD_CONFIGURATION, f"repository.remote {plain(redact(text))!r} is refused: {why}.")
