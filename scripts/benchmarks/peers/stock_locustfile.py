"""What a user of Locust would write for this load, with the gate that Locust's documentation shows."""

import json
import os
import time
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, constant_throughput, events, task

LOAD = json.loads(os.environ["BENCH_LOAD"])
BODY = b"x" * LOAD["size"]
MARKS: dict[str, tuple[float, int]] = {}


class Sender(FastHttpUser):
    """Posts the body, so many times a second; without pause where no rate is given."""

    wait_time = constant_throughput(LOAD["each"]) if LOAD["each"] else constant(0)

    @task
    def send(self) -> None:
        """One request."""
        self.client.post("/echo", data=BODY)


@events.init.add_listener
def mark(environment: Any, **_: Any) -> None:
    """Note the time and the successes so far when all users are there, and when they are about to go."""

    def note(name: str) -> None:
        total = environment.stats.total  # another one since the start of the test
        MARKS.setdefault(name, (time.monotonic(), total.num_requests - total.num_failures))

    environment.events.spawning_complete.add_listener(lambda **_: note("there"))
    environment.events.test_stopping.add_listener(lambda **_: note("going"))


@events.quitting.add_listener
def judge(environment: Any, **_: Any) -> None:
    """The exit code by limits, and Locust's own numbers for the table."""
    total, limits = environment.stats.total, LOAD["limits"]
    found = {f"p{p}": total.get_response_time_percentile(p / 100) / 1000 for p in (50, 95, 99)}
    too_slow = found["p95"] > limits["p95"] or found["p99"] > limits["p99"]
    environment.process_exit_code = int(too_slow or total.fail_ratio > limits["error_rate"])
    told = {**found, "answered": total.num_requests - total.num_failures, "marks": MARKS}
    Path(LOAD["told"]).write_text(json.dumps(told), encoding="utf-8")
