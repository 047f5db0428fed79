"""How a remote lets this installation in: a token for http(s), a key and known hosts for ssh (I19)."""

import contextlib
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from bot.adapters.git_askpass import Answers, answering
from bot.adapters.git_remote import Remote
from bot.adapters.private_file import read_token
from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

DEFAULT_USERNAME: Final = "x-access-token"
_FOR_A_TOKEN: Final = ("http", "https")
_NO_TOKEN: Final = Bearer()


class TokenSource(Protocol):
    """Who gives a token that is not named for git alone: the login of the repository's host."""

    def token(self) -> str:
        """The token as it is now; BotError(BAD_CREDENTIALS) when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """Where the secrets stand; nothing is read before a git process needs it, and nothing is kept.

    `bearer` names the token's variable or file (neither: that of `login`, where there is one), `ssh_key` and
    `known_hosts` are paths for ssh, `hidden` are environment variables that no git process shall see.
    """

    bearer: Bearer = _NO_TOKEN
    username: str = DEFAULT_USERNAME
    ssh_key: Path | None = None
    known_hosts: Path | None = None
    hidden: tuple[str, ...] = ()
    login: TokenSource | None = None

    @contextlib.contextmanager
    def opened(self, remote: Remote) -> Iterator[Answers]:
        """What one git process needs to talk to that remote.

        Raises:
            BotError: BAD_CREDENTIALS, when there is no usable token where one should be.
        """
        if remote.protocol not in _FOR_A_TOKEN or (self.bearer == _NO_TOKEN and self.login is None):
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
        """The remote's own, or that of the host's login."""
        if self.login is not None and self.bearer == _NO_TOKEN:
            return self.login.token()
        return read_token(self.bearer, "the remote")


NO_ACCESS: Final = Access()
"""Nothing but what the machine itself offers."""


def _path(path: Path) -> str:
    """As ssh reads a path in an option: in quotes, with its own signs doubled."""
    text = str(path)
    if any(sign in text for sign in ('"', "\n", "${")):
        raise BotError(Reason.BAD_CONFIGURATION, f"[repository]: ssh cannot be told the path {text!r}.")
    return '"' + text.replace("%", "%%") + '"'
