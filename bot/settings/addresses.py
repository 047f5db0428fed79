"""Addresses: the git remote, HTTP URLs and `host[:port]`; what may hold a secret is never repeated in an error."""

import re
from ipaddress import ip_address
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from bot.settings.words import printable, quote

REMOTE_FORM: Final = "an https or ssh URL without credentials, user@host:path, or a path on this machine"
URL_FORM: Final = "an http or https URL without credentials, query and fragment"
PATH_OR_URL_FORM: Final = 'a path such as "/version" under [staging] url, or a whole http or https URL'
HOST_FORM: Final = '"host" (ports 80 and 443) or "host:port", without scheme and path'

PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_SCP: Final = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!//)(?!-)\S+")
_HELPER: Final = re.compile(r"[A-Za-z0-9+.-]*::")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SECRET_KEYS: Final = re.compile(r"token|secret|passw|pwd|api_?key|signature|credential|auth", re.IGNORECASE)


def _split(url: str) -> SplitResult:
    """The parts of a URL; ValueError that does not repeat any of it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("cannot be read as a URL (its host or port is broken)") from None
    return parts


def _no_control(text: str) -> None:
    if printable(text) != text or " " in text:
        raise ValueError("holds a blank, a line break or a control character")


def _no_credentials(parts: SplitResult) -> None:
    if "@" in parts.netloc:
        raise ValueError("holds credentials; a secret never stands in a URL")
    if any(_SECRET_KEYS.search(key) for key, _ in parse_qsl(parts.query, keep_blank_values=True)):
        raise ValueError("seems to hold a secret in its query; a secret never stands in a URL")


def check_host(host: str) -> str:
    """The host in lower case; ValueError when it is neither a name of the DNS nor an IP address."""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    labels = host.rstrip(".").split(".")
    if not host.isascii():
        raise ValueError("has a host with letters outside ASCII; write it in its xn-- form")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004 - RFC 1035
        raise ValueError("has no host, or one that the DNS does not allow")
    if labels[-1].isdigit():
        raise ValueError("has a host that looks like an IP address and is none")
    return host.lower()


def check_base_url(url: str) -> str:
    """An http(s) URL that paths can be joined to, without trailing slash; ValueError."""
    checked = check_url(url)
    if "?" in checked or "#" in checked:
        raise ValueError("has a query or a fragment")
    return checked.rstrip("/")


def check_url(url: str) -> str:
    """An absolute http(s) URL with a real host and no credentials; ValueError that never repeats the URL."""
    _no_control(url)
    parts = _split(url)
    if parts.scheme not in PORTS:
        raise ValueError("does not begin with http:// or https://")
    _no_credentials(parts)
    check_host(parts.hostname or "")
    if parts.port == 0:
        raise ValueError("has port 0")
    return url


def check_path_or_url(url: str) -> str:
    """A path from the root, or an absolute http(s) URL; ValueError."""
    if _SCHEME.match(url):
        return check_url(url)
    _no_control(url)
    if not url.startswith("/") or url.startswith("//"):
        raise ValueError('neither begins with one "/" nor with http:// or https://')
    _no_credentials(_split(url))
    return url


def join(base: str, url: str) -> str:
    """`url` itself when it is absolute, else `base` with that path behind it, as Locust joins host and path."""
    return url if _SCHEME.match(url) else base.rstrip("/") + url


def host_and_port(url: str) -> str:
    """The `host:port` that a checked URL leads to, IPv6 addresses in brackets."""
    parts = urlsplit(url)
    return _with_port(check_host(parts.hostname or ""), parts.port or PORTS[parts.scheme])


def _with_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def expand_host(entry: str) -> tuple[str, ...]:
    """The `host:port` pairs that a `host` or `host:port` stands for; ValueError."""
    if any(char in entry for char in "/@?#* ") or printable(entry) != entry:
        raise ValueError(f"{quote(entry)} is not a host")
    if _is_ipv6(entry):
        return tuple(_with_port(check_host(entry), port) for port in PORTS.values())
    parts = _split(f"//{entry}")
    try:
        host = check_host(parts.hostname or "")
    except ValueError as error:
        raise ValueError(f"{quote(entry)} {error}") from None
    if parts.port == 0 or entry.endswith(":"):
        raise ValueError(f"{quote(entry)} has an impossible port")
    return tuple(_with_port(host, port) for port in ([parts.port] if parts.port else PORTS.values()))


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6  # noqa: PLR2004 - the protocol's own number
    except ValueError:
        return False


def check_remote(remote: str) -> str:
    """A remote that git may be handed: https, ssh, or a local path; ValueError that never repeats it."""
    if printable(remote) != remote:
        raise ValueError("holds a line break or a control character")
    if remote.startswith("-"):
        raise ValueError("begins with a dash, which git would read as an option")
    if remote.startswith("~"):
        raise ValueError("begins with ~, which only a shell expands")
    if _HELPER.match(remote):
        raise ValueError("names a remote helper (::), which can run any program")
    scheme = _SCHEME.match(remote)
    if scheme:
        _check_remote_url(scheme[1], remote)
    elif not is_local(remote):
        _check_scp(remote)
    return remote


def _check_remote_url(scheme: str, remote: str) -> None:
    _no_control(remote)
    parts = _split(remote)
    if parts.query or parts.fragment:
        raise ValueError("has a query or a fragment, where a secret might stand")
    match scheme:
        case "file":
            _check_file_url(parts)
        case "ssh":
            _check_ssh_url(parts)
        case "https":
            check_url(remote)
        case "http":
            check_url(remote)
            _only_loopback(parts.hostname or "")
        case _:
            raise ValueError("begins with a scheme that is not allowed")


def _check_file_url(parts: SplitResult) -> None:
    if parts.netloc not in ("", "localhost") or not PurePosixPath(parts.path).is_absolute():
        raise ValueError("is a file URL without an absolute path")


def _check_ssh_url(parts: SplitResult) -> None:
    if parts.password is not None:
        raise ValueError("holds a password; a secret never stands in a URL")
    if (parts.username or "").startswith("-"):
        raise ValueError("has a user that begins with a dash")
    check_host(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, whatever the DNS says."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _only_loopback(host: str) -> None:
    """Plain http would carry a token in the clear, so it stays on this machine."""
    if not is_loopback(host):
        raise ValueError("is plain http to another machine; use https")


def is_local(remote: str) -> bool:
    """Whether a remote without scheme is a path, by git's rule: no colon before the first slash."""
    return not _SCHEME.match(remote) and ":" not in remote.split("/", 1)[0]


def _check_scp(remote: str) -> None:
    if not _SCP.fullmatch(remote):
        raise ValueError("is neither user@host:path nor a path (a path with a colon needs ./ in front)")
