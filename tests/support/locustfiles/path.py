"""One request to the path that the options name."""

from locust import task

from loadtests import options
from loadtests.arrivals import OpenUser


class Visitor(OpenUser):
    network_timeout = 30.0

    @task
    def visit(self):
        assert self.arrival.lateness >= 0
        self.client.get(options()["path"], name="visit")
