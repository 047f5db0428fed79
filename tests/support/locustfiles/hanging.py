"""A client of its own that hangs for ever after a few calls of each user."""

import gevent
from locust import User, constant, task


class Hanging(User):
    wait_time = constant(0.05)
    calls = 0

    @task
    def call(self):
        self.calls += 1
        if self.calls > 10:
            gevent.sleep(600)
        self.environment.events.request.fire(
            request_type="GRPC", name="call", response_time=5, response_length=0, exception=None, context={}
        )
