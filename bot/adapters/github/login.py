"""Who the bot is on GitHub: a token that stands in a variable or a file, or a GitHub App (I19)."""

from enum import Enum
from typing import Protocol

from bot.adapters.private_file import read_token
from bot.adapters.probes.bearer import Bearer


class LoginKind(Enum):
    """A person's or a workflow's token, or an App's installation."""

    TOKEN = "token"  # noqa: S105 - the word, not one
    APP = "app"


class Login(Protocol):
    """Gives the secret when it is needed; nothing else ever holds it for long."""

    @property
    def kind(self) -> LoginKind:
        """What it is."""
        ...

    @property
    def calls(self) -> int:
        """How many requests it took so far to log in."""
        ...

    @property
    def waited(self) -> float:
        """Seconds that waits and failed exchanges of these took so far."""
        ...

    def ready(self) -> None:
        """Look at what is needed to log in, without asking anybody; BotError(BAD_CREDENTIALS)."""
        ...

    def token(self) -> str:
        """The secret as it is now.

        Raises:
            BotError: BAD_CREDENTIALS when there is none, or the reasons of a request that failed.
        """
        ...

    def renew(self) -> bool:
        """It was not accepted: whether `token` gives another one now."""
        ...


class TokenLogin:
    """A token that somebody put there; it is read for each request anew, so that it may change during a night."""

    kind = LoginKind.TOKEN
    calls = 0
    waited = 0.0

    def __init__(self, bearer: Bearer) -> None:
        self._bearer = bearer
        self._given = ""

    def ready(self) -> None:
        """See that a token stands there."""
        self.token()

    def token(self) -> str:
        """What stands there."""
        self._given = read_token(self._bearer, "GitHub")
        return self._given

    def renew(self) -> bool:
        """Whether somebody put another one there meanwhile."""
        return read_token(self._bearer, "GitHub") != self._given
