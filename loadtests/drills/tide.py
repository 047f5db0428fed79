"""A healthy load whose LoadTestShape decides how many users there are: few, then more, then few again."""

from typing import Any

from locust import FastHttpUser, LoadTestShape, constant, task


class Tide(LoadTestShape):
    """Comes and goes."""

    def tick(self) -> tuple[int, float] | None:
        """Users, and how many of them may come or go in a second."""
        shape: Any = self  # Locust has no types there
        seconds: float = shape.get_run_time()
        return (6, 20) if 1 <= seconds < 2 else (3, 20)  # noqa: PLR2004 - the middle of three seconds


class Visitor(FastHttpUser):
    """Asks, then waits."""

    wait_time = constant(0.05)

    @task
    def visit(self) -> None:
        """One request."""
        self.client.post("/echo", data="x", name="visit")
