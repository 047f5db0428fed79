"""A load that sends nothing at all, and raises nothing either."""

from locust import task

from loadtests.arrivals import OpenUser


class Idler(OpenUser):
    """Has a task that finds nothing to do."""

    @task
    def look_busy(self) -> None:
        """No request."""
