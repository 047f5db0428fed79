"""What is remarkable about tonight beside earlier nights: that it stands out, or that a new level began.

Both warn; where the rule says that they block, they are checks that failed. They are looked for only where at least
`least` nights are known and tonight's own number can be believed, and only in the direction that is worse.

A change point blocks only where tonight's number is what shows it. A night that was blocked never enters the history,
so one that the history shows by itself would block for ever, however healthy the nights to come are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.core.baseline import Baseline, baseline, known
from bot.core.changepoints import FEWEST_AFTER, ChangePoint, change_points
from bot.core.evidence import Past, PastNight, ScenarioEvidence
from bot.core.limits import Unit
from bot.core.loadplan import BaselineRule, RelativeObjective
from bot.core.quantiles import PERMILLE
from bot.core.resources import unsettled
from bot.core.robust import robust_z
from bot.core.text import plain
from bot.core.verdict import Check, Notice, Result
from bot.core.wording import amount, counted, percent, probed, sentence

NO_BASELINE: Final = "no-baseline"
STANDS_OUT: Final = "stands-out"
CHANGE_POINT: Final = "change-point"
SETTLING: Final = "settling"

# The names under which they are checks, where the rule blocks.
_CHECKS: Final = {STANDS_OUT: "baseline", CHANGE_POINT: "change_point"}
# Nights that differ by less are alike, however well past nights agree with each other: 2 % of the median, and never
# less than a quarter of a millisecond, a thousandth of the requests, half a percent of CPU or memory.
_ALIKE: Final = 0.02
_ALIKE_SECONDS: Final = 0.00025
_ALIKE_SHARES: Final = {"error_rate": 0.001}
_ALIKE_SHARE: Final = 0.005
_SHOWN: Final = 12
# Two months: what was before is no news.
_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True)
class _Tonight:
    """One objective of tonight, with the nights before it and the baseline that they give."""

    check: Check
    observed: float
    nights: tuple[PastNight, ...]
    found: Baseline

    @property
    def values(self) -> tuple[float, ...]:
        """What those nights showed."""
        return tuple(night.observed for night in self.nights)

    @property
    def unit(self) -> Unit:
        return Unit.SECONDS if self.check.objective in PERMILLE else Unit.SHARE

    @property
    def alike(self) -> float:
        """The smallest spread between nights that is believed."""
        least = _ALIKE_SECONDS if self.unit is Unit.SECONDS else _ALIKE_SHARES.get(self.check.objective, _ALIKE_SHARE)
        return max(least, _ALIKE * abs(self.found.usual))


def no_baseline(
    scenario: str, objective: RelativeObjective, nights: int, rule: BaselineRule, observed: float | None
) -> Notice:
    """That a relative objective was not judged, because too few nights are known; `observed` is tonight's number."""
    what = f"{objective.key} {plain(objective.text)} was not judged"
    words = (
        f"{what}: {nights} of at least {counted(max(1, rule.least), 'night')} {'is' if nights == 1 else 'are'} known"
    )
    told = sentence(scenario, objective.endpoint, words)
    return Notice(scenario, objective.endpoint, objective.key, NO_BASELINE, told, observed)


def remarks(
    checks: Iterable[Check], past: tuple[Past, ...], rule: BaselineRule
) -> tuple[tuple[Notice, ...], tuple[Check, ...]]:
    """All that is remarkable about the judged objectives of one scenario: what warns, and what blocks."""
    found = [remark for tonight in _tonight(checks, past, rule) for remark in _about(tonight, rule)]
    warning = tuple(notice for notice, is_new in found if not (rule.block and is_new))
    return warning, tuple(_failed(notice) for notice, is_new in found if rule.block and is_new)


def grown_while_settling(scenario: ScenarioEvidence) -> Iterator[Notice]:
    """Memory that grew by more than its limit in the part of the window that is not judged, of each process."""
    for goal in scenario.plan.objectives:
        for series, found in unsettled(goal, scenario.resources, scenario.measured):
            words = (
                f"{goal.key} of {probed(series.probe, series.replica)} is judged from {found.settled_at:.0f} s on; "
                f"until then it grew by {percent(found.settling)}, more than the limit {plain(goal.limit.text)}"
            )
            told = sentence(scenario.plan.name, goal.endpoint, words)
            # Without a number: what later nights are held against is the growth that was judged.
            yield Notice(scenario.plan.name, goal.endpoint, goal.key, SETTLING, told)


def _failed(notice: Notice) -> Check:
    return Check(
        scenario=notice.scenario,
        endpoint=notice.endpoint,
        objective=_CHECKS[notice.code],
        limit="none",
        observed=None,
        low=None,
        high=None,
        samples=0,
        result=Result.FAIL,
        reason=notice.words,
    )


def _tonight(checks: Iterable[Check], past: tuple[Past, ...], rule: BaselineRule) -> Iterator[_Tonight]:
    """One for each objective with a past, however many limits it has."""
    before = {(each.scenario, each.endpoint, each.objective): each for each in past}
    for check in checks:
        found = before.pop((check.scenario, check.endpoint, check.objective), None)
        if found is None or check.observed is None or check.result is Result.INVALID:
            continue
        level = baseline(found, rule)
        if level is not None:
            yield _Tonight(check, check.observed, known(found), level)


def _about(tonight: _Tonight, rule: BaselineRule) -> Iterator[tuple[Notice, bool]]:
    """Every notice, and whether it is tonight's number that gives it."""
    score = _score(tonight, rule)
    if score > rule.jump:
        yield _notice(tonight, STANDS_OUT, _stands_out(tonight, score, rule)), True
    found = _newest(tonight, (*tonight.values, tonight.observed), rule)
    if found is not None:
        before = _newest(tonight, tonight.values, rule)
        is_new = before is None or found.index - before.index >= FEWEST_AFTER
        yield _notice(tonight, CHANGE_POINT, _changed(tonight, found)), is_new


def _score(tonight: _Tonight, rule: BaselineRule) -> float:
    return robust_z(tonight.observed, tonight.values[-rule.nights :], tonight.alike)


def _newest(tonight: _Tonight, values: tuple[float, ...], rule: BaselineRule) -> ChangePoint | None:
    """The last change, where it was for the worse and the baseline has not wholly moved to the new level yet."""
    recent = values[-_LOOKED_AT:]
    found = change_points(recent, tonight.alike)
    if not found or found[-1].after <= found[-1].before or len(recent) - found[-1].index > rule.nights:
        return None
    return replace(found[-1], index=found[-1].index + len(values) - len(recent))


def _notice(tonight: _Tonight, code: str, words: str) -> Notice:
    check = tonight.check
    told = sentence(check.scenario, check.endpoint, words)
    return Notice(check.scenario, check.endpoint, check.objective, code, told, tonight.observed)


def _stands_out(tonight: _Tonight, score: float, rule: BaselineRule) -> str:
    number, usual = amount(tonight.unit, tonight.observed), amount(tonight.unit, tonight.found.usual)
    nights = counted(tonight.found.nights, "night")
    return (
        f"{tonight.check.objective} {number} stands out from the last {nights}, whose median is {usual} "
        f"(robust z {score:.3g}, more than {rule.jump:g})"
    )


def _changed(tonight: _Tonight, found: ChangePoint) -> str:
    before, after = amount(tonight.unit, found.before), amount(tonight.unit, found.after)
    return (
        f"{tonight.check.objective} has been at another level since {_night(tonight, found.index)}: "
        f"{after} after {before} (medians of {len(tonight.nights) + 1 - found.index} nights and of those before)"
    )


def _night(tonight: _Tonight, index: int) -> str:
    night = tonight.nights[index]
    return f"{plain(night.at[:10])} (run {plain(night.run_id)}, commit {plain(night.sha[:_SHOWN])})"
