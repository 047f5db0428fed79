"""What the command line changes for one run: which scenarios, how fast, how long, and the words that say so."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from bot.core.loadplan import ScenarioKind
from bot.core.units import format_duration
from bot.errors import Problem
from bot.settings.arrivals import Shape
from bot.settings.course import spike_trouble
from bot.settings.leaf import leaf_of
from bot.settings.scenario import Scenario
from bot.settings.words import listing, quote


@dataclass(frozen=True, slots=True)
class PlanOverrides:
    """What the command line changes for one run.

    `rate` replaces the rate of every open-model scenario of kind load (a soak keeps its own) and scales its shape in
    proportion, `soak_duration` (seconds) replaces the duration of every soak; `scenarios` names the only ones to run,
    empty for all.
    """

    rate: float | None = None
    soak_duration: float | None = None
    scenarios: tuple[str, ...] = ()

    def chosen(self, configured: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
        """The scenarios to run, in the order of the configuration."""
        return tuple(each for each in configured if not self.scenarios or each.name in self.scenarios)

    def rate_of(self, scenario: Scenario) -> float | None:
        """The highest rate of a scenario in this run; None in the closed model."""
        return self.rate if self.rate is not None and _takes_rate(scenario) else scenario.rate

    def duration_of(self, scenario: Scenario) -> float:
        """The measured time of a scenario in this run, in seconds."""
        if scenario.kind is ScenarioKind.SOAK and self.soak_duration is not None:
            return self.soak_duration
        return scenario.duration

    def problems(self, configured: tuple[Scenario, ...]) -> tuple[Problem, ...]:
        """Every override that names no scenario, changes nothing, or is out of range."""
        chosen = self.chosen(configured)
        return (*_unknown(configured, self), *_rate_problems(chosen, self), *_soak_problems(chosen, self))

    def changes(self, configured: tuple[Scenario, ...]) -> tuple[str, ...]:
        """What is different from the configuration, in words, one thing an entry."""
        chosen = self.chosen(configured)
        return (*_skipped(configured, chosen), *_rates(chosen, self), *_soaks(chosen, self))


def _takes_rate(scenario: Scenario) -> bool:
    return scenario.kind is ScenarioKind.LOAD and scenario.rate is not None


def _unknown(configured: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[Problem]:
    names = [scenario.name for scenario in configured]
    for name in dict.fromkeys(wanted.scenarios):
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"; did you mean {quote(near[0])}?" if near else ""
            yield Problem("--scenario", f"{quote(name)} is not configured{hint}", listing(names))


def _rate_problems(chosen: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[Problem]:
    if wanted.rate is None:
        return
    yield from _violations("--rate", "rate", wanted.rate)
    if chosen and not any(_takes_rate(scenario) for scenario in chosen):
        yield Problem("--rate", "changes nothing", "together with a scenario of kind load that has a rate")


def _soak_problems(chosen: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[Problem]:
    if wanted.soak_duration is None:
        return
    yield from _violations("--soak-duration", "duration", format_duration(wanted.soak_duration))
    soaks = [scenario for scenario in chosen if scenario.kind is ScenarioKind.SOAK]
    if chosen and not soaks:
        yield Problem("--soak-duration", "changes nothing", "together with a scenario of kind soak")
    for soak in soaks:
        yield from _spike_problems(soak, wanted.soak_duration)


def _spike_problems(soak: Scenario, duration: float) -> Iterator[Problem]:
    """A spike keeps its time and its length, so that a shorter soak may not hold it."""
    arrivals = soak.arrivals
    if arrivals is None or arrivals.at is None or arrivals.for_ is None:
        return
    trouble = spike_trouble(arrivals.at, arrivals.for_, duration)
    if trouble:
        least = format_duration(arrivals.at + arrivals.for_)
        yield Problem("--soak-duration", f"{trouble} of {quote(soak.name)}", f"more than the {least} until it is over")


def _violations(option: str, key: str, value: object) -> Iterator[Problem]:
    """What the configuration itself would say about that value of that key of a scenario."""
    leaf = leaf_of(Scenario.model_fields[key])
    if leaf is None:
        return
    try:
        leaf.parse(value)
    except ValueError as error:
        yield Problem(option, str(error), leaf.allowed)


def _skipped(configured: tuple[Scenario, ...], chosen: tuple[Scenario, ...]) -> Iterator[str]:
    skipped = [scenario.name for scenario in configured if scenario not in chosen]
    if skipped:
        names = ", ".join(scenario.name for scenario in chosen)
        noun = "scenario" if len(chosen) == 1 else "scenarios"
        yield f"only {noun} {names} of {len(configured)}: {', '.join(skipped)} skipped"


def _rates(chosen: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[str]:
    for each in chosen:
        rate = wanted.rate_of(each)
        if rate is not None and each.rate is not None and rate != each.rate:
            along = _in_proportion(each, Shape.RAMP, Shape.STEPS, Shape.SPIKE)
            yield f"rate {rate:g}/s instead of {each.rate:g}/s in {each.name}{along}"


def _soaks(chosen: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[str]:
    for each in chosen:
        duration = wanted.duration_of(each)
        if duration != each.duration:
            lasted = f"soak {format_duration(duration)} instead of {format_duration(each.duration)} in {each.name}"
            yield lasted + _in_proportion(each, Shape.RAMP, Shape.STEPS)


def _in_proportion(scenario: Scenario, *shapes: Shape) -> str:
    shape = scenario.arrivals.shape if scenario.arrivals else Shape.CONSTANT
    return f", its {shape} in proportion" if shape in shapes else ""
