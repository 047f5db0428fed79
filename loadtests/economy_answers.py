"""Answers read without a parser, where nothing about them needs one.

Locust's fast client feeds every answer to a parser in C, which calls back into Python for each header. Most answers of
a service are alike, byte for byte, but for their body: their head is looked up among those seen before. Only plain
heads are known at all (HTTP/1.1, a length, no transfer coding, kept connection); all others go to the parser.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPParseError, HTTPResponse, HTTPSocketPoolResponse

_END: Final = b"\r\n\r\n"
_LONGEST_HEAD: Final = 4096
_MOST_HEADS: Final = 512
_LARGE_BLOCK: Final = 262_144
_WITHOUT_BODY: Final = frozenset({204, 205, 304})
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.1 ([2-5]\d\d) ([ -~]*)")
_FIELD: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?([!-~\x80-\xff](?:[ -~\x80-\xff]*[!-~\x80-\xff])?)")
# With any of these an answer is more than a head and so many bytes.
_INTRICATE: Final = frozenset({"connection", "transfer-encoding", "upgrade", "trailer"})


@dataclass(frozen=True, slots=True)
class Head:
    """A head that was understood: status code, reason phrase, header fields as geventhttpclient keeps them, length."""

    code: int
    reason: str
    fields: dict[str, tuple[str, str]]
    length: int
    text: bytes


@lru_cache(maxsize=_MOST_HEADS)
def understand(text: bytes) -> Head | None:
    """The head in these bytes, its empty line included; None when it is one for the parser."""
    first, *lines = text.removesuffix(_END).split(b"\r\n")
    status = _STATUS_LINE.fullmatch(first)
    found = [_FIELD.fullmatch(line) for line in lines]
    if status is None or int(status[1]) in _WITHOUT_BODY or None in found:
        return None
    pairs = [(str(field[1], "latin-1"), str(field[2], "latin-1")) for field in found if field is not None]
    fields = {name.lower(): (name, value) for name, value in pairs}
    length = fields.get("content-length", ("", ""))[1]
    if len(fields) < len(pairs) or not length.isdecimal() or len(length) > 15 or _INTRICATE & fields.keys():  # noqa: PLR2004 - more bytes than anybody sends
        return None
    return Head(int(status[1]), str(status[2], "latin-1"), fields, int(length), text)


class KnownAnswer(HTTPSocketPoolResponse):
    """An answer whose head was understood; stands in for what the parser would have made of the same bytes.

    As soon as what comes is not what was announced (too much, or the end) it turns into the class it stands in for.
    """

    # What the parser's own constructor sets on every instance, as it is once the head is complete.
    headers_complete = True
    message_begun = True
    message_complete = False
    _message_ended_in_skip_body = False
    _trailing_data_dropped = False
    _sock = None
    _pool = None

    def __init__(self, sock: Any, pool: Any, method: str, block_size: int, head: Head, body: bytes) -> None:  # noqa: PLR0917 - the hot path
        self._head = head
        self.method = method
        self.block_size = block_size
        self.status_message = head.reason
        self._headers_index = headers = Headers()
        dict.update(headers, head.fields)
        self._body_buffer = bytearray(body)
        self._seen = len(body)
        self._sock = sock
        self._pool = pool
        if self._seen == head.length:
            self.message_complete = True
            pool.return_socket(sock)
            self._sock = self._pool = None

    def feed(self, data: Any) -> None:
        """Take further bytes of the body; raises as the parser does when they are not what was announced.

        No bytes at all are the end of the connection, and always raise: who reads would ask again for ever.
        """
        if not data or self._seen + len(data) > self._head.length:
            self._hand_over()
            self.feed(data)
            if not data:
                raise HTTPParseError("Incomplete response.")
            return
        self._seen += len(data)
        self._body_buffer += data
        if self._seen == self._head.length:
            self.message_complete = True
            self.release()

    def _hand_over(self) -> None:
        """Become what the library would have made of the bytes until now, with a parser that has seen as many."""
        headers, body, seen = self._headers_index, self._body_buffer, self._seen
        self.__class__ = HTTPSocketPoolResponse  # type: ignore[assignment]
        HTTPResponse.__init__(self, self.method)
        self.feed(self._head.text)
        # Some of the body may have been read out; what the parser counts need not be the same bytes.
        for begin in range(0, seen, _LARGE_BLOCK):
            self.feed(bytes(min(_LARGE_BLOCK, seen - begin)))
            self._body_buffer.clear()
        self._headers_index, self._body_buffer = headers, body

    def read(self, length: int | None = None) -> bytes:
        """As the class it stands in for, in larger blocks."""
        if self._sock is None and length is None:
            body, self._body_buffer = bytes(self._body_buffer), bytearray()
            return body
        if length is None:
            block, self.block_size = self.block_size, _LARGE_BLOCK
            try:
                return super().read()
            finally:
                self.block_size = block
        return super().read(length)

    def get_code(self) -> int:
        """The status code."""
        return self._head.code

    def get_http_version(self) -> str:
        """The version of the answer."""
        return "HTTP/1.1"

    def get_remaining_content_length(self) -> int:
        """Bytes of the body that have not come yet."""
        return self._head.length - self._seen

    def should_keep_alive(self) -> bool:
        """Whether the connection may be used again."""
        return self.message_complete

    def should_close(self) -> bool:
        """Whether the connection may not: the rest of a body could be mistaken for the next answer."""
        return not self.message_complete

    def parser_failed(self) -> bool:
        """Nothing failed that was understood."""
        return False


def head_of(data: bytes) -> tuple[Head | None, int]:
    """The understood head at the beginning of these bytes (None: ask the parser), and where the body begins."""
    end = data.find(_END, 0, _LONGEST_HEAD) + len(_END)
    return (understand(data[:end]) if end >= len(_END) else None), end
