"""A healthy load that knows nothing of this project, as any Locust file."""

from locust import HttpUser, constant, task


class Visitor(HttpUser):
    """Reads, and writes now and then."""

    wait_time = constant(0.1)

    @task(3)
    def read(self) -> None:
        """A page."""
        self.client.get("/healthz", name="read")

    @task
    def write(self) -> None:
        """Some bytes."""
        self.client.post("/echo", data=b"x", name="write")
