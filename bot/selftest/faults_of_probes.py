"""Faults of what is known about the service's resources."""

from typing import Any, Final

from bot.core.verdict import Result
from bot.selftest import props
from bot.selftest.case import Case, Must, Table

_SOAK: Final[dict[str, Any]] = {"kind": "soak", "duration": "5s", "slo": {"memory_growth": "< 60%"}}
_PAGE: Final[Table] = {"kind": "http", "url": "{metrics}", "interval": "250ms"}

CASES: Final = (
    Case(
        "nan-metric",
        "the memory metric is NaN",
        Must(Result.INVALID, "memory_growth", "memory_growth cannot be judged"),
        props=props.twisted_metrics(props.with_nan),
        probe=_PAGE,
        scenario=_SOAK,
    ),
    Case(
        "missing-metric",
        "the memory metric is not on the page",
        Must(Result.INVALID, "memory_growth", "memory_growth cannot be judged"),
        props=props.twisted_metrics(props.without_memory),
        probe=_PAGE,
        scenario=_SOAK,
    ),
    Case(
        "missing-samples",
        "30 % of the readings fail",
        Must(Result.INVALID, "memory_growth", "planned readings exist"),
        props=props.twisted_metrics(props.with_gaps),
        probe=_PAGE,
        scenario=_SOAK,
    ),
    Case(
        "stale-metrics",
        "each request keeps 256 KiB, and a cache answers with old metrics",
        Must(Result.INVALID, "restart", "stood still"),
        props=props.twisted_metrics(props.cached),
        service={"leak_bytes": 256 * 1024},
        probe=_PAGE,
        scenario={**_SOAK, "rate": 150},
    ),
    Case(
        "silent-probe",
        "nobody answers where the metrics should be",
        Must(Result.INVALID, "restart", "never answered"),
        props=props.dead_address,
        probe={"kind": "http", "url": "http://{dead}/metrics", "interval": "250ms"},
        scenario={"kind": "soak"},
    ),
)
