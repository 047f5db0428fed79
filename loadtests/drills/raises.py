"""A load whose every task ends in an exception after its request."""

from locust import task

from loadtests.arrivals import OpenUser


class Clumsy(OpenUser):
    """Drops what it was given."""

    @task
    def drop(self) -> None:
        """Send, then fail."""
        self.client.post("/echo", data="x", name="/echo")
        raise ValueError("the answer was dropped")
