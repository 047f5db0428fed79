"""A shape that decides how many users there are; the options say which one, and what its users do."""

import itertools

from locust import FastHttpUser, LoadTestShape, constant, task
from locust.exception import StopUser

from loadtests import options

numbers = itertools.count()


class Steps(LoadTestShape):
    use_common_options = options().get("common", False)

    def tick(self):
        given = self.runner.environment.parsed_options
        end = given.run_time if self.use_common_options else options()["end"]
        seconds = self.get_run_time()
        if seconds >= end:
            return None
        if options().get("raises"):
            raise ValueError("out of shape")
        return (2, 10) if seconds < 1 else (6, 10)


class Visitor(FastHttpUser):
    wait_time = constant(0.05)

    def on_start(self):
        self.number = next(numbers)

    @task
    def visit(self):
        if 0 < self.number <= options().get("leaving", 0):
            raise StopUser
        self.client.get("/echo", name="visit")
