"""Runs one git process at a time: clean environment, a deadline, its whole group ended whatever happens (I6, I13)."""

import contextlib
import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from bot.adapters.git_askpass import Answers
from bot.adapters.git_environment import foreign_names
from bot.adapters.git_errors import failure
from bot.adapters.git_exchange import Completed, exchange
from bot.adapters.process import child_group
from bot.errors import BotError, Reason

if TYPE_CHECKING:
    from git.cmd import Git

OLDEST: Final = (2, 38)


class Runner:
    """Runs argument lists of `git_commands` in one environment; `deadline` is in seconds for each process.

    Processes inherit `keep`, descriptors of locks that shall be held as long as any of them lives. `answers` is opened
    for each process anew: what it needs to be let in by the remote.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        deadline: float,
        keep: tuple[int, ...] = (),
        answers: Callable[[], AbstractContextManager[Answers]] = lambda: nullcontext(Answers()),
    ) -> None:
        self.environment = dict(environment)
        self.deadline = deadline
        self.keep = keep
        self._answers = answers

    @property
    def git_dir(self) -> Path:
        """The repository that its processes work on."""
        return Path(self.environment["GIT_DIR"])

    def run(self, command: Sequence[str], data: bytes = b"", *, more: Mapping[str, str] | None = None) -> Completed:
        """Run it to its end, with `data` on stdin and `more` in its environment.

        Raises:
            BotError: DEADLINE_EXCEEDED, GIT_UNUSABLE or DISK_FULL; a failing exit code is not an error here.
        """
        with self._answers() as answers:
            variables = {**self.environment, **answers.environment, **(more or {})}
            started = partial(_start, command, variables, (*self.keep, *answers.descriptors))
            # Not only a git that hangs is ended: a hook or a transport may leave a process behind that outlives git.
            with child_group(started) as child:
                return self._talk(command, child, data).without(answers.secrets)

    def _talk(self, command: Sequence[str], child: "subprocess.Popen[bytes]", data: bytes) -> Completed:
        try:
            return exchange(child, data, time.monotonic() + self.deadline)
        except TimeoutError:
            raise BotError(
                Reason.DEADLINE_EXCEEDED,
                f"{_name(command)} did not end within {self.deadline:.0f} s; it was stopped.",
            ) from None

    def check(self, command: Sequence[str], data: bytes = b"", *, more: Mapping[str, str] | None = None) -> bytes:
        """Run it and return its stdout; any exit code but 0 is a BotError with the reason that git's words name."""
        ended = self.run(command, data, more=more)
        if ended.code:
            raise failure(_name(command), ended.code, ended.err)
        return ended.out


def _name(command: Sequence[str]) -> str:
    return " ".join(command[:2])


def _start(command: Sequence[str], environment: Mapping[str, str], keep: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    gitpython = _gitpython(environment)
    from git.exc import GitCommandNotFound  # noqa: PLC0415 - heavy; see _gitpython

    try:
        wrapper = gitpython.execute(
            _without_foreign(command, environment),
            istream=subprocess.PIPE,
            as_process=True,
            shell=False,
            env=environment,
            start_new_session=True,
            pass_fds=keep,
        )
    except GitCommandNotFound:
        raise BotError(Reason.GIT_UNUSABLE, "There is no git on the PATH.") from None
    except OSError as error:
        raise _os_failure(error) from None
    child = cast("subprocess.Popen[bytes]", wrapper.proc)
    # GitPython's wrapper would end the child on its own terms when it is collected; from here on it is ours.
    wrapper.proc = None
    return child


def _gitpython(environment: Mapping[str, str]) -> "Git":
    try:
        # Imported late: it costs 0.1 s, and it raises where there is no git at all.
        with nullcontext() if "git.cmd" in sys.modules else _hiding(environment):
            from git.cmd import Git  # noqa: PLC0415 - see above
    except ImportError:
        raise BotError(Reason.GIT_UNUSABLE, "There is no working git on the PATH.") from None
    # Not the caller's directory: that may be a checkout with settings of its own.
    return Git("/")


@contextlib.contextmanager
def _hiding(environment: Mapping[str, str]) -> Iterator[None]:
    """GitPython starts a git while it is imported, and that one gets all of os.environ (I19)."""
    hidden = {name: os.environ.pop(name) for name, value in environment.items() if not value and name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _without_foreign(command: Sequence[str], own: Mapping[str, str]) -> list[str]:
    # GitPython hands on all of os.environ and can only add to it; `env -u` takes away without touching this process.
    unset = [part for name in foreign_names(os.environ, own) for part in ("-u", name)]
    return ["env", *unset, *command] if unset else list(command)


def _os_failure(error: OSError) -> BotError:
    reason = Reason.DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else Reason.GIT_FAILED
    return BotError(reason, f"git cannot be started: {error.strerror}.")


def check_version(runner: Runner, command: Sequence[str]) -> str:
    """The version of git as text; BotError(GIT_UNUSABLE) when it is older than the bot can work with."""
    said = runner.check(command).decode("utf-8", "replace")
    found = re.match(r"git version (\d+)\.(\d+)\S*", said)
    if found is None:
        raise BotError(Reason.GIT_UNUSABLE, "git does not say which version it is.")
    if (int(found[1]), int(found[2])) < OLDEST:
        raise BotError(
            Reason.GIT_UNUSABLE, f"git is {found[1]}.{found[2]}; the bot needs {OLDEST[0]}.{OLDEST[1]} or newer."
        )
    return found[0].removeprefix("git version ")
