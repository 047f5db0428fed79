"""The plan file that the bot writes for one load process."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.core.loadplan import OpenModel, Spacing, Stretch, Workers
from loadtests.interval import Pacing

SUFFIX: Final = ".plan.json"


@dataclass(frozen=True, slots=True)
class Watch:
    """A latency limit in `seconds` that requests of an endpoint (None: of all) are held against each second."""

    endpoint: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One scenario as the load process needs it; times in seconds, `rate` in arrivals per second.

    `rate` is None in the closed model; `users` are the pool (open model) or the users (closed model). `startup`
    bounds the time until every user is ready, `drain` the time in which late answers are still waited for.
    `parent` is the process that must live on, or None. `stem` is the path of the scenario's files without suffix.
    `course`, `spacing`, `seed` and `mix` are those of `bot.core.loadplan.OpenModel`; `tags`, `exclude_tags` and
    `config_users` are Locust's own. `limits` and `watched` (endpoints) are what is counted apart each second.
    """

    stem: Path
    base_url: str
    allow_hosts: tuple[str, ...]
    locustfile: str
    options: dict[str, Any]
    rate: float | None
    users: int
    warmup: float
    duration: float
    startup: float
    drain: float
    parent: int | None
    course: tuple[Stretch, ...] = ()
    spacing: Spacing = Spacing.EVEN
    seed: int = 0
    mix: tuple[tuple[str, float], ...] = ()
    tags: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] = ()
    config_users: tuple[dict[str, Any], ...] = ()
    limits: tuple[Watch, ...] = ()
    watched: tuple[str, ...] = ()
    workers: Workers = field(default_factory=Workers)

    @property
    def model(self) -> OpenModel | None:
        """The open model, None in the closed one."""
        if self.rate is None:
            return None
        return OpenModel(self.rate, self.users, self.course, self.spacing, self.seed, self.mix)

    @property
    def selection(self) -> list[str]:
        """Arguments for Locust: which of the load file's tasks may run, and how its users are set."""
        named = [("--tags", self.tags), ("--exclude-tags", self.exclude_tags)]
        settings = tuple(json.dumps(each) for each in self.config_users)
        return [part for name, values in (*named, ("--config-users", settings)) if values for part in (name, *values)]

    @property
    def pacing(self) -> Pacing:
        """The open model where there is a rate, else the closed one."""
        return Pacing.CLOSED if self.rate is None else Pacing.OPEN

    def file(self, suffix: str) -> Path:
        """The scenario's file with that suffix, such as `.hlog`."""
        return self.stem.with_name(self.stem.name + suffix)


def read_plan(path: Path) -> Plan:
    """Read `<scenario>.plan.json`; the scenario's files go beside it. Raises OSError, ValueError, KeyError."""
    if not path.name.endswith(SUFFIX):
        raise ValueError(f"{path.name} does not end in {SUFFIX}")
    given = json.loads(path.read_text(encoding="utf-8"))
    return plan_of(given, path.resolve().with_name(path.name.removesuffix(SUFFIX)))


def plan_of(given: dict[str, Any], stem: Path) -> Plan:
    """The plan that such a document holds; the scenario's files would go to `stem`. Raises KeyError, ValueError."""
    return Plan(
        stem=stem,
        base_url=given["base_url"],
        allow_hosts=tuple(given["allow_hosts"]),
        locustfile=given["locustfile"],
        options=given["options"],
        rate=given["rate"],
        users=given["users"],
        warmup=given["warmup"],
        duration=given["duration"],
        startup=given["startup"],
        drain=given["drain"],
        parent=given["parent"],
        **_later(given),
    )


def _later(given: dict[str, Any]) -> dict[str, Any]:
    """What a plan file may leave out."""
    return {
        "course": tuple(Stretch(*stretch) for stretch in given.get("course", ())),
        "spacing": Spacing(given.get("spacing", Spacing.EVEN)),
        "seed": given.get("seed", 0),
        "mix": tuple((name, weight) for name, weight in given.get("mix", ())),
        "tags": tuple(given.get("tags", ())),
        "exclude_tags": tuple(given.get("exclude_tags", ())),
        "config_users": tuple(given.get("config_users", ())),
        "limits": tuple(Watch(**limit) for limit in given.get("limits", ())),
        "watched": tuple(given.get("watched", ())),
        "workers": Workers(**given.get("workers", {})),
    }
