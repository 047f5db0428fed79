"""What earlier nights showed, and the limits that follow from it.

The baseline is the median of the last `nights` valid passed nights of the same profile. A median that moves along lets
a service grow slower a little every night: at 1 % a night it lags by ten nights and never finds more than 10 %. So a
relative limit is held against an anchor as well, the median of the `anchor` last released nights from before those
nights, which lag by more than `nights`: the lower of the two counts. On simulated nights that drift by 2 % a limit of
1.2x blocks after 8 (95 % within 11), by 1 % after 13 (95 % within 19; without the anchor one in ten is never found).
"""

import math
from dataclasses import dataclass
from statistics import median

from bot.core.evidence import Past, PastNight
from bot.core.limits import Limit
from bot.core.loadplan import BaselineRule, Objective, RelativeObjective
from bot.core.wording import amount, counted


@dataclass(frozen=True, slots=True)
class Baseline:
    """The medians of the last `nights` nights and of the `releases` before them (`anchor`, None where too few)."""

    usual: float
    nights: int
    anchor: float | None = None
    releases: int = 0

    @property
    def reference(self) -> float:
        """What relative limits start from."""
        return self.usual if self.anchor is None else min(self.usual, self.anchor)


def known(past: Past) -> tuple[PastNight, ...]:
    """The nights that showed a number."""
    return tuple(night for night in past.nights if _is_number(night.observed))


def _is_number(observed: float | None) -> bool:
    # A database holds NULL where there was no number.
    return observed is not None and math.isfinite(observed)


def baseline(past: Past, rule: BaselineRule) -> Baseline | None:
    """What the past says under that rule; None where too few nights are known."""
    nights = known(past)
    if len(nights) < max(1, rule.least):
        return None
    recent = nights[-rule.nights :]
    released = [night.observed for night in nights[: -len(recent)] if night.released]
    anchor = released[-rule.anchor :] if rule.anchor else []
    return Baseline(
        usual=_middle(recent),
        nights=len(recent),
        anchor=median(anchor) if anchor and len(anchor) == rule.anchor else None,
        releases=len(anchor),
    )


def _middle(nights: tuple[PastNight, ...]) -> float:
    return median(night.observed for night in nights)


def absolute(objective: RelativeObjective, reference: float) -> Objective:
    """The objective as tonight's number: factor x baseline + offset, and a text that says both.

    A baseline below zero (memory that shrank) counts as zero; with one that is no number the text stays as it is.
    """
    if math.isnan(reference):
        limit = Limit(objective.comparison, math.nan, objective.unit, objective.text)
        return Objective(objective.key, limit, objective.endpoint)
    value = objective.factor * max(0.0, reference) + objective.offset
    text = f"{objective.text} = {amount(objective.unit, value)}"
    return Objective(objective.key, Limit(objective.comparison, value, objective.unit, text), objective.endpoint)


def explained(objective: RelativeObjective, found: Baseline) -> str:
    """Where the baseline of that objective comes from."""
    number = amount(objective.unit, found.reference)
    if found.anchor is not None and found.anchor < found.usual:
        before = f"from before the last {counted(found.nights, 'night')}"
        return f"the baseline {number} is the median of {counted(found.releases, 'release')} {before}"
    return f"the baseline {number} is the median of the last {counted(found.nights, 'night')}"
