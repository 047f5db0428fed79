"""Small plans for tests that need one but do not care."""

from bot.core.loadplan import LoadPlan, OpenModel, ScenarioKind, ScenarioPlan


def scenario_plan(name: str = "load-1k", *, duration: float = 3.0, warmup: float = 0.0) -> ScenarioPlan:
    """A scenario without objectives."""
    return ScenarioPlan(
        name=name,
        kind=ScenarioKind.LOAD,
        locustfile="/none/payload.py",
        model=OpenModel(rate=10, pool=10),
        duration=duration,
        warmup=warmup,
        objectives=(),
    )


def load_plan(url: str = "http://127.0.0.1:1", *, proof: bool = True) -> LoadPlan:
    """A plan with that one scenario."""
    return LoadPlan(base_url=url, allow_hosts=(), scenarios=(scenario_plan(),), proof=proof)
