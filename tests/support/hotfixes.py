"""Hotfixes on a made-up installation: a branch cut from main, and the run that ships it."""

from dataclasses import replace
from typing import Any

from support.fakes import Shop
from support.gitrepos import Repo

from bot.core.hotfix import Gate, Reach
from bot.core.record import RunKind, RunRecord, Trigger
from bot.flows.hotfix import HotfixWish, ship_hotfix
from bot.flows.request import Effect

BRANCH = "hotfix/urgent"
MAIN, STAGING = "refs/heads/main", "refs/heads/staging"
# `Repo.commit` writes count.txt unless it is told otherwise: that is what staging wrote as well.
CLEAN = {"fix.txt": "mended\n"}
CLASHING = {"count.txt": "mended\n"}


def cut_hotfix(remote: Repo, *, branch: str = BRANCH, files: dict[str, str] | None = None) -> str:
    """Branch off main, commit a fix, and return its id."""
    remote.branch(branch, remote.sha(MAIN))
    return remote.commit(branch, "fix: stop the bleeding", files=files or CLEAN)


def ship(
    shop: Shop,
    *,
    branch: str = BRANCH,
    gate: Gate = Gate.SKIPPED,
    reach: Reach = Reach.BOTH,
    effect: Effect = Effect.WRITE,
    reason: str | None = "orders are lost",
    **tools: Any,
) -> RunRecord:
    """One hotfix, without tests unless told otherwise."""
    request = replace(
        shop.request(RunKind.HOTFIX, effect),
        trigger=Trigger.MANUAL,
        slot=None,
        plan=shop.plan if gate is Gate.EXPEDITED else None,
        justification=reason,
        title_template="Hotfix Release: {date}",
    )
    return ship_hotfix(shop.tools(**tools), request, HotfixWish(branch, gate, reach))
