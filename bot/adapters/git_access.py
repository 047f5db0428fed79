"""How a remote lets this installation in: a token for http(s), a key and known hosts for ssh (I19)."""

import contextlib
import os
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.adapters.git_askpass import Answers, answering
from bot.adapters.git_remote import Remote
from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

DEFAULT_USERNAME: Final = "x-access-token"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_FOR_A_TOKEN: Final = ("http", "https")
_NO_TOKEN: Final = Bearer()


@dataclass(frozen=True, slots=True)
class Access:
    """Where the secrets stand; nothing is read before a git process needs it, and nothing is kept.

    `bearer` names the token's variable or file (neither: no token), `ssh_key` and `known_hosts` are paths for ssh,
    `hidden` are environment variables that no git process shall see.
    """

    bearer: Bearer = _NO_TOKEN
    username: str = DEFAULT_USERNAME
    ssh_key: Path | None = None
    known_hosts: Path | None = None
    hidden: tuple[str, ...] = ()

    @contextlib.contextmanager
    def opened(self, remote: Remote) -> Iterator[Answers]:
        """What one git process needs to talk to that remote.

        Raises:
            BotError: BAD_CREDENTIALS, when there is no usable token where one should be.
        """
        if remote.protocol not in _FOR_A_TOKEN or self.bearer == _NO_TOKEN:
            yield Answers()
            return
        with answering(remote, self.username, self._token()) as answers:
            yield answers

    def ssh_options(self) -> tuple[str, ...]:
        """Options of ssh for the shell that git hands its command to; none where the user's own settings hold."""
        key = ("-o", "IdentitiesOnly=yes", "-o", f"IdentityFile={_path(self.ssh_key)}") if self.ssh_key else ()
        known = ("-o", f"UserKnownHostsFile={_path(self.known_hosts)}") if self.known_hosts else ()
        strict = ("-o", "StrictHostKeyChecking=yes") if self.known_hosts else ()
        return tuple(shlex.quote(option) for option in (*key, *known, *strict))

    def _token(self) -> str:
        if self.bearer.file is not None:
            _private(self.bearer.file)
        try:
            return self.bearer.read()
        except LookupError as error:
            raise BotError(Reason.BAD_CREDENTIALS, f"There is no token for the remote: {error}.") from None


NO_ACCESS: Final = Access()
"""Nothing but what the machine itself offers."""


def _path(path: Path) -> str:
    """As ssh reads a path in an option: in quotes, with its own signs doubled."""
    text = str(path)
    if any(sign in text for sign in ('"', "\n", "${")):
        raise BotError(Reason.BAD_CONFIGURATION, f"[repository]: ssh cannot be told the path {text!r}.")
    return '"' + text.replace("%", "%%") + '"'


def _private(file: Path) -> None:
    """A token that others may read is nobody's secret."""
    try:
        found = file.stat()
    except OSError as error:
        raise BotError(Reason.BAD_CREDENTIALS, f"The token file {file} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(found.st_mode):
        raise BotError(Reason.BAD_CREDENTIALS, f"The token file {file} is no regular file.")
    if found.st_mode & _OTHERS or found.st_uid not in (os.geteuid(), 0):
        raise BotError(
            Reason.BAD_CREDENTIALS,
            f"The token file {file} can be read or changed by others.",
            f"Give it to the bot alone: `chmod 600 {file}`, and put a new token in it.",
        )
