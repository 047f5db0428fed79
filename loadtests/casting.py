"""What the plan makes of a load file's users: which classes there are, who gets how many arrivals, who decides."""

import logging
from collections.abc import Sequence
from typing import Any

from loadtests.errands import Errand, LoadFileError, chosen
from loadtests.plan import Plan
from loadtests.shapes import Shape

_log = logging.getLogger(__name__)


def cast(environment: Any, mix: Sequence[tuple[str, float]]) -> dict[Errand, float]:
    """How many arrivals go to which errand; with a mix only the classes that it names have users, by their weight."""
    if not mix:
        return {Errand(kind): float(kind.fixed_count or kind.weight) for kind in environment.user_classes}
    weights = chosen(mix, environment.user_classes)
    totals: dict[Any, float] = {}
    for errand, weight in weights.items():
        totals[errand.kind] = totals.get(errand.kind, 0.0) + weight
    for kind, weight in totals.items():
        kind.weight, kind.fixed_count = weight, 0
    environment.user_classes[:] = totals
    return weights


def keep_tagged(environment: Any, plan: Plan) -> None:
    """Leave out the classes none of whose tasks the tags let through: Locust would have their users fail for ever."""
    if not plan.tags and not plan.exclude_tags:
        return
    environment._filter_tasks_by_tags()  # noqa: SLF001 - Locust does it as its test starts, and only once
    environment.user_classes[:] = [
        kind for kind in environment.user_classes if kind.tasks or hasattr(kind, "functions")
    ]
    if not environment.user_classes:
        raise LoadFileError("The tags of the plan leave no task of the load file.")


def follow_shape(environment: Any, plan: Plan) -> Shape | None:
    """The LoadTestShape of the load file decides how many users there are; it may ask for the plan's duration."""
    if environment.shape_class is None:
        return None
    if environment.shape_class.use_common_options:
        environment.parsed_options.run_time = plan.duration
    return Shape(environment.shape_class, plan.duration)


def drop_shape(environment: Any) -> None:
    """A shape of the load file's own would contradict the plan."""
    if environment.shape_class is not None:
        _log.warning("The LoadTestShape of the load file is ignored: the plan says how much load there is.")
        environment.shape_class = None
