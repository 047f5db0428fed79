"""One HTTP exchange: bounded in time and size, never redirected; proxied only where the caller says how."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from bot import __version__

USER_AGENT: Final = f"promotion-bot/{__version__}"
_CHUNK: Final = 16 * 1024
_DEEPEST_CAUSE: Final = 12


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, whatever its status; `content_type` is lower case and without parameters.

    `cpu` is what asking cost, in CPU seconds of a thread of its own; the names of `headers` are in lower case.
    """

    status: int
    content_type: str
    body: bytes
    cpu: float = field(default=0.0, compare=False)
    headers: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """No complete answer: one short sentence of our own words, holding nothing that the server or the URL said.

    `unsent` is True only where it is certain that the other side never got to see the request.
    """

    text: str
    cpu: float = field(default=0.0, compare=False)
    unsent: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Route:
    """How the other side is reached: proxies by scheme, and the authorities that its certificate may come from."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    authorities: str | None = None


REFUSED: Final = Failure("the connection was refused", unsent=True)
"""Nobody listens there."""

DIRECT: Final = Route()
"""No proxy, and the authorities that everybody trusts."""


def get(
    url: str, *, deadline: float = 5.0, max_bytes: int = 64 * 1024, accept: str = "*/*", bearer: str = ""
) -> Answer | Failure:
    """GET `url` on a fresh connection; `deadline` seconds cover everything from the name look-up to the last byte.

    Redirects are answers, not followed. Proxies, netrc, cookies and compression play no part. `bearer` is a secret that
    goes into the one header and nowhere else.
    """
    headers = {"User-Agent": USER_AGENT, "Accept": accept}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    return exchange(requests.Request("GET", url, headers=headers), deadline=deadline, max_bytes=max_bytes)


def exchange(request: requests.Request, *, deadline: float, max_bytes: int, route: Route = DIRECT) -> Answer | Failure:
    """Send one request on a fresh connection, once, and read the whole answer; as `get` in all else."""
    question = _Question(request, deadline, max_bytes, route)
    worker = threading.Thread(target=question.ask, name="http-exchange", daemon=True)
    worker.start()
    worker.join(deadline)
    if question.outcome is None:
        # A socket timeout restarts with every byte, so a drip of bytes is ended from outside.
        question.sockets.abandon()
        return Failure(f"no complete answer within {deadline:g} s")
    return question.outcome


class _Sockets:
    """The sockets of one question, so that another thread can end it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._abandoned = False

    def add(self, opened: socket.socket) -> None:
        with self._lock:
            self._open.append(opened)
            if self._abandoned:
                _shut(opened)

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            for opened in self._open:
                _shut(opened)


def _shut(opened: socket.socket) -> None:
    try:
        # Not SSLSocket's own: that one would take the TLS state away from under the reading thread.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)
    except OSError:
        return


_sockets: ContextVar[_Sockets] = ContextVar("_sockets")


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _remember(self.sock)


class _TLSConnection(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _remember(self.sock)


def _remember(opened: Any) -> None:
    _sockets.get().add(opened)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class _Adapter(HTTPAdapter):
    """Used without a session: a session reads the whole body of a redirect, however long, before it hands it out."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager


_POOLS: Final = {"http": _Pool, "https": _TLSPool}


class _Question:
    """One request, sent in a thread of its own; `outcome` stays None until it is known."""

    def __init__(self, request: requests.Request, deadline: float, max_bytes: int, route: Route) -> None:
        self.outcome: Answer | Failure | None = None
        self.sockets = _Sockets()
        self._request = request
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._route = route

    def ask(self) -> None:
        _sockets.set(self.sockets)
        try:
            outcome = self._ask()
        except Exception as error:  # noqa: BLE001 - whatever a server or a library comes up with is a failed question
            outcome = _failure(error, self._deadline)
        self.outcome = replace(outcome, cpu=time.thread_time())

    def _ask(self) -> Answer | Failure:
        prepared = self._request.prepare()
        prepared.headers.update(_EVERY)
        adapter = _Adapter(pool_connections=1, pool_maxsize=1)
        try:
            response = adapter.send(
                prepared,
                stream=True,
                timeout=(self._deadline, self._deadline),
                verify=self._route.authorities or True,
                proxies=self._route.proxies,
            )
            return self._read(response)
        finally:
            adapter.close()

    def _read(self, response: requests.Response) -> Answer | Failure:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Failure("the answer is compressed, which was not asked for")
        body = bytearray()
        for chunk in _chunks(response):
            body += chunk
            if len(body) > self._max_bytes:
                return Failure(f"the answer is longer than {self._max_bytes} bytes")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, kind, bytes(body), headers=headers)


_EVERY: Final = {"Accept-Encoding": "identity", "Connection": "close"}


def _chunks(response: requests.Response) -> Iterator[bytes]:
    yield from response.raw.stream(_CHUNK, decode_content=False)


def _failure(error: BaseException, deadline: float) -> Failure:
    causes = _causes(error)
    unsent = any(isinstance(cause, _UNSENT) for cause in causes)
    for cause in causes:
        for kinds, words in _WORDS:
            if isinstance(cause, kinds):
                return Failure(words.format(deadline=deadline), unsent=unsent)
    return Failure(f"the request failed ({type(error).__name__})", unsent=unsent)


def _causes(error: BaseException) -> list[BaseException]:
    """The innermost cause first: it says most."""
    chain: list[BaseException] = []
    current: object = error
    while isinstance(current, BaseException) and current not in chain and len(chain) < _DEEPEST_CAUSE:
        chain.append(current)
        reason = getattr(current, "reason", None) or next(iter(current.args), None)
        current = current.__cause__ or (reason if isinstance(reason, BaseException) else current.__context__)
    return chain[::-1]


_WORDS: Final[tuple[tuple[tuple[type[BaseException], ...], str], ...]] = (
    ((ConnectionRefusedError,), REFUSED.text),
    ((socket.gaierror, urllib3.exceptions.NameResolutionError), "the host name does not resolve"),
    ((ssl.SSLError, urllib3.exceptions.SSLError), "TLS failed: the handshake or the certificate was not accepted"),
    ((TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout), "no complete answer within {deadline:g} s"),
    (
        (ConnectionError, EOFError, urllib3.exceptions.ProtocolError, urllib3.exceptions.IncompleteRead),
        "the connection ended before a complete HTTP answer came",
    ),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema),
        "the address is not a usable http or https URL",
    ),
)

# What ends an exchange before the first byte of the request is on its way.
_UNSENT: Final = (
    ConnectionRefusedError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)
