"""Healthy runs of several shapes and models, which the gate must let through."""

from typing import Final

from bot.core.verdict import Result
from bot.selftest.case import Case, Must
from bot.selftest.faults_of_service import PROCESS

_PASS: Final = Must(Result.PASS)

CASES: Final = (
    Case("healthy-constant", "nothing: a constant rate", _PASS),
    Case(
        "healthy-poisson",
        "nothing: arrivals at random",
        _PASS,
        scenario={"arrivals": {"spacing": "poisson", "seed": 7}},
    ),
    Case(
        "healthy-spike",
        "nothing: a rate that triples for a second",
        _PASS,
        scenario={"rate": 120, "arrivals": {"shape": "spike", "base": 40, "at": "1s", "for": "1s"}},
    ),
    Case(
        "healthy-closed",
        "nothing: an ordinary Locust file (closed model)",
        _PASS,
        scenario={"locustfile": "loadtests/drills/ordinary.py", "users": 8, "options": {}},
    ),
    Case(
        "healthy-shape",
        "nothing: a LoadTestShape (closed model)",
        _PASS,
        scenario={"locustfile": "loadtests/drills/tide.py", "users": 6, "options": {}},
    ),
    Case(
        "healthy-workers",
        "nothing: two workers",
        _PASS,
        scenario={"workers": 2},
    ),
    Case(
        "healthy-soak",
        "nothing: a soak with a probe",
        _PASS,
        probe=PROCESS,
        scenario={
            "kind": "soak",
            "duration": "7s",
            "warmup": "1s",
            "slo": {"error_rate": "< 5%", "p95": "< 2s", "memory_growth": "< 50%", "cpu": "< 95%"},
        },
    ),
)
