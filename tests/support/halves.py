"""Runs that are killed at a push of which the server keeps a part."""

import contextlib
from collections.abc import Callable
from typing import Any

from support.fakes import Instead, Killed, Shop, raising

LEDGER = "refs/notes/promotions"


def killed(shop: Shop, run: Callable[..., Any] | None = None, **methods: Any) -> str:
    """The id of a run that is killed in one of these methods of its repository; a promotion where no other is given."""
    with contextlib.suppress(Killed):
        ended = (run or shop.run)(repository=Instead(shop.repository, **methods))
        raise AssertionError(f"it was not killed, and ended {ended.reason}")
    return shop.runs.run_ids()[-1]


def killed_after_push(shop: Shop, run: Callable[..., Any] | None = None) -> str:
    """The same, before it could write down what git said of its push."""
    return killed(shop, run, push=lambda *given: (shop.repository.push(*given), raising(Killed())()))


def half_there(shop: Shop, *kept: str, run: Callable[..., Any] | None = None) -> str:
    """A run whose server kept only some of what it sent: full names of refs, or their kinds, such as "heads"."""
    before = shop.remote.refs()
    run_id = killed_after_push(shop, run)
    keep(shop, before, *kept)
    return run_id


def keep(shop: Shop, before: dict[str, str], *kept: str) -> None:
    """Take back what was written since, but for refs of these names or kinds: as a server killed midway leaves it."""
    for ref in shop.remote.refs():
        if ref in kept or ref.split("/")[1] in kept:
            continue
        shop.remote.set(ref, before[ref]) if ref in before else shop.remote.delete(ref)
