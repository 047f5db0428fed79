"""A load with a client of its own, which does not know how long its requests took and reports NaN."""

from typing import Any

from locust import User, task


class Client:
    """Says that it sent something."""

    def __init__(self, environment: Any) -> None:
        self._environment = environment

    def ask(self) -> None:
        """A request without a time."""
        self._environment.events.request.fire(
            request_type="ASK", name="/echo", response_time=float("nan"), response_length=0, exception=None, context={}
        )


class Timeless(User):
    """Never looks at a clock."""

    @task
    def ask(self) -> None:
        """One request."""
        Client(self.environment).ask()
