"""One request and its answer on a kept connection, as geventhttpclient's `HTTPClient.request` does it.

Nearly all requests of a load have the header fields of the one before. What the client makes of them is remembered
and only the request line is made anew. The answer is read by `economy_answers`. Whatever is not plain (chunks,
`Expect`, a proxy, no idle connection, a body that is no bytes) is left to the method that is stood in for.
"""

import errno
from collections.abc import Callable
from itertools import chain
from typing import Any, Final

from geventhttpclient.client import (
    _REQUEST_TARGET_RE,
    HTTPClient,
    _may_retry_after_send_error,
    _requests_100_continue,
    _uses_chunked_transfer,
)
from geventhttpclient.connectionpool import ConnectionPool, SSLConnectionPool
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError, HTTPSocketPoolResponse

from loadtests.economy_answers import KnownAnswer, head_of
from loadtests.economy_sockets import receive, send, take_kept

Plain = Callable[..., Any]
_BROKEN: Final = frozenset({errno.ECONNRESET, errno.EPIPE})
_MOST_TAILS: Final = 64
_TEXTS: Final = frozenset({str})
_NOT_PLAIN: Final = ""
_POOLS: Final = (ConnectionPool, SSLConnectionPool)


def sparing(plain: Plain) -> Plain:
    """`HTTPClient.request`, with `plain` for all that is not plain."""

    def request(self: Any, method: Any, request_uri: Any, body: Any = b"", headers: Any = None) -> Any:
        content = body.encode() if isinstance(body, str) else body or b""
        sock = None
        head = _head(self, method, request_uri, content, {} if headers is None else headers)
        if head:
            sock = take_kept(self._connection_pool)
        if sock is None:
            return plain(self, method, request_uri, body, headers)
        return _persist(self, sock, method, head, content)

    return request


def _persist(client: Any, sock: Any, method: str, head: str, content: bytes) -> Any:
    """The exchange, as often anew as the method that is stood in for tries it when the server hangs up."""
    pool = client._connection_pool  # noqa: SLF001 - as there
    left = pool.size + 1 if _may_retry_after_send_error(method) else 0
    while True:
        try:
            return _exchange(client, sock, method, head, content)
        except _StaleError as stale:
            if left == 0:
                raise stale.cause from None
        left -= 1
        sock = pool.get_socket()


class _StaleError(Exception):
    """The kept connection had been closed by the other side after all."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _head(client: Any, method: Any, uri: Any, content: Any, headers: Any) -> str:
    """Request line and header fields; empty when the request is not plain."""
    if type(content) is not bytes or type(uri) is not str or uri[:1] != "/" or uri[:2] == "//":
        return ""
    try:
        key = (method, len(content), _fields(headers), _fields(client.default_headers))
    except TypeError:  # a field of several lines, or one that only equals a text
        return ""
    tail = client.__dict__.setdefault("_tails", {}).get(key)
    if tail is None:
        tail = _remember(client, key, content, headers)
    if not tail or not _REQUEST_TARGET_RE.fullmatch(uri):
        return ""
    return f"{method.upper()} {uri}{tail}"


def _fields(headers: Any) -> tuple[tuple[str, str], ...]:
    """Name and value of each field. Raises TypeError unless all are texts: 1 equals True, and is sent otherwise."""
    if type(headers) is Headers:
        found = tuple(dict.values(headers))
    elif type(headers) is dict:
        found = tuple(headers.items())
    else:
        raise TypeError
    if not _TEXTS.issuperset(map(type, chain.from_iterable(found))):
        raise TypeError
    return found  # type: ignore[return-value]


def _remember(client: Any, key: Any, content: bytes, headers: Any) -> str:
    """What follows the target in the request that the client itself would build; it raises for what is not valid."""
    merged = client.headers_type()
    merged.update(client.default_headers)
    merged.update(headers)
    tail = _NOT_PLAIN
    if _is_stock(client) and not (_uses_chunked_transfer(merged, content) or _requests_100_continue(merged)):
        built = client._build_request(key[0].upper(), "/", body=content, headers=headers, chunked=False)  # noqa: SLF001
        tail = built[built.index(" /") + 2 :]
    tails = client._tails  # noqa: SLF001
    if len(tails) >= _MOST_TAILS:
        tails.clear()
    tails[key] = tail
    return tail


def _is_stock(client: Any) -> bool:
    """Whether a load file has put nothing of its own in its place; a proxy is told of another kind of target."""
    pool = type(client._connection_pool)  # noqa: SLF001
    own = type(client) is not HTTPClient or pool not in _POOLS or client.headers_type is not Headers
    return not own and not client.use_proxy and client.version == HTTPClient.HTTP_11


def _exchange(client: Any, sock: Any, method: str, head: str, content: bytes) -> Any:
    pool, name = client._connection_pool, method.upper()  # noqa: SLF001
    try:
        send(sock, head.encode("latin-1") + content)
    except OSError as error:
        if error.errno not in _BROKEN:
            pool.release_socket(sock)
            raise
        answer = _last_words(client, sock, name, error)
    else:
        answer = _answer(client, sock, pool, name)
    answer._sent_request = head  # noqa: SLF001 - as the method that is stood in for
    return answer


def _last_words(client: Any, sock: Any, method: str, error: OSError) -> Any:
    """The answer of a server that closed the connection before it had read the request."""
    try:
        return _parsed(client, sock, method, b"")
    except (OSError, HTTPParseError) as why:
        raise _StaleError(why) from error


def _answer(client: Any, sock: Any, pool: Any, method: str) -> Any:
    try:
        data = receive(sock)
    except BaseException as error:
        pool.release_socket(sock)
        if isinstance(error, OSError) and error.errno == errno.ECONNRESET:
            raise _StaleError(HTTPConnectionClosed("connection closed.")) from error
        raise
    if not data:
        pool.release_socket(sock)
        raise _StaleError(HTTPConnectionClosed("connection closed."))
    found, begin = (None, 0) if method == "HEAD" else head_of(data)
    if found is None or len(data) - begin > found.length:
        return _parsed(client, sock, method, data)
    return KnownAnswer(sock, pool, method, client.block_size, found, data[begin:])


def _parsed(client: Any, sock: Any, method: str, data: bytes) -> Any:
    return HTTPSocketPoolResponse(
        sock,
        client._connection_pool,  # noqa: SLF001
        block_size=client.block_size,
        method=method,
        headers_type=client.headers_type,
        pre_buffered=data,
    )
