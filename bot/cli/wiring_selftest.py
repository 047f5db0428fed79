"""The part of the wiring that is about the drill: the tools of a night, without git and without earlier nights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bot.adapters.locust import LocustLoad, Timing
from bot.adapters.probes.sampler import ResourceObserver
from bot.adapters.records import Sha256Digests
from bot.cli import wiring
from bot.core.evidence import Past
from bot.core.loadplan import LoadPlan
from bot.flows.ports import Watcher
from bot.flows.request import Tools
from bot.selftest.case import Patience
from bot.selftest.drill import Gear
from bot.settings import toml
from bot.settings.leaf import Place
from bot.settings.load import settle
from bot.settings.plan import load_plan

# Short enough that a service that is gone does not hold the drill up, long enough for a machine that does other things.
_TIMING: Final = {
    Patience.USUAL: Timing(startup=40.0, drain=4.0, allowance=15.0, poll=0.1),
    Patience.NO_ANSWERS: Timing(startup=40.0, drain=0.2, allowance=15.0, poll=0.1),
    Patience.NEITHER: Timing(startup=40.0, drain=0.2, allowance=3.0, poll=0.1),
}


class _NoHistory:
    """A drill knows no earlier nights."""

    def past(self, plan: LoadPlan, *, without: frozenset[str] = frozenset()) -> tuple[Past, ...]:
        """None."""
        del plan, without
        return ()


def equip(document: Mapping[str, Any], folder: Path, watcher: Watcher, patience: Patience) -> Gear:
    """The plan and the tools of that configuration, which is kept as promotion.toml; raises ConfigurationError."""
    (folder / "promotion.toml").write_text(toml.dumps(document), encoding="utf-8")
    settings = settle(document, Place(folder, folder), "promotion.toml")
    observers = (wiring.staging(settings), ResourceObserver(wiring.probes(settings)))
    absent: Any = None
    history: Any = _NoHistory()
    tools = Tools(
        clock=wiring.clock(),
        lock=absent,
        repository=absent,
        staging=wiring.staging(settings),
        load=LocustLoad(observers, timing=_TIMING[patience]),
        runs=wiring.run_store(settings),
        history=history,
        digests=Sha256Digests(),
        notes=absent,
        reporter=absent,
        watcher=watcher,
        versions=wiring.versions(),
    )
    return Gear(load_plan(settings), tools, wiring.judging(settings), wiring.repository_facts(settings))
