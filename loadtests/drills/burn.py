"""A load that needs more CPU time than there is: it computes between its requests.

Options: `seconds` of computing for each arrival.
"""

from time import process_time
from typing import Final

from locust import task

from loadtests import options
from loadtests.arrivals import OpenUser

_SECONDS: Final[float] = options()["seconds"]


class Thinker(OpenUser):
    """Thinks hard before it asks."""

    @task
    def think(self) -> None:
        """Compute, then send."""
        until = process_time() + _SECONDS
        while process_time() < until:
            pass
        self.client.post("/echo", data="x", name="/echo")
