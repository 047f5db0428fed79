"""A shape that reads Locust's statistics: two users more for the requests that it has seen."""

from pathlib import Path

from locust import LoadTestShape


class Steer(LoadTestShape):
    """Two users, and four once ten requests were made."""

    def tick(self):
        seen = self.runner.stats.total.num_requests
        with Path("ticks.txt").open("a", encoding="utf-8") as file:
            file.write(f"{seen}\n")
        return (2 if seen < 10 else 4), 100
