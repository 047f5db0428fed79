"""Steering a load while it runs: ending it where it cannot pass any more, extending it once where it is undecided."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.core.abort import abort
from bot.core.evidence import Abort, ScenarioEvidence
from bot.core.loadplan import ScenarioPlan
from bot.core.orders import Extend, Order, Stop
from bot.core.seen import follow, nothing
from bot.core.ticks import strained, tick_of
from bot.core.verdict import Check

# Reading the evidence takes time, and the order must come before the window ends.
_LEAD_S: Final = 1.5
_LEAD_SHARE: Final = 0.01


class Pilot:
    """Watches the lines of one scenario, and says what it is to be told.

    `read` reads the evidence so far, `undecided` names the objectives that it leaves open. Where `proof` is set, no
    load is stopped before staging has said within the measured time which commit it runs: without that nothing that
    was seen would count.
    """

    def __init__(
        self,
        plan: ScenarioPlan,
        *,
        read: Callable[[], ScenarioEvidence],
        undecided: Callable[[ScenarioEvidence], tuple[Check, ...]],
        proof: bool,
    ) -> None:
        self._plan = plan
        self._read = read
        self._undecided = undecided
        self._proved = not proof
        self._seen = nothing(plan)
        self._t0: float | None = None
        self._strained = False
        self._asked = plan.extend <= 0
        self._stopped = False

    def line(self, line: Mapping[str, Any]) -> Order | None:
        """What that line leads to."""
        t0, at = self._t0, line.get("t")
        match line.get("kind"):
            case "start" if isinstance(at, int | float) and math.isfinite(at):
                self._t0 = at
            case "health":
                self._strained |= strained(line, self._plan.generator)
            case "deployed" if t0 is not None and isinstance(at, int | float) and at >= t0:
                self._proved |= isinstance(line.get("sha"), str)
            case "second" if t0 is not None:
                return self._second(line, t0)
        return None

    def _second(self, line: Mapping[str, Any], t0: float) -> Order | None:
        tick = tick_of(line, t0, strained=self._strained)
        if tick is None or self._stopped:
            return None
        self._strained = False
        self._seen = follow(self._seen, tick)
        return self._stop() or self._extend(tick.at)

    def _stop(self) -> Order | None:
        found: Abort | None = abort(self._seen) if self._plan.abort and self._proved else None
        if found is None:
            return None
        self._stopped = True
        return Stop(found)

    def _extend(self, at: float) -> Order | None:
        duration = self._plan.duration
        if self._asked or at < duration - max(_LEAD_S, _LEAD_SHARE * duration):
            return None
        self._asked = True
        return Extend(self._plan.extend * duration) if self._undecided(self._read()) else None
