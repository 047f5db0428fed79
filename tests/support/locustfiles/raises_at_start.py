"""Every user fails at its start."""

from locust import FastHttpUser, task


class Broken(FastHttpUser):
    def on_start(self):
        raise RuntimeError("cannot log in")

    @task
    def never(self):
        self.client.get("/echo")
