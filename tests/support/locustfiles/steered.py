"""A load whose number of users and whose observer lie in modules of their own; this file does not name them."""

import observing  # noqa: F401 - it listens
from locust import FastHttpUser, constant, task
from steering import Steer  # noqa: F401 - Locust finds it here


class Visitor(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def visit(self):
        self.client.get("/echo", name="visit")
