"""One task for each way in which a request can go wrong, on both kinds of HTTP user."""

from locust import FastHttpUser, HttpUser

from loadtests import options


def fine(user):
    user.client.get("/echo", name="fine")


def broken(user):
    user.client.get("/status/503", name="503")


def forgiven(user):
    with user.client.get("/status/404", name="forgiven", catch_response=True) as answer:
        answer.success()


def refused_and_praised(user):
    with user.client.get(f"http://127.0.0.1:{options()['dead']}/", name="praised", catch_response=True) as answer:
        answer.success()


def led_astray(user):
    user.client.get(f"/to/{options()['elsewhere']}", name="astray", headers={"X-Api-Key": "secret"})


def raises(user):
    user.client.get("/echo", name="before the error")
    raise ValueError("a task that \x1b[31mfails\n")


def exits(_user):
    raise SystemExit(0)


class Plain(HttpUser):
    tasks = (fine, broken, forgiven, refused_and_praised, led_astray, raises, exits)


class Fast(FastHttpUser):
    tasks = Plain.tasks
