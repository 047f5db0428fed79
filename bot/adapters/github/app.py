"""A GitHub App as the login: its key signs for a minute or two, an installation's token works for an hour at most.

The token is fetched when it is needed and thrown away soon after, so that the one of a night's pushes is fetched after
the soak. It is asked for this one repository alone.
"""

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jwt
from github import Auth, GithubIntegration
from github.GithubException import GithubException
from jwt.algorithms import RSAAlgorithm

from bot.adapters.github.failures import rejected
from bot.adapters.github.limits import Clock, Limits, http_date
from bot.adapters.github.login import LoginKind
from bot.adapters.github.pygithub import pygithub
from bot.adapters.github.wire import Mode, Wire
from bot.adapters.private_file import private
from bot.errors import BotError, Reason

# A soak is longer than this: what is pushed after it is pushed with a token that was fetched after it.
_KEEP_S: Final = 600.0
# What is begun with a token shall also be ended with it: an upload, a push.
_SPARE_S: Final = 300.0
# Whatever a host says of its time, one token is not fetched for each request; a refused one is exchanged anyway.
_LEAST_S: Final = 30.0
_LARGEST: Final = 64 * 1024
_GONE: Final = (403, 404)
_NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App by its number, and where its private key stands: in a file, or else in a variable."""

    id: int
    file: Path | None = None
    variable: str = ""

    def key(self) -> str:
        """The key in PEM form; a variable may have its line ends as a backslash and an n.

        Raises:
            BotError: BAD_CREDENTIALS, with a sentence that does not hold it.
        """
        text = self._from_file(self.file) if self.file else os.environ.get(self.variable, "").replace("\\n", "\n")
        where = "file" if self.file else f"environment variable {self.variable}"
        if "PRIVATE KEY-----" not in text:
            raise BotError(Reason.BAD_CREDENTIALS, f"The {where} of the GitHub App's key holds no private key.")
        return text.strip() + "\n"

    def _from_file(self, file: Path) -> str:
        private(file, "key")
        with file.open("rb") as opened:
            return opened.read(_LARGEST).decode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class _Token:
    """An installation's token: `until` is when it is thrown away, in the clock's monotonic seconds."""

    secret: str
    until: float

    def __repr__(self) -> str:
        return "_Token(…)"


class AppLogin:
    """The installation of a GitHub App in the account that owns the repository."""

    kind = LoginKind.APP

    def __init__(self, app: App, address: str, repository: str, clock: Clock, limits: Limits = _NO_LIMITS) -> None:
        self.app = app
        self._address = address
        self._repository = repository
        self._clock = clock
        self._wire = Wire(address, None, clock, limits)
        self._installation: int | None = None
        self._token: _Token | None = None
        self._permissions: Mapping[str, str] = {}

    @property
    def calls(self) -> int:
        """How many requests it took so far to log in."""
        return self._wire.calls

    @property
    def waited(self) -> float:
        """Seconds that waits and failed exchanges of these took so far."""
        return self._wire.patience.waited

    @property
    def permissions(self) -> Mapping[str, str]:
        """What the installation was granted (`contents` -> `write`); logs in where that was not done yet."""
        self.token()
        return self._permissions

    def ready(self) -> None:
        """See that the key stands there and signs."""
        self._auth()

    def token(self) -> str:
        """An installation's token that works for minutes to come.

        Raises:
            BotError: BAD_CREDENTIALS when the App, its key or its installation is not what it should be; else the
                reasons of a request that failed.
        """
        if self._token is None or self._clock.monotonic() >= self._token.until:
            self._token = self._fetched()
        return self._token.secret

    def renew(self) -> bool:
        """Throw the token away; there is always another one to be had."""
        self._token = None
        return True

    def _fetched(self) -> _Token:
        with self._wire.block(Mode.REPEATABLE):
            outcome = self._tried(pygithub(GithubIntegration, self._address, self._wire, auth=self._auth()))
        if isinstance(outcome, BotError):
            raise outcome
        return outcome

    def _auth(self) -> Auth.AppAuth:
        auth = _signing(self.app.id, self.app.key())
        if auth is None:
            raise BotError(Reason.BAD_CREDENTIALS, "The GitHub App's private key cannot be used: it is no RSA key.")
        return auth

    def _tried(self, app: GithubIntegration) -> _Token | BotError:
        try:
            if self._installation is None:
                self._installation = self._found(app)
            return self._asked(app, self._installation)
        except BotError as error:
            return error
        except GithubException as error:
            self._installation = None
            return self._refused(error)
        except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
            return BotError(Reason.HOST_FAILED, "GitHub's answer to the App's login has not the shape it should have.")

    def _found(self, app: GithubIntegration) -> int:
        document = app.requester.requestJsonAndCheck("GET", f"/repos/{self._repository}/installation")[1]
        return _whole(document["id"])

    def _asked(self, app: GithubIntegration, installation: int) -> _Token:
        headers, document = app.requester.requestJsonAndCheck(
            "POST",
            f"/app/installations/{installation}/access_tokens",
            input={"repositories": [self._repository.partition("/")[2]]},
        )
        self._permissions = _granted(document.get("permissions"))
        lives = _lifetime(str(document["expires_at"]), str(headers.get("date", "")), self._clock.now())
        kept = min(_KEEP_S, max(_LEAST_S, lives - _SPARE_S))
        return _Token(_secret(document["token"]), self._clock.monotonic() + kept)

    def _refused(self, error: GithubException) -> BotError:
        no = rejected(error.status, error.headers or {}, error.data)
        if error.status in _GONE:
            words = f"The GitHub App {self.app.id} is not installed for {self._repository}, or is suspended there"
            return BotError(Reason.BAD_CREDENTIALS, f"{words}: {no.sentence}")
        return no


def _signing(app_id: int, pem: str) -> Auth.AppAuth | None:
    """The App by that key, None where the key does not sign; no exception that may hold it gets out."""
    try:
        auth = Auth.AppAuth(app_id, sign_func=_signer(pem))
        auth.create_jwt()
    except (ValueError, TypeError, jwt.PyJWTError):
        return None
    return auth


@functools.lru_cache(maxsize=1)
def _signer(pem: str) -> Callable[[dict[str, Any]], str]:
    """Signs with that key, which is taken apart and found sound only once a process: that costs more than to sign."""
    key: Any = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem)
    return lambda payload: jwt.encode(payload, key, algorithm="RS256")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("no number")
    return value


def _secret(value: Any) -> str:
    if not isinstance(value, str) or not (value.isascii() and value.isprintable() and value) or " " in value:
        raise TypeError("no token")
    return value


def _granted(value: Any) -> dict[str, str]:
    found = value if isinstance(value, dict) else {}
    return {name: level for name, level in found.items() if isinstance(name, str) and isinstance(level, str)}


def _lifetime(expires_at: str, date: str, now: datetime) -> float:
    """Seconds that a token works, by the clock of the host that gave it."""
    began = http_date(date) or now
    until = datetime.fromisoformat(expires_at)
    return ((until if until.tzinfo else until.replace(tzinfo=UTC)) - began).total_seconds()
