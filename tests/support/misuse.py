"""Wrong usage that shows only once the remote was asked: an error that leaves nothing behind."""

from collections.abc import Callable

import pytest
from support.fakes import Shop

from bot.core.reasons import Reason
from bot.core.selectors import HistoryFilter
from bot.errors import BotError


def misused(shop: Shop, act: Callable[[], object]) -> BotError:
    """The error that `act` ends with; there is no run of it, here or in the history, and no ref has moved."""
    before = _traces(shop)
    with pytest.raises(BotError) as caught:
        act()
    assert caught.value.reason is Reason.BAD_USAGE
    assert _traces(shop) == before
    return caught.value


def _traces(shop: Shop) -> tuple[object, ...]:
    return shop.remote.refs(), shop.runs.run_ids(), shop.history.query(HistoryFilter())
