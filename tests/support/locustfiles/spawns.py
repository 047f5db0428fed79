"""Tasks that end while their requests are on their way; every second one is never answered."""

import itertools

import gevent
from locust import FastHttpUser, HttpUser, task

from loadtests import options

numbers = itertools.count()


class Visitor(FastHttpUser if options()["client"] == "fast" else HttpUser):
    network_timeout = 60.0

    @task
    def visit(self):
        path, name = ("/never", "never") if next(numbers) % 2 else ("/echo", "answered")
        gevent.spawn(self.client.get, path, name=name)
