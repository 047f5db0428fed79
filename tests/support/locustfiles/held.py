"""One request to the path that the options name, in either model."""

from locust import FastHttpUser, task

from loadtests import options


class Visitor(FastHttpUser):
    network_timeout = 30.0

    @task
    def visit(self):
        self.client.get(options()["path"], name="visit")
