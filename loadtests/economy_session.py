"""Cookies and addresses: what a session works out anew for every request, though it knows it already."""

from collections.abc import Callable
from functools import lru_cache
from http.cookiejar import CookieJar
from typing import Any, Final

from geventhttpclient.url import URL

_MOST_ADDRESSES: Final = 2048
_PARTS: Final = ("host", "port", "quoted_uri", "request_uri")


class SparingJar(CookieJar):
    """A cookie jar that does nothing while it is empty and no answer brings a cookie."""

    def add_cookie_header(self, request: Any) -> None:
        """Add the cookies that belong to the request."""
        if self._cookies:  # type: ignore[attr-defined]
            super().add_cookie_header(request)

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take the cookies that the answer brings."""
        if "set-cookie" in response.headers or "set-cookie2" in response.headers:
            super().extract_cookies(response, request)


class KnownURL(URL):
    """A URL whose parts are worked out once."""

    __slots__ = ("_text", *_PARTS)

    def __init__(self, url: Any = "", params: Any = None) -> None:
        super().__init__(url, params)
        # A slot hides the property of the same name, so another instance works it out.
        plain = URL(self._parsed)
        self._text = str(plain)
        for name in _PARTS:
            setattr(self, name, getattr(plain, name))

    def __str__(self) -> str:
        """The whole address."""
        return self._text


_known: Final = lru_cache(maxsize=_MOST_ADDRESSES)(KnownURL)


def sparing_requests(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Geventhttpclient's `_make_request`, with addresses that it has seen before taken apart once."""

    def make_request(url: Any, *args: Any, **kwargs: Any) -> Any:
        if type(url) is not str or kwargs.get("params") is not None or len(args) > 3:  # noqa: PLR2004 - params by position
            return plain(url, *args, **kwargs)
        request = plain(_known(url), *args, **kwargs)
        request.url = url
        return request

    return make_request
