"""All users but the first never work, or stop working at once."""

import itertools

from locust import FastHttpUser, TaskSet, constant, task
from locust.exception import StopUser

from loadtests import options

numbers = itertools.count()
HOW = options()["how"]


class Work(TaskSet):
    def on_start(self):
        if HOW == "raise at task set start" and self.user.number:
            raise RuntimeError("no work")

    @task
    def work(self):
        if HOW == "leave" and self.user.number:
            raise StopUser
        self.client.get("/echo")


class Visitor(FastHttpUser):
    wait_time = constant(0.01)
    tasks = (Work,)

    def on_start(self):
        self.number = next(numbers)
        if HOW == "raise at start" and self.number:
            raise RuntimeError("cannot log in")
