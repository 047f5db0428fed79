"""Faults of the service: slow, failing, leaking, restarting, gone."""

from typing import Final

from bot.core.verdict import Result
from bot.selftest import injections, props
from bot.selftest.case import Case, Must, Table

_FAIL: Final = Result.FAIL
PROCESS: Final[Table] = {"kind": "process", "pid_file": "{pid_file}", "interval": "500ms"}
_UNPROVED: Final[Table] = {"version_url": None}
_ANY_ERRORS: Final[Table] = {"error_rate": "<= 100%"}

CASES: Final = (
    Case(
        "slow",
        "every answer takes 700 ms",
        Must(_FAIL, "p95", "p95"),
        service={"delay_ms": 700},
        scenario={"slo": {"p95": "< 400ms"}},
    ),
    Case(
        "slow-tail",
        "one answer in ten takes 900 ms",
        Must(_FAIL, "p95", "p95"),
        service={"tail_rate": 0.1, "tail_ms": 900},
        scenario={"slo": {"p50": "< 2s", "p95": "< 400ms"}},
    ),
    Case(
        "slow-endpoint",
        "an endpoint with 1 % of the requests takes 900 ms",
        Must(_FAIL, "p95", "POST buy"),
        props=props.slow_neighbour,
        staging={"allow_hosts": ["{slow}"]},
        scenario={
            "locustfile": "loadtests/drills/rare.py",
            "rate": 200,
            "options": {"rare": "http://{slow}"},
            "slo": {"error_rate": "< 5%", "p95": "< 2s", "POST buy": {"p95": "< 400ms"}},
        },
    ),
    Case(
        "unanswered",
        "no answer comes before the load gives up waiting",
        Must(_FAIL, "error_rate", "most often unfinished"),
        service={"delay_ms": 60_000},
    ),
    Case(
        "freeze",
        "everything stands still for 2 s",
        Must(_FAIL, "p95", "p95"),
        during=injections.control(freeze_s=2.0),
        scenario={"duration": "4s", "slo": {"error_rate": "< 5%", "p95": "< 500ms"}},
    ),
    Case(
        "errors",
        "one answer in five is a 500",
        Must(_FAIL, "error_rate", "most often HTTP 500"),
        service={"error_rate": 0.2},
    ),
    Case(
        "broken-build",
        "every answer is a 500, in a run that is planned to last 40 s",
        Must(_FAIL, "abort", "the load was stopped"),
        service={"error_rate": 1.0},
        scenario={"duration": "40s", "rate": 200, "abort": True, "slo": {"error_rate": "< 0.1%"}},
    ),
    Case(
        "leak",
        "each request keeps 256 KiB",
        Must(_FAIL, "memory_growth", "memory_growth"),
        service={"leak_bytes": 256 * 1024},
        probe=PROCESS,
        scenario={"kind": "soak", "duration": "6s", "slo": {"memory_growth": "< 20%"}},
    ),
    Case(
        "restart",
        "the service's process is replaced by another one",
        Must(_FAIL, "restart", "the service restarted within the measured time"),
        during=injections.restart_service,
        probe=PROCESS,
        scenario={"kind": "soak", "duration": "6s", "slo": _ANY_ERRORS},
    ),
    Case(
        "killed",
        "the service's process is killed, and nothing else says which commit ran",
        Must(_FAIL, "restart", "the service ended within the measured time"),
        during=injections.kill_service,
        staging=_UNPROVED,
        probe=PROCESS,
        scenario={"kind": "soak", "duration": "4s", "slo": _ANY_ERRORS},
    ),
    Case(
        "redirect",
        "every answer is a redirect to another host",
        Must(_FAIL, "allow_hosts", "which allow_hosts does not name"),
        props=props.bait,
        service={"redirect_to": "http://{bait}/echo"},
    ),
)
