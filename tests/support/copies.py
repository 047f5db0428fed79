"""A process that has everything imported and warmed up, and answers each question in a copy of itself.

To import the bot and to play its first night costs seconds, a copy of a process that has done so costs milliseconds. It
has no other thread, so that its copies may make copies of themselves; and it is nobody's child, so that who asks has no
more children than before. It ends when nobody can ask it any more.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

_LARGEST_QUESTION = 1 << 16
_WORDS_IN = "stderr"
Answer = Callable[..., Any]


class Server:
    """Asks such a process, `python -m MODULE serve LINE`, which is started when it is needed; threads may share it."""

    def __init__(self, module: str, environment: Callable[[], Mapping[str, str]], cwd: Path) -> None:
        self._module, self._environment, self._cwd = module, environment, cwd
        self._line: socket.socket | None = None
        self._group = 0
        self._starting = threading.Lock()

    def ask(self, folder: Path, words: Sequence[str], seconds: float) -> Any:
        """What a copy answers, which works in that folder and has so long; nothing of it outlives an interrupt.

        Raises:
            AssertionError: it had no answer; with all that it said.
        """
        theirs, ours = os.pipe()
        try:
            self._send(folder, words, ours)
            said = _read(theirs, time.monotonic() + seconds)
        except BaseException:
            self.end()
            raise
        finally:
            os.close(theirs)
        told = json.loads(said) if said else {}
        assert "answer" in told, told.get("failed") or _words(folder)
        return told["answer"]

    def _send(self, folder: Path, words: Sequence[str], answer: int) -> None:
        try:
            with self._starting:
                line = self._line = self._line or self._started()
            socket.send_fds(line, [json.dumps([str(folder), *words]).encode()], [answer])
        finally:
            os.close(answer)

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", self._module, "serve", str(theirs.fileno())]
            subprocess.run(
                command,
                env=self._environment(),
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                timeout=60,
                check=True,
            )
        self._group = int(ours.recv(100))
        return ours

    def end(self) -> None:
        """End it with every copy that it made of itself; the next question starts another one."""
        with self._starting:
            if self._line is None:
                return
            self._line.close()
            self._line = None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._group, signal.SIGKILL)


def _read(pipe: int, limit: float) -> bytes:
    """Everything until the last copy that holds the other end is gone."""
    said = bytearray()
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, limit - time.monotonic()))
        assert ready, "a copy hung"
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            return bytes(said)
        said += chunk


def _words(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return f"a copy died: {(folder / _WORDS_IN).read_text(errors='replace')}"
    return "a copy died"


def serve(line: int, warm_up: Callable[[], None], answer: Answer) -> None:
    """Be that process: leave who started it, warm up, and answer until nobody can ask any more."""
    if os.fork():
        os._exit(0)
    # A group of its own: it is ended whole, with every copy that it made of itself.
    os.setsid()
    asked = socket.socket(fileno=line)
    asked.set_inheritable(False)
    asked.send(str(os.getpid()).encode())
    try:
        warm_up()
    except BaseException:  # noqa: BLE001 - whatever it is, everybody who asks must hear of it
        answer = partial(_refuse, traceback.format_exc())
    signal.signal(signal.SIGCHLD, _reap)
    while _answered(asked, answer):
        pass


def _reap(*_: object) -> None:
    """Nobody waits for a copy: who asked it sees its end."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _refuse(why: str, *_question: object) -> None:
    raise RuntimeError(why)


def _answered(asked: socket.socket, answer: Answer) -> bool:
    question, pipes, _, _ = socket.recv_fds(asked, _LARGEST_QUESTION, 1)
    if not question:
        return False
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asked.close()
        os.set_inheritable(pipes[0], False)
        _answer(pipes[0], answer, *json.loads(question))
    os.close(pipes[0])
    return True


def _answer(pipe: int, answer: Answer, folder: str, *words: str) -> None:
    """In the copy: what it comes to, and no step further."""
    try:
        with Path(folder, _WORDS_IN).open("wb") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        told = json.dumps({"answer": answer(Path(folder), *words)})
    except BaseException:  # noqa: BLE001 - whatever it is, who asked must hear of it
        told = json.dumps({"failed": traceback.format_exc()})
    finally:
        with contextlib.suppress(BrokenPipeError), open(pipe, "wb") as out:
            out.write(told.encode())
        os._exit(0)
