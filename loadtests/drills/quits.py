"""A load that quits as if all were well.

Options: `how` ("task": each task asks to exit with code 0; "process": the whole process does, in the second second).
"""

import os
from time import monotonic
from typing import Final

from locust import task

from loadtests import options
from loadtests.arrivals import OpenUser

_HOW: Final[str] = options()["how"]
_WORKS_S: Final = 1.5


class Quitter(OpenUser):
    """Has had enough."""

    first: float | None = None

    @task
    def quit(self) -> None:
        """One request, and good-bye."""
        self.client.post("/echo", data="x", name="/echo")
        if _HOW == "task":
            raise SystemExit(0)
        Quitter.first = Quitter.first or monotonic()
        if monotonic() - Quitter.first > _WORKS_S:
            os._exit(0)
