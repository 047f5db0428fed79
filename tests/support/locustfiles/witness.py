"""Does the same requests in the same order on both kinds of HTTP user, and writes down what its own listener is told.

With the option `plain` the shortcuts of the load process are not taken.
"""

import json
from pathlib import Path

from locust import FastHttpUser, HttpUser, SequentialTaskSet, events, task

import loadtests.wiring
from loadtests import options

if options().get("plain"):
    loadtests.wiring.economize = lambda _environment: None


class Round(SequentialTaskSet):
    """Every way in which a request can go."""

    def on_start(self):
        self.number = 0

    @task
    def named(self):
        self.number += 1
        self.client.get(f"/echo?number={self.number}", name="named", context={"number": self.number})

    @task
    def posted(self):
        self.client.post("/echo", json={"number": self.number}, headers={"X-Number": str(self.number)})

    @task
    def large(self):
        self.client.post("/echo", data=b"z" * 200_000, name="large")

    @task
    def missing(self):
        self.client.get("/status/404")

    @task
    def broken(self):
        self.client.get("/status/500")

    @task
    def forgiven(self):
        with self.client.get("/status/404", name="forgiven", catch_response=True) as answer:
            answer.success()

    @task
    def blamed(self):
        with self.client.get("/echo", name="blamed", catch_response=True) as answer:
            answer.failure(f"length {len(answer.content)}")

    @task
    def refused(self):
        self.client.get(f"http://127.0.0.1:{options()['dead']}/", name="refused")

    @task
    def astray(self):
        self.client.get(f"/to/{options()['elsewhere']}", name="astray")

    @task
    def hung_up(self):
        self.client.post("/hangup", data=b"x")

    @task
    def renamed(self):
        with self.client.rename_request("renamed"):
            self.client.get("/echo")


class Fast(FastHttpUser):
    tasks = (Round,)

    def context(self):
        return {"kind": type(self).__name__}


class Slow(HttpUser):
    tasks = (Round,)

    def context(self):
        return {"kind": type(self).__name__}


@events.request.add_listener
def write_down(request_type, name, response, **others):
    kept = {
        "named": f"{request_type} {name}",
        "length": others["response_length"],
        "status": getattr(response, "status_code", None),
        "fields": sorted(dict(response.headers or {}).keys()) if response is not None else None,
        "text": (response.text or "")[:40] if response is not None else None,
        "context": others["context"],
        "exception": repr(others["exception"]),
        "url": others["url"],
        "others": sorted(others),
    }
    with Path("witness.ndjson").open("a", encoding="utf-8") as file:
        file.write(json.dumps(kept) + "\n")
