"""What Locust and its fast client do for every request though nobody here looks at it, left out.

Each shortcut stands in for one function and gives the same results for less work: Locust's own statistics (where
nobody reads them), cookies of sessions without cookies, addresses taken apart anew, heads built and parsed anew. A
shortcut is taken only where the function is, to the letter, the one it was written for: another version of the library,
or a load file that has replaced it, keeps what it has.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http.cookiejar import CookieJar
from inspect import getsource
from typing import Any, Final

from gevent._socketcommon import SocketMixin  # the sockets that the shortcuts reach into
from geventhttpclient import client, useragent
from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPResponse, HTTPSocketPoolResponse, HTTPSocketResponse
from geventhttpclient.url import URL
from locust.contrib import fasthttp

from loadtests.economy_exchange import sparing
from loadtests.economy_session import SparingJar, sparing_requests
from loadtests.economy_statistics import leave_out_statistics

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Puts `instead(original)` in the place of `owner.name`, if all that it knows of the library is still so.

    `original` is what stood there at the import of this module, before any load file; `digest` that of the source of
    `knows`, the functions and classes whose behaviour is relied upon.
    """

    owner: Any
    name: str
    original: Any
    instead: Callable[[Any], Any]
    knows: tuple[Any, ...]
    digest: str

    def fits(self) -> bool:
        """Whether the library is the one that this was written for, and the load file has left it alone."""
        return getattr(self.owner, self.name) is self.original and digest_of(*self.knows) == self.digest

    def take(self) -> None:
        """From now on, for this process."""
        setattr(self.owner, self.name, self.instead(self.original))


SHORTCUTS: Final = (
    Shortcut(
        owner=client.HTTPClient,
        name="request",
        original=client.HTTPClient.request,
        instead=sparing,
        knows=(
            client.HTTPClient,
            HTTPSocketPoolResponse,
            HTTPSocketResponse,
            HTTPResponse,
            ConnectionPool,
            Headers,
            SocketMixin,
        ),
        digest="b4f73020f3426883",
    ),
    Shortcut(
        owner=useragent,
        name="_make_request",
        original=useragent._make_request,  # noqa: SLF001 - it is public under no name
        instead=sparing_requests,
        knows=(useragent._make_request, useragent.CompatRequest, URL),  # noqa: SLF001
        digest="7b20aa3c9950a532",
    ),
    Shortcut(
        owner=fasthttp,
        name="CookieJar",
        original=CookieJar,
        instead=lambda _: SparingJar,
        knows=(fasthttp.FastHttpSession.__init__,),
        digest="7d6fb1e075e8f67a",
    ),
)


def digest_of(*parts: Any) -> str:
    """A digest of the source of functions and classes; empty where there is none to read."""
    try:
        return sha256("\n".join(map(getsource, parts)).encode()).hexdigest()[:16]
    except (OSError, TypeError):
        return ""


def economize(environment: Any) -> None:
    """Take every shortcut that fits, in this process; users made from now on use them."""
    leave_out_statistics(environment)
    for each in SHORTCUTS:
        if each.fits():
            each.take()
        else:
            _log.info("%s is not the one that is known here: it is used as it is.", each.name)
