"""Two user classes, tasks of the same name in both, and task sets within task sets; tags on some of them."""

from locust import FastHttpUser, HttpUser, SequentialTaskSet, TaskSet, constant, tag, task


class Shopper(FastHttpUser):
    wait_time = constant(0.05)

    @tag("read")
    @task(5)
    def look(self):
        self.client.get("/echo", name="shopper looks")

    @tag("write")
    @task
    def buy(self):
        self.client.post("/echo", name="shopper buys")

    @task
    class Basket(TaskSet):
        def on_start(self):
            self.filled = [self.user]

        @tag("read")
        @task
        def look(self):
            assert self.filled == [self.user]
            self.client.get("/echo", name="basket is looked at")
            self.interrupt()

        @task
        class Payment(SequentialTaskSet):
            @tag("write")
            @task
            def pay(self):
                assert self.parent.filled == [self.user]
                self.client.post("/echo", name="basket is paid")

            @task
            def leave(self):
                self.interrupt(reschedule=False)


class Clerk(HttpUser):
    wait_time = constant(0.05)
    greeting = "clerk looks"

    @tag("office")
    @task
    def look(self):
        self.client.get("/echo", name=self.greeting)

    @tag("office")
    @task
    def count(self):
        self.client.get("/echo", name="clerk counts")
