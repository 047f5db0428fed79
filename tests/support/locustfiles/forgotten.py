"""Requests with `catch_response` and no `with` block, of which Locust never tells."""

from locust import FastHttpUser, HttpUser, task


class Fast(FastHttpUser):
    @task
    def call(self):
        self.client.get("/echo", catch_response=True)
        with self.client.get("/echo", name="told", catch_response=True):
            pass


class Slow(HttpUser):
    @task
    def call(self):
        self.client.get("/echo", catch_response=True)
        self.client.get("/echo", name="told")
