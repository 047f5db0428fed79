"""A load of which one request in a hundred goes to another endpoint.

Options: `rare` (the address of the service that answers that one).
"""

from locust import task

from loadtests import options
from loadtests.arrivals import OpenUser


class Shopper(OpenUser):
    """Looks around, and buys now and then."""

    @task(99)
    def look(self) -> None:
        """What nearly everybody does."""
        self.client.post("/echo", data="x", name="look")

    @task(1)
    def buy(self) -> None:
        """What matters."""
        self.client.post(f"{options()['rare']}/echo", data="x", name="buy")
