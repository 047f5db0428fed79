"""A load in whose process the wall clock is wrong from the start.

Options: `ahead` (seconds); `once` true: only in one of the workers.
"""

import sys
import time
from pathlib import Path
from typing import Final

from locust import task

from loadtests import options
from loadtests.arrivals import OpenUser

_AHEAD: Final[float] = options()["ahead"]
_true_time = time.time


def _is_mine() -> bool:
    """Whether this process is the one whose clock goes wrong; of several workers that is the first to ask."""
    if not options().get("once"):
        return True
    if "--worker" not in sys.argv:
        return False
    try:
        Path("clock-is-wrong").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if _is_mine():
    time.time = lambda: _true_time() + _AHEAD


class Traveller(OpenUser):
    """Does what everybody does, at another time."""

    @task
    def send(self) -> None:
        """One request."""
        self.client.post("/echo", data="x", name="/echo")
