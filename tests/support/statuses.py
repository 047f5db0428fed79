"""Where a shop stands, as `promote status` sees it."""

from support.backports import Backports
from support.fakes import Shop

from bot.core.audit import Terms
from bot.flows.status import Sources, Status, look


def status_of(shop: Shop) -> Status:
    """One look, with the work tree that its back-merges have."""
    sources = Sources(shop.repository, shop.history, Backports(shop).bench, shop.clock)
    return look(sources, shop.facts, Terms("main", "release/"))
