"""What the options of the bundled load file mean."""

from dataclasses import dataclass
from hashlib import shake_256
from typing import Any

from bot.core.units import parse_size


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and what must come back."""

    method: str
    path: str
    body: bytes
    echo: bool


def request_of(given: dict[str, Any]) -> Request:
    """The request that these options ask for; ValueError names an option that makes no sense."""
    unknown = sorted(set(given) - {"payload", "method", "path", "expect"})
    if unknown:
        raise ValueError(f"payload.py knows no option {', '.join(unknown)}")
    expect = given.get("expect")
    if expect not in (None, "echo"):
        raise ValueError(f'expect must be "echo", not {expect!r}')
    size = given.get("payload", "1KiB")
    # Bytes that do not compress, and the same ones every night.
    body = shake_256(b"promotion-bot").digest(parse_size(size) if isinstance(size, str) else int(size))
    return Request(str(given.get("method", "POST")), str(given.get("path", "/echo")), body, echo=expect == "echo")
