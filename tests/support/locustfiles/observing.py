"""Writes down how many requests Locust counted, when the test ends."""

from pathlib import Path

from locust import events


@events.test_stop.add_listener
def write_down(environment, **_):
    with Path("observed.txt").open("a", encoding="utf-8") as file:
        file.write(f"{environment.stats.total.num_requests}\n")
