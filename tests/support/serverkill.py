"""SIGKILL for the server's side of a push: from its own hooks, or by a tracer once a state is seen on its disk.

As a program this is what `ssh` is to git: it runs the other side on this machine. A push is run under a tracer
(ptrace) that stops it at every system call and looks at the refs: so each half of a transaction can be had at will.
"""

import ctypes
import os
import shlex
import signal
import sys
from pathlib import Path

from support.gitrepos import Repo

_TRACEME, _CONT_TO_SYSCALL = 0, 24
WANTED, DONE = "kill-when", "killed"


def hook_that_kills(remote: Repo, hook: str, state: str = "") -> None:
    """Have that hook kill the server's process, once; `state` is the first argument at which it does so."""
    done = remote.path / DONE
    remote.hook(
        hook,
        f'[ -z "{state}" ] || [ "$1" = "{state}" ] || exit 0\n[ -e "{done}" ] && exit 0\n: > "{done}"\nkill -9 $PPID\n',
    )


def kill_when(remote: Repo, *, locks: int = 0, landed: int = 0) -> None:
    """Have the next push killed once so many refs are locked, or so many have moved."""
    (remote.path / WANTED).write_text(f"{locks} {landed}")


def fake_ssh(folder: Path) -> str:
    """Make an `ssh` that runs the other side here, and return the PATH on which git finds it."""
    folder.mkdir()
    script = folder / "ssh"
    tests = Path(__file__).resolve().parents[1]
    script.write_text(f'#!/bin/sh\nPYTHONPATH={tests} exec {sys.executable} -m support.serverkill "$@"\n')
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def stale_locks(remote: Repo) -> list[Path]:
    """What a killed server leaves in its own way; only whoever runs the server can take it away."""
    return sorted(path for path in remote.path.rglob("*.lock") if path.is_file())


def is_traceable() -> bool:
    """Whether this machine lets a process trace its own child."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if _ptrace(_TRACEME, 0) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def _ptrace(request: int, pid: int, data: int = 0) -> int:
    call = ctypes.CDLL(None, use_errno=True).ptrace
    call.argtypes, call.restype = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p], ctypes.c_long
    return int(call(request, pid, None, data))


def _refs(remote: Path) -> tuple[int, dict[str, str]]:
    """How many refs are locked, and what the others hold."""
    locks, held = 0, {}
    for folder, _, names in os.walk(remote / "refs"):
        for name in names:
            path = Path(folder, name)
            try:
                content = path.read_text()
            except OSError:
                continue
            if name.endswith(".lock"):
                locks += 1
            else:
                held[str(path)] = content
    return locks, held


def _trace(command: list[str], remote: Path, wanted: tuple[int, int]) -> int:
    _, before = _refs(remote)
    pid = os.fork()
    if pid == 0:
        _ptrace(_TRACEME, 0)
        os.execvp(command[0], command)
    while True:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status) & 0xFF
        if _is_seen(remote, before, wanted):
            (remote / DONE).touch()
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return 137
        stopped_by = os.WSTOPSIG(status)
        _ptrace(_CONT_TO_SYSCALL, pid, 0 if stopped_by == signal.SIGTRAP else stopped_by)


def _is_seen(remote: Path, before: dict[str, str], wanted: tuple[int, int]) -> bool:
    locks, held = _refs(remote)
    landed = sum(before.get(name) != content for name, content in held.items())
    return (wanted[0] > 0 and locks >= wanted[0]) or (wanted[1] > 0 and landed >= wanted[1])


def _main(command: list[str]) -> int:
    remote = Path(command[-1])
    wanted = remote / WANTED
    if command[0] != "git-receive-pack" or not wanted.exists():
        os.execvp("git", ["git", command[0].removeprefix("git-"), *command[1:]])
    locks, landed = map(int, wanted.read_text().split())
    wanted.unlink()
    return _trace(["git", "receive-pack", *command[1:]], remote, (locks, landed))


if __name__ == "__main__":
    sys.exit(_main(shlex.split(sys.argv[-1])))
