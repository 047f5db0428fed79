"""Faults of the load: nothing sent, everything praised, too weak, killed, hung, of another time."""

import signal
from typing import Final

from bot.core.verdict import Result
from bot.selftest import injections, props
from bot.selftest.case import Case, Company, Must, Patience, Table

_COMPLETION: Final = "completion"
_INVALID: Final = Result.INVALID
_FILES: Final = "loadtests/drills/"
# What a weak generator leaves unfinished counts as failed: here it alone is to be found at fault.
_LATENCY: Final[Table] = {"error_rate": "<= 100%", "p95": "< 2s"}
CASES: Final = (
    Case(
        "zero-requests",
        "the load file sends nothing",
        Must(_INVALID, "requests", "not one request was made"),
        scenario={"locustfile": f"{_FILES}idle.py"},
    ),
    Case(
        "errors-praised",
        "every answer is a 500, and the load file calls each a success",
        Must(Result.FAIL, "error_rate", "most often success-on-error"),
        service={"error_rate": 1.0},
        scenario={"locustfile": f"{_FILES}praise.py"},
    ),
    Case(
        "refusals-praised",
        "every connection is refused, and the load file calls each a success",
        Must(Result.FAIL, "error_rate", "most often success-on-error"),
        props=props.dead_address,
        staging={"allow_hosts": ["{dead}"]},
        scenario={"locustfile": f"{_FILES}praise.py", "options": {"address": "http://{dead}"}},
    ),
    Case(
        "raising-tasks",
        "every task of the load file ends in an exception",
        Must(_INVALID, "tasks", "the answer was dropped"),
        scenario={"locustfile": f"{_FILES}raises.py"},
    ),
    Case(
        "quitting-tasks",
        "every task of the load file ends in SystemExit(0)",
        Must(_INVALID, "tasks", "SystemExit: 0"),
        scenario={"locustfile": f"{_FILES}quits.py", "options": {"how": "task"}},
    ),
    Case(
        "silent-exit",
        "the load process exits with code 0 midway",
        Must(_INVALID, _COMPLETION, "the load process crashed"),
        scenario={"locustfile": f"{_FILES}quits.py", "options": {"how": "process"}},
    ),
    Case(
        "timeless-client",
        "a client of the load file's own reports NaN as the time of each request",
        Must(Result.FAIL, "error_rate", "most often no-time"),
        scenario={"locustfile": f"{_FILES}timeless.py"},
    ),
    Case(
        "unseen-endpoint",
        "nothing is sent to an endpoint that has a limit of its own",
        Must(_INVALID, "p95", "there were no such requests"),
        scenario={"slo": {"error_rate": "< 5%", "POST /checkout": {"p95": "< 2s"}}},
    ),
    Case(
        "users-leave",
        "all users but one leave midway (closed model)",
        Must(_INVALID, _COMPLETION, "only 1 of 5 users were alive"),
        scenario={"locustfile": f"{_FILES}leaves.py", "users": 5, "options": {"after": 1.2}},
    ),
    Case(
        "too-few",
        "ten requests are to show an error rate below 1 %",
        Must(Result.INCONCLUSIVE, "error_rate", "error_rate"),
        scenario={"rate": 5, "duration": "2s", "slo": {"error_rate": "< 1%"}},
    ),
    Case(
        "under-rate",
        "20 % of the arrivals are never sent",
        Must(Result.FAIL, "rate", "rate"),
        service={"delay_ms": 100},
        scenario={"rate": 100, "pool": 7, "slo": {"error_rate": "< 5%", "rate": ">= 99%"}},
        patience=Patience.NO_ANSWERS,
    ),
    Case(
        "sigterm",
        "the load process gets SIGTERM midway",
        Must(_INVALID, _COMPLETION, "the load process crashed"),
        during=injections.tell_load(signal.SIGTERM),
    ),
    Case(
        "killed-load",
        "the load process is killed midway",
        Must(_INVALID, _COMPLETION, "the load process crashed"),
        during=injections.tell_load(signal.SIGKILL),
    ),
    Case(
        "hung-load",
        "the load process stands still for good",
        Must(_INVALID, _COMPLETION, "stopped at its deadline"),
        during=injections.tell_load(signal.SIGSTOP),
        patience=Patience.NEITHER,
    ),
    Case(
        "clock-jump",
        "the wall clock of the load process jumps an hour ahead at its start",
        Must(_INVALID, "deployment", "staging did not say which commit it ran from"),
        scenario={"locustfile": f"{_FILES}clock.py", "options": {"ahead": 3600}},
    ),
    Case(
        "unread-history",
        "a limit relative to earlier nights, of which nothing can be read",
        Must(_INVALID, "error_rate", "no history was read"),
        scenario={"slo": {"error_rate": ["< 5%", "< baseline + 1%"]}},
    ),
    Case(
        "starved",
        "the load process is stopped for most of the time",
        Must(_INVALID, "generator", "could not keep up"),
        generator=None,
        during=injections.starve,
        scenario={"duration": "4s", "slo": _LATENCY},
    ),
    Case(
        "crowded",
        "six processes that never rest share the core of which the load needs two thirds",
        Must(_INVALID, "generator", "could not keep up"),
        generator=None,
        during=injections.crowd,
        scenario={"locustfile": f"{_FILES}burn.py", "options": {"seconds": 0.008}, "duration": "4s", "slo": _LATENCY},
        patience=Patience.NO_ANSWERS,
        company=Company.NOBODY,
    ),
    Case(
        "cpu-bound",
        "the load file computes for 20 ms before each of 80 requests a second",
        Must(_INVALID, "generator", "could not keep up"),
        generator=None,
        scenario={"locustfile": f"{_FILES}burn.py", "options": {"seconds": 0.02}, "slo": _LATENCY},
        patience=Patience.NO_ANSWERS,
        company=Company.NOBODY,
    ),
)
