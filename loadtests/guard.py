"""The allow-list of the load process, held at the moment of connecting (invariant I25).

An audit hook sees every connection of every Python socket, whoever makes it: a redirect, a name that suddenly means
another address, an absolute URL in a load file. Names are resolved once, before the load begins, and keep that meaning.
"""

import socket
import sys
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

Address = tuple[str, int]

_EVENTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_EVERY_WEB_PORT: Final = (80, 443)


class AddressNotAllowedError(PermissionError):
    """The load tried to reach an address that the allow-list does not hold."""


def host_of(url: str) -> Address:
    """Host and port that a base URL leads to; ValueError when it names none."""
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    if not parts.hostname or port is None:
        raise ValueError(f"{parts.scheme or 'a URL without scheme'} names no host to load")
    return parts.hostname, port


def hosts_of(entry: str) -> list[Address]:
    """Host and ports of `host`, `host:port`, `[ipv6]:port`; without a port both web ports. ValueError when broken."""
    parts = urlsplit(f"//{entry}")
    if not parts.hostname or parts.path or parts.query:
        raise ValueError(f"{entry!r} is not host[:port]")
    return [(parts.hostname, port) for port in ([parts.port] if parts.port else _EVERY_WEB_PORT)]


class Guard:
    """Knows the allowed addresses, refuses all others, and tells `on_refusal` of each `ip:port` it refused."""

    def __init__(self, allowed: Iterable[Address], on_refusal: Callable[[str], None]) -> None:
        self.pins: dict[Address, list[Any]] = {
            (host, port): socket.getaddrinfo(host, port, type=socket.SOCK_STREAM) for host, port in allowed
        }
        self._addresses = {_plain(found[4]) for pins in self.pins.values() for found in pins}
        self._on_refusal = on_refusal

    def install(self) -> None:
        """From now on, and for as long as this process lives."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            self.examine(args[1])

    def examine(self, address: Any) -> None:
        """Raise AddressNotAllowedError unless a socket may send to that address."""
        if not isinstance(address, tuple) or not isinstance(address[0], str) or _plain(address) in self._addresses:
            return  # UNIX and kernel sockets, an already connected socket, or an allowed address
        named = f"{address[0]}:{address[1]}"
        self._on_refusal(named)
        raise AddressNotAllowedError(f"{named} is not in the allow-list of this load")


def _plain(address: tuple[Any, ...]) -> Address:
    """One spelling for each address: no scope, no IPv4 within IPv6."""
    host, port = str(address[0]), int(address[1])
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host, port
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found), port


class PinnedResolver:
    """A gevent resolver that answers for allowed names from the pins, and asks the real one for all else."""

    def __init__(self, guard: Guard, real: Any) -> None:
        self._pins = guard.pins
        self._real = real

    def getaddrinfo(  # noqa: PLR0917 - the socket module's own signature
        self,
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """As `socket.getaddrinfo`."""
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        found = [
            pin
            for pin in self._pins.get((str(name).lower(), _number(port)), ())
            if family in (0, pin[0]) and type in (0, pin[1]) and proto in (0, pin[2])
        ]
        return found or self._real.getaddrinfo(host, port, family, type, proto, flags)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the real resolver's."""
        return getattr(self._real, name)


def _number(port: Any) -> int:
    return int(port) if str(port).isdigit() else -1
