"""What a user of Locust would write for this load, with the gate that Locust's documentation shows."""

import json
import os
from pathlib import Path
from typing import Any

from locust import FastHttpUser, constant, constant_throughput, events, task

LOAD = json.loads(os.environ["BENCH_LOAD"])
BODY = b"x" * LOAD["size"]


class Sender(FastHttpUser):
    """Posts the body, so many times a second; without pause where no rate is given."""

    wait_time = constant_throughput(LOAD["each"]) if LOAD["each"] else constant(0)

    @task
    def send(self) -> None:
        """One request."""
        self.client.post("/echo", data=BODY)


@events.quitting.add_listener
def judge(environment: Any, **_: Any) -> None:
    """The exit code by limits, and Locust's own numbers for the table."""
    total, limits = environment.stats.total, LOAD["limits"]
    found = {f"p{p}": total.get_response_time_percentile(p / 100) / 1000 for p in (50, 95, 99)}
    too_slow = found["p95"] > limits["p95"] or found["p99"] > limits["p99"]
    environment.process_exit_code = int(too_slow or total.fail_ratio > limits["error_rate"])
    told = {**found, "answered": total.num_requests - total.num_failures}
    Path(LOAD["told"]).write_text(json.dumps(told), encoding="utf-8")
