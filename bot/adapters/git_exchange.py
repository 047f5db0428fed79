"""Talks with a child over its three pipes until a deadline, with bounded memory whatever it says."""

import contextlib
import os
import select
import selectors
import subprocess
import time
from dataclasses import dataclass
from typing import IO, Final

from bot.errors import BotError, Reason

_CHUNK: Final = 1 << 16
# A hook may talk without end; what is beyond this is read and dropped.
_KEPT_STDERR: Final = 1 << 18
_LARGEST_STDOUT: Final = 1 << 31
# What is shorter is no token, and might be a part of any word.
_SHORTEST_SECRET: Final = 8


@dataclass(frozen=True, slots=True)
class Completed:
    """How a git process ended: `out` is raw, `err` decoded but not yet fit for people (see `git_text`)."""

    code: int
    out: bytes
    err: str

    def without(self, secrets: tuple[str, ...]) -> "Completed":
        """The same with no secret in it: a server may repeat what it was told."""
        out, err = self.out, self.err
        for secret in secrets:
            if len(secret) >= _SHORTEST_SECRET:
                out, err = out.replace(secret.encode(), b"***"), err.replace(secret, "***")
        return Completed(self.code, out, err)


def exchange(child: "subprocess.Popen[bytes]", data: bytes, limit: float) -> Completed:
    """Feed `data` to the child, read what it says and wait for its end; TimeoutError at `limit` (monotonic seconds)."""
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise TypeError("the child needs pipes on stdin, stdout and stderr")
    talk = _Talk(child.stdin, child.stdout, child.stderr, memoryview(data))
    talk.until(limit)
    try:
        code = child.wait(max(0.0, limit - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return Completed(code, bytes(talk.out), talk.err.decode("utf-8", "replace"))


class _Talk:
    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes], data: memoryview) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self._rest = data
        self._steps = {stdin: self._feed, stdout: self._hear_out, stderr: self._hear_err}

    def until(self, limit: float) -> None:
        with selectors.DefaultSelector() as waiting:
            for number, stream in enumerate(self._steps):
                waiting.register(stream, selectors.EVENT_WRITE if number == 0 else selectors.EVENT_READ)
            while waiting.get_map():
                for stream in _ready(waiting, limit):
                    if not self._steps[stream](stream.fileno()):
                        waiting.unregister(stream)
                        with contextlib.suppress(OSError):
                            stream.close()

    def _feed(self, descriptor: int) -> bool:
        try:
            sent = os.write(descriptor, self._rest[: select.PIPE_BUF]) if self._rest else 0
        except BrokenPipeError:
            return False
        self._rest = self._rest[sent:]
        return bool(self._rest)

    def _hear_out(self, descriptor: int) -> bool:
        chunk = os.read(descriptor, _CHUNK)
        self.out += chunk
        if len(self.out) > _LARGEST_STDOUT:
            raise BotError(Reason.GIT_FAILED, "git answered with more than 2 GiB; it was stopped.")
        return bool(chunk)

    def _hear_err(self, descriptor: int) -> bool:
        chunk = os.read(descriptor, _CHUNK)
        if len(self.err) < _KEPT_STDERR:
            self.err += chunk
        return bool(chunk)


def _ready(waiting: selectors.BaseSelector, limit: float) -> list[IO[bytes]]:
    left = limit - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return [key.fileobj for key, _ in waiting.select(left)]  # type: ignore[misc] # only these three were registered
