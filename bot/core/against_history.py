"""The objectives of one scenario that past nights set: judged like any other, once a baseline makes them numbers."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from bot.core.baseline import Baseline, absolute, baseline, explained, known
from bot.core.evidence import Past
from bot.core.finding import Finding, invalid, objective_check
from bot.core.loadplan import BaselineRule, Objective, RelativeObjective, ScenarioPlan
from bot.core.remarks import no_baseline
from bot.core.verdict import Check, Notice, Result

_NO_HISTORY: Final = "cannot be judged, because no history was read when this run was judged"
# No observed number reaches it: for what is only to be measured.
_ABOVE_ALL: Final = 1e12


class AgainstHistory:
    """What earlier nights showed of one scenario; `judge` says what tonight came to under a limit in numbers."""

    def __init__(
        self, plan: ScenarioPlan, past: tuple[Past, ...], rule: BaselineRule, judge: Callable[[Objective], Finding]
    ) -> None:
        self._plan = plan
        self._past = {(each.endpoint, each.objective): each for each in past if each.scenario == plan.name}
        self._rule = rule
        self._judge = judge

    def usual(self, objective: Objective) -> float | None:
        """What an objective in numbers usually comes to; None where too few nights are known."""
        found = self._baseline(objective)
        return None if found is None else found.usual

    def checks(self) -> Iterator[Check]:
        """One for each relative objective whose baseline is known, or of which nobody knows whether it is."""
        for objective in self._plan.relative:
            found = self._baseline(objective)
            if found is not None:
                yield self._held(objective, found)
            elif self._nights(objective) is None:
                unknown = invalid(f"{objective.key} {_NO_HISTORY}")
                yield objective_check(self._plan.name, absolute(objective, math.nan), unknown)

    def notices(self) -> Iterator[Notice]:
        """One for each relative objective that could not be judged, because too few nights are known."""
        for objective in self._plan.relative:
            nights = self._nights(objective)
            if nights is not None and self._baseline(objective) is None:
                yield no_baseline(self._plan.name, objective, nights, self._rule, self._observed(objective))

    def _held(self, objective: RelativeObjective, found: Baseline) -> Check:
        limited = absolute(objective, found.reference)
        finding = self._judge(limited)
        words = f"{finding.words}; {explained(objective, found)}"
        return objective_check(self._plan.name, limited, replace(finding, words=words), found.reference)

    def _observed(self, objective: RelativeObjective) -> float | None:
        """Tonight's number without any limit: it is what later nights are held against."""
        finding = self._judge(absolute(objective, _ABOVE_ALL))
        return None if finding.result is Result.INVALID else finding.bounds.observed

    def _nights(self, objective: RelativeObjective) -> int | None:
        """How many earlier nights are known; None where none were looked for."""
        past = self._past.get((objective.endpoint, objective.key))
        return None if past is None else len(known(past))

    def _baseline(self, objective: Objective | RelativeObjective) -> Baseline | None:
        past = self._past.get((objective.endpoint, objective.key))
        return None if past is None else baseline(past, self._rule)
