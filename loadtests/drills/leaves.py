"""Users that leave after a while, all but one; as in a load file whose session ends.

Options: `after` (seconds).
"""

import itertools
from time import monotonic

from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from loadtests import options

_numbers = itertools.count()


class Visitor(FastHttpUser):
    """Stays for some time only, unless it came first."""

    wait_time = constant(0.05)

    def on_start(self) -> None:
        """Begin."""
        self.number = next(_numbers)
        self.leaves_at = monotonic() + options()["after"]

    @task
    def visit(self) -> None:
        """One request, or none any more."""
        if self.number and monotonic() > self.leaves_at:
            raise StopUser
        self.client.post("/echo", data="x", name="/echo")
