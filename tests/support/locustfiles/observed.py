"""Plain users, and an observer in a module of its own."""

import observing  # noqa: F401 - it listens
from locust import FastHttpUser, task


class Visitor(FastHttpUser):
    @task
    def visit(self):
        self.client.get("/echo", name="visit")
