"""Handing git a token when it asks for one: from a descriptor that dies with the last process that has it (I19).

The token is in no argument, no variable and no file; whoever kills this run leaves nothing that could be read later.
"""

import base64
import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.adapters.git_remote import Remote
from bot.errors import BotError, Reason

PROGRAM: Final = Path(__file__).with_name("git_askpass")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a git process that talks to the remote gets: more environment, descriptors to inherit, what to hide."""

    environment: Mapping[str, str] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)


@contextlib.contextmanager
def answering(remote: Remote, username: str, token: str) -> Iterator[Answers]:
    """Answer git's questions for that remote with these, as long as the block lasts.

    Raises:
        BotError: GIT_UNUSABLE, when the helper program cannot be run.
    """
    if not os.access(PROGRAM, os.X_OK):
        raise BotError(Reason.GIT_UNUSABLE, f"{PROGRAM} is not there or not executable; git cannot ask for the token.")
    descriptor = _readable(f"{token}\n".encode())
    try:
        yield Answers(_environment(remote, username, descriptor), (descriptor,), (_header(username, token), token))
    finally:
        os.close(descriptor)


def _header(username: str, token: str) -> str:
    """What git makes of both on the wire."""
    return base64.b64encode(f"{username}:{token}".encode()).decode()


def _readable(line: bytes) -> int:
    """A descriptor from which each process that opens it anew reads that line."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("promotion-askpass", os.MFD_CLOEXEC)
        os.write(descriptor, line)
        return descriptor
    # Where there is none of that, a pipe holds a line for each question that one git process could ask.
    descriptor, writing = os.pipe()
    os.write(writing, line * max(1, os.fpathconf(writing, "PC_PIPE_BUF") // len(line)))
    os.close(writing)
    return descriptor


def _environment(remote: Remote, username: str, descriptor: int) -> dict[str, str]:
    parts = urlsplit(remote.url)
    folder = "/proc/self/fd" if Path("/proc/self/fd").is_dir() else "/dev/fd"
    return {
        "GIT_ASKPASS": str(PROGRAM),
        "PROMOTION_GIT_SCHEME": parts.scheme,
        "PROMOTION_GIT_HOST": parts.netloc,
        "PROMOTION_GIT_USERNAME": username,
        "PROMOTION_GIT_TOKEN": f"{folder}/{descriptor}",
    }
