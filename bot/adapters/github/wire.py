"""The way from PyGithub to the network: every request of a run goes through here, counted, bounded and judged.

PyGithub's own retries repeat a POST whose answer was lost, its pauses know no cap, its uploads no timeout, and it takes
an HTML page for an answer; none of that is in use. Whether a request may be sent again is decided here by what it
does, not by which object sends it: a question again and again within bounds, a write never unless it was surely not
done.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, NoReturn, Protocol
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.utils import get_environ_proxies

from bot.adapters.github.failures import Unsure
from bot.adapters.github.limits import Clock, Limits, Pace, Patience, backoff
from bot.adapters.github.replies import Fault, Reply, Trouble, broken, judge
from bot.adapters.http import USER_AGENT, Answer, Failure, Route, exchange
from bot.errors import BotError, Reason

_QUESTIONS: Final = ("GET", "HEAD")
_MOST_HOPS: Final = 3
_KEEPS_VERB: Final = (307, 308)
_MOVED: Final = (301, 302, *_KEEPS_VERB)
# Nothing was done by these, so that even a write may be sent once more.
_NOT_DONE: Final = (Trouble.UNSENT, Trouble.LIMITED, Trouble.EXPIRED, Trouble.ELSEWHERE)
_REASONS: Final = {
    Trouble.UNSENT: Reason.HOST_UNREACHABLE,
    Trouble.LOST: Reason.HOST_UNREACHABLE,
    Trouble.LIMITED: Reason.HOST_LIMITED,
    Trouble.EXPIRED: Reason.BAD_CREDENTIALS,
}


class Mode(Enum):
    """What the requests of a block are: questions, writes, or writes that do no harm when they are done twice."""

    READ = auto()
    WRITE = auto()
    REPEATABLE = auto()


class Credential(Protocol):
    """Where the secret of each request comes from."""

    def token(self) -> str:
        """The secret as it is now; BotError(BAD_CREDENTIALS) when there is none."""
        ...

    def renew(self) -> bool:
        """It was not accepted: whether there is another one now."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request as PyGithub makes it; the headers may hold a secret."""

    verb: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


class Wire:
    """All requests of one login to one API.

    `address` is the base of the API (`https://api.github.com`); `credential` gives the secret of each request, None
    where PyGithub sets the header itself.
    """

    def __init__(self, address: str, credential: Credential | None, clock: Clock, limits: Limits) -> None:
        self.clock = clock
        self.limits = limits
        self.calls = 0
        self.patience = Patience(clock, limits.patience)
        self._api = urlsplit(address)
        self._credential = credential
        self._pace = Pace(clock, limits, self.patience)
        self._mode = Mode.READ
        self._wrote = False

    @property
    def wrote(self) -> bool:
        """Whether a write of the present block was answered."""
        return self._wrote

    @contextlib.contextmanager
    def block(self, mode: Mode) -> Iterator[None]:
        """What the requests of the block are."""
        before = self._mode, self._wrote
        self._mode, self._wrote = mode, False
        try:
            yield
        finally:
            self._mode, self._wrote = before

    def send(self, call: Call) -> Reply:
        """The reply to a request: 2xx or a clear 4xx.

        Raises:
            Unsure: it would write, and nobody knows whether it did.
            BotError: HOST_UNREACHABLE, HOST_FAILED, HOST_LIMITED or BAD_CREDENTIALS; it was not done.
        """
        writes = self._writes(call)
        attempt, renewed = 1, False
        while True:
            seen = self._timed(call, writes=writes)
            if isinstance(seen, Reply):
                self._wrote = self._wrote or writes
                return seen
            if seen.trouble is Trouble.EXPIRED and not renewed and self._renew():
                renewed = True
            elif self._may_repeat(seen, attempt, writes=writes):
                attempt += 1
            else:
                _give_up(seen, writes=writes)

    def _writes(self, call: Call) -> bool:
        """Whether sending it twice might do something twice; a READ block with such a request is a mistake of ours."""
        if call.verb in _QUESTIONS or self._mode is Mode.REPEATABLE:
            return False
        if self._mode is Mode.WRITE:
            return True
        if urlsplit(call.url).path.endswith("/graphql"):
            return False
        raise RuntimeError(f"a {call.verb} inside of a read")

    def _may_repeat(self, seen: Fault, attempt: int, *, writes: bool) -> bool:
        """Wait and say yes, or say no."""
        if seen.trouble in (Trouble.EXPIRED, Trouble.ELSEWHERE) or attempt >= self.limits.attempts:
            return False
        if writes and (seen.trouble not in _NOT_DONE or attempt > 1):
            return False
        return self.patience.wait(max(backoff(attempt), seen.wait or 0.0))

    def _renew(self) -> bool:
        return self._credential is not None and self._credential.renew()

    def _timed(self, call: Call, *, writes: bool) -> Reply | Fault:
        """Send it once; the time that it took is lost where there is no reply."""
        if writes:
            self._pace.write()
        began = self.clock.monotonic()
        seen = self._once(call, writes=writes)
        if isinstance(seen, Fault):
            self.patience.lost(self.clock.monotonic() - began)
        return seen

    def _once(self, call: Call, *, writes: bool) -> Reply | Fault:
        """One exchange, and those that the API's own redirects lead to."""
        url = call.url
        for _ in range(_MOST_HOPS):
            answer = self._exchange(call, url)
            if isinstance(answer, Failure):
                return broken(answer)
            further = self._further(answer, url, writes=writes)
            if further is None:
                return judge(answer, call.verb, self.clock.now())
            url = further
        return Fault(Trouble.ELSEWHERE, "GitHub sends the bot from one address to the next.")

    def _exchange(self, call: Call, url: str) -> Answer | Failure:
        self.calls += 1
        if self.calls > self.limits.calls:
            raise BotError(
                Reason.HOST_LIMITED, f"This run has asked GitHub {self.limits.calls} times, and stops there."
            )
        if not self._is_ours(urlsplit(url)):
            raise BotError(Reason.HOST_FAILED, "GitHub named an address that is not its own; nothing was sent there.")
        headers = {"Accept": "application/vnd.github+json", **call.headers, "User-Agent": USER_AGENT}
        if self._credential is not None:
            headers["Authorization"] = f"Bearer {self._credential.token()}"
        request = requests.Request(call.verb, url, headers=headers, data=call.body)
        deadline = self.limits.deadline(call.body, patient=self.patience.left > 0)
        answer = exchange(request, deadline=deadline, max_bytes=self.limits.largest, route=_route(url))
        return answer if isinstance(answer, Failure) else _scrubbed(answer, headers.get("Authorization", ""))

    def _further(self, answer: Answer, url: str, *, writes: bool) -> str | None:
        """Where a redirect of the API to itself leads, such as that of a renamed repository."""
        location = answer.headers.get("location", "")
        if answer.status not in (_KEEPS_VERB if writes else _MOVED) or not location:
            return None
        target = urljoin(url, location)
        return target if _origin(urlsplit(target)) == _origin(urlsplit(url)) else None

    def _is_ours(self, target: SplitResult) -> bool:
        """The API itself, or the host beside it that takes uploads."""
        if _origin(target) == _origin(self._api):
            return True
        uploads = f"uploads.{(self._api.hostname or '').removeprefix('api.')}"
        return _origin(target) == ("https", uploads, _PORTS["https"]) and self._api.scheme == "https"


def _give_up(seen: Fault, *, writes: bool) -> NoReturn:
    if writes and seen.trouble not in _NOT_DONE:
        raise Unsure(seen.sentence)
    raise BotError(_REASONS.get(seen.trouble, Reason.HOST_FAILED), seen.sentence)


_PORTS: Final = {"http": 80, "https": 443}


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    try:
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


def _route(url: str) -> Route:
    """Through the environment's proxy, but only where that sees nothing: plain http stays on this machine."""
    if not url.startswith("https:"):
        return Route()
    authorities = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return Route(get_environ_proxies(url), authorities or None)


def _scrubbed(answer: Answer, authorization: str) -> Answer:
    """A server that repeats the secret does not get it into our words (I19)."""
    secret = authorization.rpartition(" ")[2].encode()
    if not secret or secret not in answer.body:
        return answer
    return Answer(answer.status, answer.content_type, answer.body.replace(secret, b"***"), headers=answer.headers)
