"""Task sets within task sets, in sequence, interrupted, and users that leave after each piece of work."""

from locust import FastHttpUser, SequentialTaskSet, TaskSet, task
from locust.exception import StopUser


class Inner(SequentialTaskSet):
    @task
    def first(self):
        self.client.get("/echo", name="first")

    @task
    def second(self):
        self.client.get("/echo", name="second a")
        self.client.get("/echo", name="second b")

    @task
    def leave(self):
        self.client.get("/echo", name="third")
        self.interrupt(reschedule=False)


class Outer(TaskSet):
    @task
    class Nested(Inner):
        pass

    @task
    def back(self):
        self.client.get("/echo", name="back")
        self.interrupt()


class Walker(FastHttpUser):
    tasks = (Outer,)
    weight = 3


class OneShot(FastHttpUser):
    @task
    def once(self):
        self.client.get("/echo", name="once")
        raise StopUser
