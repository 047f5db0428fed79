"""How the rate of an open-model scenario goes over the measured time, as stretches of straight lines."""

from collections.abc import Iterator

from bot.core.loadplan import Stretch
from bot.settings.arrivals import Arrivals, Shape
from bot.settings.scenario import Scenario


def course_of(scenario: Scenario, rate: float, duration: float) -> tuple[Stretch, ...]:
    """The course with `rate` as its highest rate over `duration` seconds; empty where the rate never changes.

    A duration other than the configured one stretches ramps and steps in proportion; a spike stays where it is.
    """
    arrivals, highest = scenario.arrivals, scenario.rate
    if arrivals is None or highest is None:
        return ()

    def scaled(each: float) -> float:
        return each if rate == highest else rate * (each / highest)

    stretches = _stretches(arrivals, highest, scenario.duration, duration)
    return tuple(Stretch(seconds, scaled(start), scaled(end)) for seconds, start, end in stretches if seconds > 0)


def _stretches(
    arrivals: Arrivals, rate: float, configured: float, duration: float
) -> Iterator[tuple[float, float, float]]:
    """Seconds, first and last rate of each stretch, with the rates as configured."""
    match arrivals.shape:
        case Shape.CONSTANT:
            return
        case Shape.RAMP:
            over = duration if arrivals.over is None else arrivals.over * (duration / configured)
            yield over, arrivals.from_ or rate, rate
            yield duration - over, rate, rate
        case Shape.STEPS:
            rates = arrivals.rates or (rate,)
            yield from ((duration / len(rates), each, each) for each in rates)
        case Shape.SPIKE:
            base, at, lasts = arrivals.base or rate, arrivals.at or 0.0, arrivals.for_ or 0.0
            yield at, base, base
            yield lasts, rate, rate
            yield duration - at - lasts, base, base


def spike_trouble(at: float, lasts: float, duration: float) -> str | None:
    """Why a spike cannot be in a measured time of that many seconds; None where it can."""
    if at + lasts > duration:
        return "makes the spike end after the measured time"
    return "makes the spike as long as the measured time" if lasts == duration else None
