"""The plan file that the bot writes for one load process."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loadtests.recorder import Pacing

SUFFIX: Final = ".plan.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """One scenario as the load process needs it; times in seconds, `rate` in arrivals per second.

    `rate` is None in the closed model; `users` are the pool (open model) or the users (closed model). `startup`
    bounds the time until every user is ready, `drain` the time in which late answers are still waited for.
    `parent` is the process that must live on, or None. `stem` is the path of the scenario's files without suffix.
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
    return Plan(
        stem=path.resolve().with_name(path.name.removesuffix(SUFFIX)),
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
    )
