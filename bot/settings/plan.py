"""From settings and the options of one run to the load plan: pure, and complete before anything is touched."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from bot.core.limits import Unit
from bot.core.loadplan import ClosedModel, LoadPlan, Objective, OpenModel, ScenarioKind, ScenarioPlan
from bot.core.units import format_duration
from bot.errors import ConfigurationError, Problem
from bot.settings.addresses import expand_host, host_and_port
from bot.settings.leaf import leaf_of
from bot.settings.schema import Scenario, Settings, Staging
from bot.settings.words import listing, quote

# By Little's law a service that just keeps its latency limit has rate x limit requests in flight; a fifth on top is
# room for bursts. Fewer than 50 would make a short hiccup look like a full pool; more than 2000 waiting requests
# cost memory and say nothing that 2000 do not.
_HEADROOM: Final = 1.2
_SMALLEST_POOL: Final = 50
_LARGEST_POOL: Final = 2000
_LATENCY_WITHOUT_LIMIT: Final = 1.0


@dataclass(frozen=True, slots=True)
class PlanOverrides:
    """What the command line changes for one run.

    `rate` replaces the rate of every open-model scenario of kind load (a soak keeps its own), `soak_duration` (seconds)
    the duration of every soak; `scenarios` names the only ones to run, empty for all.
    """

    rate: float | None = None
    soak_duration: float | None = None
    scenarios: tuple[str, ...] = ()


def load_plan(settings: Settings, overrides: PlanOverrides | None = None) -> LoadPlan:
    """The plan of one run, scenarios in the order of the configuration.

    Raises:
        ConfigurationError: every override that names no scenario, changes nothing, or is out of range.
    """
    wanted = overrides or PlanOverrides()
    chosen = _chosen(settings, wanted)
    problems = (*_unknown(settings, wanted), *_rate_problems(chosen, wanted), *_soak_problems(chosen, wanted))
    if problems:
        raise ConfigurationError("command line", problems)
    return LoadPlan(
        base_url=settings.staging.url,
        allow_hosts=_allowed_hosts(settings.staging),
        scenarios=tuple(_planned(scenario, wanted) for scenario in chosen),
        proof=settings.staging.version_url is not None,
        probes=tuple(probe.name for probe in settings.probe),
        changed=(*_skipped(settings, chosen), *_rates(chosen, wanted), *_soaks(chosen, wanted)),
    )


def _chosen(settings: Settings, wanted: PlanOverrides) -> tuple[Scenario, ...]:
    return tuple(each for each in settings.scenario if not wanted.scenarios or each.name in wanted.scenarios)


def _unknown(settings: Settings, wanted: PlanOverrides) -> Iterator[Problem]:
    names = [scenario.name for scenario in settings.scenario]
    for name in dict.fromkeys(wanted.scenarios):
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"; did you mean {quote(near[0])}?" if near else ""
            yield Problem("--scenario", f"{quote(name)} is not configured{hint}", listing(names))


def _takes_rate(scenario: Scenario) -> bool:
    return scenario.kind is ScenarioKind.LOAD and scenario.rate is not None


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
    if chosen and not any(scenario.kind is ScenarioKind.SOAK for scenario in chosen):
        yield Problem("--soak-duration", "changes nothing", "together with a scenario of kind soak")


def _violations(option: str, key: str, value: object) -> Iterator[Problem]:
    """What the configuration itself would say about that value of that key of a scenario."""
    leaf = leaf_of(Scenario.model_fields[key])
    if leaf is None:
        return
    try:
        leaf.parse(value)
    except ValueError as error:
        yield Problem(option, str(error), leaf.allowed)


def _skipped(settings: Settings, chosen: tuple[Scenario, ...]) -> Iterator[str]:
    skipped = [scenario.name for scenario in settings.scenario if scenario not in chosen]
    if skipped:
        names = ", ".join(scenario.name for scenario in chosen)
        noun = "scenario" if len(chosen) == 1 else "scenarios"
        yield f"only {noun} {names} of {len(settings.scenario)}: {', '.join(skipped)} skipped"


def _rates(chosen: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[str]:
    for each in chosen:
        if wanted.rate is not None and _takes_rate(each) and wanted.rate != each.rate:
            yield f"rate {wanted.rate:g}/s instead of {each.rate:g}/s in {each.name}"


def _soaks(chosen: tuple[Scenario, ...], wanted: PlanOverrides) -> Iterator[str]:
    for each in chosen:
        duration = _duration(each, wanted)
        if duration != each.duration:
            yield f"soak {format_duration(duration)} instead of {format_duration(each.duration)} in {each.name}"


def _allowed_hosts(staging: Staging) -> tuple[str, ...]:
    """The service's own address first, then the others, each once."""
    further = (pair for entry in staging.allow_hosts for pair in expand_host(entry))
    return tuple(dict.fromkeys((host_and_port(staging.url), *further)))


def _planned(scenario: Scenario, wanted: PlanOverrides) -> ScenarioPlan:
    return ScenarioPlan(
        name=scenario.name,
        kind=scenario.kind,
        locustfile=scenario.locustfile,
        model=_model(scenario, wanted),
        duration=_duration(scenario, wanted),
        warmup=scenario.warmup,
        objectives=scenario.slo.all_objectives(),
        options=dict(scenario.options),
    )


def _duration(scenario: Scenario, wanted: PlanOverrides) -> float:
    if scenario.kind is ScenarioKind.SOAK and wanted.soak_duration is not None:
        return wanted.soak_duration
    return scenario.duration


def _model(scenario: Scenario, wanted: PlanOverrides) -> OpenModel | ClosedModel:
    if scenario.users is not None:
        return ClosedModel(scenario.users)
    rate = wanted.rate if wanted.rate is not None and _takes_rate(scenario) else scenario.rate
    if rate is None:
        raise ValueError(f"scenario {scenario.name} has neither rate nor users")
    return OpenModel(rate, scenario.pool or default_pool(rate, scenario.slo.all_objectives()))


def default_pool(rate: float, objectives: tuple[Objective, ...]) -> int:
    """Users that hold all requests in flight of a service that just keeps its largest latency limit, and some more.

    Little's law: requests in flight = arrival rate x time in the system.
    """
    latencies = [each.limit.value for each in objectives if each.limit.unit is Unit.SECONDS]
    in_flight = rate * max(latencies, default=_LATENCY_WITHOUT_LIMIT) * _HEADROOM
    return min(max(math.ceil(in_flight), _SMALLEST_POOL), _LARGEST_POOL)
