"""A load that calls every answer a success, also where the server failed or nobody listened.

Options: `address` (such as "http://127.0.0.1:1"; default: the service).
"""

from typing import Final

from locust import task

from loadtests import options
from loadtests.arrivals import OpenUser

_ADDRESS: Final = options().get("address", "")


class Flatterer(OpenUser):
    """Never finds fault."""

    @task
    def praise(self) -> None:
        """One request, and a good word for it."""
        with self.client.post(f"{_ADDRESS}/echo", data="x", name="/echo", catch_response=True) as response:
            response.success()
