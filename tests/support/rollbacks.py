"""A shop with releases behind it, and what a rollback of it needs."""

from dataclasses import replace
from typing import Any

from support.fakes import Shop

from bot.core.control import Control, ControlKind
from bot.core.promotion import PushPlan
from bot.core.record import Outcome, RunKind, RunRecord, Trigger
from bot.core.rollback import RollbackWay
from bot.flows.request import Effect, Request
from bot.flows.rollback import RollbackWish, rollback

MAIN, STAGING, LEDGER = "refs/heads/main", "refs/heads/staging", "refs/notes/promotions"
WHY = "the checkout answers 500"


def shipped(shop: Shop, subject: str, **more: Any) -> RunRecord:
    """One more commit on staging, and the night that promotes it."""
    shop.remote.commit("staging", subject, **more)
    record = shop.run()
    assert record.outcome is Outcome.PROMOTED, record.reason
    return record


def request(shop: Shop, effect: Effect = Effect.WRITE, reason: str = WHY) -> Request:
    made = shop.request(RunKind.ROLLBACK, effect)
    return replace(made, trigger=Trigger.MANUAL, slot=None, plan=None, justification=reason)


def rolled_back(
    shop: Shop,
    tag: str | None = None,
    *,
    way: RollbackWay = RollbackWay.FORWARD,
    bad: tuple[str, ...] = (),
    effect: Effect = Effect.WRITE,
    reason: str = WHY,
    **tools: Any,
) -> RunRecord:
    """One rollback, with those tools instead of the real ones."""
    return rollback(shop.tools(**tools), request(shop, effect, reason), RollbackWish(tag, way, bad))


def tree(shop: Shop, name: str) -> str:
    """The id of the tree of a commit or ref of the remote."""
    return shop.remote.git("rev-parse", f"{name}^{{tree}}")


def picked(shop: Shop, branch: str, sha: str, tip: str) -> str:
    """Put a commit on a branch again, on top of `tip`, as a cherry-pick leaves it: with its author and date."""
    shop.remote.branch(branch, tip)
    content = shop.remote.git("cat-file", "commit", sha)
    parent = shop.remote.git("rev-parse", f"{sha}^")
    return shop.remote.raw_commit(branch, f"{content.replace(parent, tip)}\n".encode())


def is_ancestor(shop: Shop, older: str, newer: str) -> bool:
    """Whether one name of the remote is behind another."""
    return shop.remote.git("merge-base", older, newer) == shop.remote.git("rev-parse", f"{older}^{{commit}}")


def told(shop: Shop, event: Control) -> None:
    """Keep an event in the ledger, as another bot would."""
    shop.repository.fetch()
    plan = PushPlan((), None, None, shop.repository.ledger_tip(), 1_800_000_000, "An event", controls=(event,))
    with shop.tools().lock.hold() as lock:
        shop.repository.push(shop.repository.prepare(plan), lock)


def quarantined(shop: Shop, sha: str) -> None:
    told(shop, Control(ControlKind.QUARANTINE, "2026-11-21T02:30:00Z", "bo", "it leaks", sha=sha))


def cleared(shop: Shop, sha: str) -> None:
    told(shop, Control(ControlKind.CLEAR, "2026-11-21T02:40:00Z", "bo", "a false alarm", sha=sha))
