"""PyGithub's entrances, set up so that they do nothing on their own."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from bot.adapters.github.connection import ByWire, install
from bot.adapters.github.wire import Wire
from bot.adapters.http import USER_AGENT

T = TypeVar("T")

API_VERSION: Final = "2022-11-28"
_PAGE: Final = 100


def pygithub(kind: Callable[..., T], address: str, wire: Wire, **more: Any) -> T:
    """`Github` or `GithubIntegration` on our wire: no repeating, no waiting, no completing on a whim."""
    install()
    return kind(
        base_url=address,
        user_agent=USER_AGENT,
        per_page=_PAGE,
        retry=ByWire(wire),
        timeout=int(wire.limits.timeout),
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
        api_version=API_VERSION,
        **more,
    )
