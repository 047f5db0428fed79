"""Who asks: people's tokens of both kinds, installations of Apps, the App itself; and what each may do."""

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from support.canary import CANARY
from support.github.answers import Json, Refused, not_found
from support.github.routing import Route

if TYPE_CHECKING:
    from support.github.hub import Hub

EVERYTHING: Final = {
    "actions": "read",
    "administration": "write",
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "read",
    "statuses": "write",
    "workflows": "write",
}
# What the bot needs and nothing beyond.
SUFFICIENT: Final = {
    "checks": "write",
    "contents": "write",
    "deployments": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "read",
    "statuses": "write",
}
HOUR: Final = 3600.0
ACTIONS: Final = 15368
"""The App that GitHub Actions is."""
_LONGEST_JWT: Final = 600
_LEVELS: Final = ("read", "write", "admin")


class TokenKind(Enum):
    """What a token is; the value is how GitHub begins it."""

    CLASSIC = "ghp_"
    FINE_GRAINED = "github_pat_"
    INSTALLATION = "ghs_"
    ACTIONS = "ghs_actions_"


@dataclass
class Token:
    """One token; `permissions` of a classic one come from its scopes. `expires` is by the hub's clock."""

    text: str = field(repr=False)
    kind: TokenKind
    login: str
    permissions: dict[str, str]
    scopes: tuple[str, ...] = ()
    expires: float | None = None
    app_id: int | None = None

    @property
    def is_installation(self) -> bool:
        return self.kind in (TokenKind.INSTALLATION, TokenKind.ACTIONS)

    def may(self, need: str) -> bool:
        """Whether it has a permission, in the form `contents=write`."""
        name, _, level = need.partition("=")
        if self.kind is TokenKind.CLASSIC:
            return "repo" in self.scopes or (name == "statuses" and "repo:status" in self.scopes)
        have = self.permissions.get(name)
        return have is not None and _LEVELS.index(have) >= _LEVELS.index(level)


@dataclass(frozen=True)
class Caller:
    """Whoever asks: with a token, as the App (`is_app`), or nobody."""

    token: Token | None = None
    is_app: bool = False

    @property
    def login(self) -> str:
        return self.token.login if self.token else ""

    @property
    def app_id(self) -> int | None:
        return self.token.app_id if self.token else None

    def may(self, need: str) -> bool:
        return self.token is not None and self.token.may(need)


@dataclass
class Access:
    """All tokens that are known, by their text."""

    hub: "Hub"
    tokens: dict[str, Token] = field(default_factory=dict, repr=False)
    issued: int = 0

    def add(
        self,
        kind: TokenKind = TokenKind.FINE_GRAINED,
        permissions: Mapping[str, str] | None = None,
        *,
        scopes: tuple[str, ...] = ("repo", "workflow"),
        text: str | None = None,
        lasts: float | None = None,
    ) -> str:
        """Issue a token and return it; everything that it holds is swept for after the tests (see canary)."""
        self.issued += 1
        name = text or f"{kind.value}{CANARY}{self.issued}"
        login, app = self._identity(kind)
        own = scopes if kind is TokenKind.CLASSIC else ()
        have = dict(EVERYTHING if permissions is None else permissions)
        expires = None if lasts is None else self.hub.now() + lasts
        self.tokens[name] = Token(name, kind, login, have, own, expires, app)
        return name

    def _identity(self, kind: TokenKind) -> tuple[str, int | None]:
        if kind is TokenKind.INSTALLATION:
            return f"{self.hub.app_slug}[bot]", self.hub.app_id
        if kind is TokenKind.ACTIONS:
            return "github-actions[bot]", ACTIONS
        return self.hub.login, None

    def expire(self) -> None:
        """From now on every token of an installation that was issued before is refused."""
        for token in self.tokens.values():
            if token.kind is TokenKind.INSTALLATION:
                token.expires = self.hub.now()

    def caller(self, header: str | None, route: Route) -> Caller:
        """Who that is, or 401."""
        if not header:
            return self._nobody(route)
        kind, _, text = header.partition(" ")
        text = text.strip()
        if kind.lower() not in ("token", "bearer"):
            raise Refused(401, "Bad credentials")
        if text.count(".") == 2 and text.startswith("ey"):  # the three parts of a JWT
            check_jwt(text, self.hub.app_id)
            if not route.is_for_the_app:
                raise Refused(401, "A JSON web token could not be decoded")
            return Caller(is_app=True)
        token = self.tokens.get(text)
        if token is None or (token.expires is not None and token.expires <= self.hub.now()):
            raise Refused(401, "Bad credentials")
        if route.is_for_the_app:
            raise Refused(401, "A JSON web token could not be decoded")
        return Caller(token)

    def _nobody(self, route: Route) -> Caller:
        if route.is_for_the_app or route.template in ("/user", "/installation/repositories", "/graphql"):
            raise Refused(401, "Requires authentication")
        if self.hub.private and route.template.startswith("/repos/"):
            raise not_found()
        if route.method != "GET":
            raise Refused(401, "Requires authentication")
        return Caller()

    def permit(self, who: Caller, route: Route) -> None:
        """Refuse what this caller may not do, with the words for its kind of token."""
        if who.is_app or not route.needs or (who.token is None and not self.hub.private):
            return
        if any(who.may(need) for need in route.needs):
            return
        # Who cannot read the repository is not told that there is one.
        if who.token is not None and who.token.kind is TokenKind.CLASSIC:
            raise not_found()
        kind = "integration" if who.token is not None and who.token.is_installation else "personal access token"
        raise Refused(403, f"Resource not accessible by {kind}")

    def headers(self, who: Caller, route: Route) -> dict[str, str]:
        """What GitHub says beside each answer about what the token has and what was needed."""
        token = who.token
        if token is None:
            return {}
        said = {}
        if token.kind is TokenKind.CLASSIC:
            said = {"X-OAuth-Scopes": ", ".join(token.scopes), "X-Accepted-OAuth-Scopes": "repo"}
        elif route.needs:
            said = {"X-Accepted-GitHub-Permissions": "; ".join(route.needs)}
        if token.expires is not None and not token.is_installation:
            when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(token.expires))
            said["GitHub-Authentication-Token-Expiration"] = when
        return said


# --- the App itself


@functools.cache
def app_key() -> rsa.RSAPrivateKey:
    """The App's key, made once a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def app_key_pem() -> str:
    """The key as GitHub hands it to whoever registers an App."""
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    return app_key().private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


def check_jwt(text: str, app_id: int) -> None:
    """Refuse a JWT that GitHub would not take; its times are those of the real clock."""
    claims = _claims(text)
    now = time.time()
    if str(claims.get("iss")) != str(app_id):
        raise Refused(404, "Integration not found")
    for name, words in (("iat", "Issued at"), ("exp", "Expiration time")):
        if not isinstance(claims.get(name), int):
            raise Refused(401, f"'{words}' claim ('{name}') must be an Integer")
    _refuse_when(claims["iat"] > now + 1, "'Issued at' claim ('iat') must be in the past")
    _refuse_when(claims["exp"] <= now, "'Expiration time' claim ('exp') must be a numeric value in the future")
    _refuse_when(claims["exp"] > now + _LONGEST_JWT + 1, "'Expiration time' claim ('exp') is too far in the future")


def _claims(text: str) -> Json:
    try:
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
        return jwt.decode(text, app_key().public_key(), algorithms=["RS256"], options=options)
    except jwt.PyJWTError:
        raise Refused(401, "A JSON web token could not be decoded") from None


def _refuse_when(wrong: bool, words: str) -> None:  # noqa: FBT001 - the question itself
    if wrong:
        raise Refused(401, words)
