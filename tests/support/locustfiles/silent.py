"""Of four arrivals one sends at once, one from a greenlet that outlives its task, one raises, one does nothing."""

import itertools

import gevent
from locust import FastHttpUser, task

numbers = itertools.count()


class Visitor(FastHttpUser):
    @task
    def visit(self):
        match next(numbers) % 4:
            case 0:
                self.client.get("/echo", name="at once")
            case 1:
                gevent.spawn_later(0.05, self.client.get, "/echo", name="afterwards")
            case 2:
                raise ValueError("before any request")
