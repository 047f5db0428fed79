"""A file that knows nothing of this project."""

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0.1)

    def on_start(self):
        self.client.get("/echo", name="login")

    @task(3)
    def read(self):
        self.client.get("/echo", name="read")

    @task
    def write(self):
        self.client.post("/echo", data=b"x", name="write")
