"""What is said of the load: how arrivals lie in time, and how many processes send them."""

from collections.abc import Iterator
from typing import Final

from bot.core.loadplan import OpenModel, Spacing, Stretch, Workers
from bot.core.units import format_duration

_MOST_STEPS: Final = 6


def arrivals_words(model: OpenModel) -> str:
    """`1,000 arrivals/s`, `ramp 100 to 1,000 arrivals/s`, `spike 100 to 1,000 arrivals/s for 10s at 30s, Poisson`."""
    spacing = ", Poisson" if model.spacing is Spacing.POISSON else ""
    return f"{_course(model)}{spacing}"


def _course(model: OpenModel) -> str:
    course = model.course
    if not course:
        return f"{model.rate:,g} arrivals/s"
    if any(each.start != each.end for each in course):
        return _ramp(course)
    return _spike(course, model.rate) or _steps(course)


def _ramp(course: tuple[Stretch, ...]) -> str:
    first, *rest = course
    for_a_time = f" in {format_duration(first.seconds)}" if rest else ""
    return f"ramp {first.start:,g} to {first.end:,g} arrivals/s{for_a_time}"


def _spike(course: tuple[Stretch, ...], highest: float) -> str:
    """The words of a single highest stretch among others of one rate; empty where the course is no such thing."""
    peaks = [each for each in course if each.start == highest]
    others = {each.start for each in course if each.start != highest}
    if len(peaks) != 1 or len(others) != 1:
        return ""
    at = sum(each.seconds for each in course[: course.index(peaks[0])])
    lasting = f"for {format_duration(peaks[0].seconds)} at {format_duration(at)}"
    return f"spike {others.pop():,g} to {highest:,g} arrivals/s {lasting}"


def _steps(course: tuple[Stretch, ...]) -> str:
    rates = [f"{each.start:,g}" for each in course]
    if len(rates) > _MOST_STEPS:
        lowest, highest = (extreme(each.start for each in course) for extreme in (min, max))
        return f"{len(rates)} steps from {lowest:,g} to {highest:,g} arrivals/s"
    return f"steps {', '.join(rates)} arrivals/s"


def workers_words(workers: Workers) -> str:
    """`2 local processes, 3 remote processes`; empty where one process does it all."""
    return ", ".join(_processes(workers)) if workers.distributed else ""


def _processes(workers: Workers) -> Iterator[str]:
    for count, where in ((workers.local, "local"), (workers.remote, "remote")):
        if count:
            yield f"{count} {where} {'process' if count == 1 else 'processes'}"
