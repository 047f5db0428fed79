"""One scenario of the configuration: which load, for how long, and what must hold."""

from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from bot.core.loadplan import ScenarioKind
from bot.settings import kinds, loadkinds
from bot.settings.arrivals import Arrivals
from bot.settings.slo import Slo
from bot.settings.table import Table

_KIND: Final = kinds.member(ScenarioKind)
_USERS: Final = kinds.whole(1, 1_000_000, "users")
_POOL: Final = kinds.whole(1, 100_000, "users")
_MEASURED: Final = kinds.duration("1s", "7d")
_WARMUP: Final = kinds.duration("0s", "1d")
_EXTEND: Final = loadkinds.share("200%")
_WORKERS: Final = kinds.whole(0, 256, "processes")

_OPEN_ONLY: Final = ("pool", "arrivals", "mix")


class Scenario(Table):
    """One load test or soak. Scenarios run in the order of the file."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["rate"]},
                {"required": ["users"], "not": {"anyOf": [{"required": [key]} for key in _OPEN_ONLY]}},
            ]
        }
    )

    name: Annotated[str, kinds.SCENARIO_NAME] = Field(
        description="Names the scenario in reports and its files.", examples=["load-1k"]
    )
    kind: Annotated[ScenarioKind, _KIND] = Field(
        ScenarioKind.LOAD,
        description="A load test looks at latency and errors; a soak also at what the service keeps.",
        examples=["soak"],
    )
    locustfile: Annotated[str, kinds.LOCUSTFILE] = Field(
        description="The Locust file. Looked up beside the configuration, in the working directory, then bundled.",
        examples=["loadtests/payload.py"],
    )
    rate: Annotated[float | None, loadkinds.RATE] = Field(
        None,
        description="Open model: so many arrivals per second, whether or not earlier ones were answered. Or `users`.",
        examples=[1000],
    )
    users: Annotated[int | None, _USERS] = Field(
        None,
        description="Closed model: so many users, each waiting for its answer before it goes on. Or `rate`.",
        examples=[200],
    )
    pool: Annotated[int | None, _POOL] = Field(
        None,
        description="Open model: most requests in flight at once. Default: rate x the largest latency limit x 1.2 "
        "(1 s where there is none), between 50 and 2000.",
        examples=[500],
    )
    arrivals: Arrivals | None = Field(
        None, description="Open model: how the arrivals lie in time. Default: `rate` all the time, at equal distances."
    )
    mix: Annotated[dict[str, float] | None, loadkinds.MIX] = Field(
        None,
        description="Open model: the tasks to run and how often in relation to each other, by their names, with the "
        "user class in front where a name is not the only one (`Shopper.look`). Default: the load file's own weights.",
        examples=[{"look": 3, "buy": 1}],
    )
    duration: Annotated[float, _MEASURED] = Field(
        description="The measured time; the warm-up is outside it.", examples=["2m"]
    )
    warmup: Annotated[float, _WARMUP] = Field(
        0.0, description="Load before the measured time, never judged.", examples=["10s"]
    )
    extend: Annotated[float | None, _EXTEND] = Field(
        None,
        description="While an objective is undecided at the end, the scenario goes on once, by this share of the "
        "duration.",
        examples=["50%"],
    )
    abort: Annotated[bool, loadkinds.FLAG] = Field(
        True, description="Whether it ends as soon as it can no longer pass.", examples=[False]
    )
    workers: Annotated[int | None, _WORKERS] = Field(
        None, description="Local load processes of this scenario, in place of [generator] workers.", examples=[2]
    )
    tags: Annotated[tuple[str, ...], loadkinds.TAGS] = Field(
        (), description="Only tasks with one of these tags, as Locust's --tags.", examples=[["checkout"]]
    )
    exclude_tags: Annotated[tuple[str, ...], loadkinds.TAGS] = Field(
        (), description="No tasks with one of these tags, as Locust's --exclude-tags.", examples=[["slow"]]
    )
    config_users: Annotated[tuple[dict[str, Any], ...], loadkinds.CONFIG_USERS] = Field(
        (),
        description="Attributes of user classes, handed to Locust as its --config-users.",
        examples=[[{"user_class_name": "Shopper", "weight": 2}]],
    )
    options: Annotated[dict[str, Any], kinds.OPTIONS] = Field(
        default_factory=dict,
        description="Handed to the Locust file as it is; of the bundled one it is checked here.",
        examples=[{"payload": "1KiB"}],
    )
    slo: Slo = Field(description="What must hold for this scenario to pass.")
