"""Running a small program to its end: bounded in time and in what it may say, and never outliving its call."""

import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Final

from bot.adapters.process import child_group

_CHUNK: Final = 64 * 1024
_POLL_S: Final = 0.05
_GRACE_S: Final = 0.2
_LAST_WORDS: Final = 4096


@dataclass(frozen=True, slots=True)
class Ended:
    """What it left: its exit status (negative for a signal), all of stdout, and the end of stderr."""

    status: int
    out: bytes
    err: bytes


def run(argv: Sequence[str], environment: Mapping[str, str], *, deadline: float, max_bytes: int) -> Ended:
    """Run a program without a shell and without input; when it ends, all of its process group ends with it.

    Raises:
        TimeoutError: it had not ended `deadline` seconds later.
        OverflowError: it said more than `max_bytes`.
        OSError: it cannot be started.
    """
    with child_group(partial(_start, argv, environment), _GRACE_S) as child:
        heard = _Heard(child, max_bytes)
        heard.listen(time.monotonic() + deadline)
    return Ended(child.returncode, bytes(heard.out), bytes(heard.err))


def _start(argv: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=environment,
    )


@dataclass(slots=True)
class _Heard:
    """What a child says, read as it comes."""

    child: "subprocess.Popen[bytes]"
    max_bytes: int
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)

    def listen(self, until: float) -> None:
        with selectors.DefaultSelector() as selector:
            for stream in self._streams():
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ)
            # A grandchild may keep the pipes open for ever: the end of the program is what counts.
            while self.child.poll() is None:
                self._hear(selector, min(_POLL_S, until - time.monotonic()))
                if time.monotonic() > until:
                    raise TimeoutError
            while self._hear(selector, 0.0) and time.monotonic() <= until:
                pass

    def _streams(self) -> list[IO[bytes]]:
        return [stream for stream in (self.child.stdout, self.child.stderr) if stream is not None]

    def _hear(self, selector: selectors.BaseSelector, patience: float) -> bool:
        """Take what there is; False when there was nothing."""
        if not selector.get_map():
            time.sleep(max(0.0, patience))
            return False
        ready = selector.select(max(0.0, patience))
        for key, _ in ready:
            part = os.read(key.fd, _CHUNK)
            if not part:
                selector.unregister(key.fileobj)
            self._keep(part, said=key.fileobj is self.child.stdout)
        return bool(ready)

    def _keep(self, part: bytes, *, said: bool) -> None:
        if not said:
            self.err = (self.err + part)[-_LAST_WORDS:]
            return
        self.out += part
        if len(self.out) > self.max_bytes:
            raise OverflowError
