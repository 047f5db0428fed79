"""The limits of a scenario as lines across its charts. Pure."""

from collections.abc import Sequence

from bot.core.evidence import ScenarioEvidence
from bot.core.limits import Limit
from bot.core.units import format_value
from bot.render.panel import Bound

_COLOURED = ("p50", "p95", "p99")


def limits_of(one: ScenarioEvidence, *keys: str) -> list[tuple[str, Limit]]:
    """The configured limits over all endpoints for those objectives, in the order of the plan."""
    return [(goal.key, goal.limit) for goal in one.plan.objectives if goal.key in keys and goal.endpoint is None]


def drawn_bounds(limits: Sequence[tuple[str, Limit]], factor: float) -> tuple[Bound, ...]:
    """Those limits as lines, at `factor` times their value."""
    return tuple(
        Bound(f"{key} {said(key, limit)}".removeprefix("error_rate "), colour(key), limit.value * factor)
        for key, limit in limits
    )


def said(key: str, limit: Limit) -> str:
    """`< 1.5s`, made of the number alone: how the limit was written is foreign text."""
    return f"{limit.comparison.value} {format_value(key, limit.value)}"


def colour(key: str) -> str:
    """The colour of an objective's limit: that of its curve, where it has one."""
    return key if key in _COLOURED else "limit"


def times(value: float | None, factor: float) -> float | None:
    """The value in a chart's unit."""
    return None if value is None else round(value * factor, 4)
