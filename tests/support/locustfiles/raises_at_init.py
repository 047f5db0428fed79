"""A listener of Locust's own init event fails."""

from locust import FastHttpUser, events, task


@events.init.add_listener
def refuse(**_):
    raise RuntimeError("init refused")


class Visitor(FastHttpUser):
    @task
    def visit(self):
        self.client.get("/echo")
