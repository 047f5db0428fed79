"""A client of the load file's own, that knows nothing of HTTP users and reports by Locust's event."""

import time
from urllib.request import urlopen

from locust import User, constant, task


class Client:
    def __init__(self, user):
        self.user = user

    def ask(self, path):
        start = time.perf_counter()
        error = None
        try:
            with urlopen(self.user.host + path, timeout=10) as answer:
                answer.read()
        except OSError as failure:
            error = failure
        self.user.environment.events.request.fire(
            request_type="ASK",
            name=path,
            response_time=(time.perf_counter() - start) * 1000,
            response_length=0,
            exception=error,
            context={},
        )


class Asker(User):
    wait_time = constant(0.05)

    def __init__(self, *args):
        super().__init__(*args)
        self.client = Client(self)

    @task
    def ask(self):
        self.client.ask("/slow/0.05")

    @task
    def fail(self):
        self.client.ask("/status/500")
