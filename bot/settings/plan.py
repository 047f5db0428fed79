"""From settings and the options of one run to the load plan: pure, and complete before anything is touched."""

import math
from dataclasses import replace
from typing import Final

from bot.core.limits import Unit
from bot.core.loadplan import ClosedModel, LoadPlan, Objective, OpenModel, ScenarioKind, ScenarioPlan, Spacing
from bot.errors import ConfigurationError, Problem
from bot.settings.addresses import expand_host, host_and_port
from bot.settings.arrivals import DEFAULT_SEED
from bot.settings.course import course_of
from bot.settings.generator import Generator
from bot.settings.overrides import PlanOverrides
from bot.settings.scenario import Scenario
from bot.settings.schema import Settings, Staging

__all__ = ["PlanOverrides", "default_pool", "hotfix_plan", "load_plan"]

# By Little's law a service that just keeps its latency limit has rate x limit requests in flight; a fifth on top is
# room for bursts. Fewer than 50 would make a short hiccup look like a full pool; more than 2000 waiting requests
# cost memory and say nothing that 2000 do not.
_HEADROOM: Final = 1.2
_SMALLEST_POOL: Final = 50
_LARGEST_POOL: Final = 2000
_LATENCY_WITHOUT_LIMIT: Final = 1.0


def load_plan(settings: Settings, overrides: PlanOverrides | None = None) -> LoadPlan:
    """The plan of one run, scenarios in the order of the configuration.

    Raises:
        ConfigurationError: every override that names no scenario, changes nothing, or is out of range.
    """
    wanted = overrides or PlanOverrides()
    problems = wanted.problems(settings.scenario)
    if problems:
        raise ConfigurationError("command line", problems)
    return LoadPlan(
        base_url=settings.staging.url,
        allow_hosts=_allowed_hosts(settings.staging),
        scenarios=tuple(_planned(each, settings.generator, wanted) for each in wanted.chosen(settings.scenario)),
        proof=settings.staging.version_url is not None,
        probes=tuple(probe.name for probe in settings.probe),
        changed=wanted.changes(settings.scenario),
        retry=settings.gate.retry,
        baseline=settings.baseline.rule,
    )


def hotfix_plan(settings: Settings) -> LoadPlan:
    """The plan of the expedited gate of a hotfix.

    Raises:
        ConfigurationError: nothing says what to measure: there is no scenario of kind load either.
    """
    loads = tuple(each.name for each in settings.scenario if each.kind is ScenarioKind.LOAD)
    chosen = settings.hotfix.scenarios or loads
    if not chosen:
        wrong = "is missing, and no scenario is of kind load"
        problem = Problem("hotfix.scenarios", wrong, "names of configured scenarios; or promote hotfix --skip-tests")
        raise ConfigurationError("configuration", (problem,))
    # It is the configuration that leaves out the others, not the command line.
    return replace(load_plan(settings, PlanOverrides(scenarios=chosen)), changed=())


def _allowed_hosts(staging: Staging) -> tuple[str, ...]:
    """The service's own address first, then the others, each once."""
    further = (pair for entry in staging.allow_hosts for pair in expand_host(entry))
    return tuple(dict.fromkeys((host_and_port(staging.url), *further)))


def _planned(scenario: Scenario, generator: Generator, wanted: PlanOverrides) -> ScenarioPlan:
    return ScenarioPlan(
        name=scenario.name,
        kind=scenario.kind,
        locustfile=scenario.locustfile,
        model=_model(scenario, wanted),
        duration=wanted.duration_of(scenario),
        warmup=scenario.warmup,
        objectives=scenario.slo.all_objectives(),
        options=dict(scenario.options),
        relative=scenario.slo.relative_objectives(),
        extend=scenario.extend or 0.0,
        abort=scenario.abort,
        tags=scenario.tags,
        exclude_tags=scenario.exclude_tags,
        config_users=scenario.config_users,
        generator=generator.limits,
        workers=generator.who(scenario.workers),
    )


def _model(scenario: Scenario, wanted: PlanOverrides) -> OpenModel | ClosedModel:
    if scenario.users is not None:
        return ClosedModel(scenario.users)
    rate = wanted.rate_of(scenario)
    if rate is None:
        raise ValueError(f"scenario {scenario.name} has neither rate nor users")
    spacing, seed = _spacing(scenario)
    return OpenModel(
        rate,
        scenario.pool or default_pool(rate, scenario.slo.all_objectives()),
        course_of(scenario, rate, wanted.duration_of(scenario)),
        spacing,
        seed,
        tuple((scenario.mix or {}).items()),
    )


def _spacing(scenario: Scenario) -> tuple[Spacing, int]:
    """How arrivals lie within the rate, and the seed, which even spacing has no use for."""
    arrivals = scenario.arrivals
    if arrivals is None or arrivals.spacing is Spacing.EVEN:
        return Spacing.EVEN, 0
    return arrivals.spacing, DEFAULT_SEED if arrivals.seed is None else arrivals.seed


def default_pool(rate: float, objectives: tuple[Objective, ...]) -> int:
    """Users that hold all requests in flight of a service that just keeps its largest latency limit, and some more.

    Little's law: requests in flight = arrival rate x time in the system. `rate` is the highest rate.
    """
    latencies = [each.limit.value for each in objectives if each.limit.unit is Unit.SECONDS]
    in_flight = rate * max(latencies, default=_LATENCY_WITHOUT_LIMIT) * _HEADROOM
    return min(max(math.ceil(in_flight), _SMALLEST_POOL), _LARGEST_POOL)
