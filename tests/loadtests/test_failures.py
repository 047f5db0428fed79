from types import SimpleNamespace

import pytest

from loadtests.failures import describe, kind_of


class HTTPError(Exception):
    pass


class CatchResponseError(Exception):
    pass


def answer(status):
    return SimpleNamespace(status_code=status)


@pytest.mark.parametrize(
    ("exception", "response", "kind"),
    [
        (None, answer(200), None),
        (None, answer(404), None),  # the load file called it a success
        (None, answer(302), None),
        (None, answer(500), "success-on-error"),
        (None, answer(599), "success-on-error"),
        (None, None, None),  # a client of its own kind, without response objects
        (None, SimpleNamespace(), None),
        (None, answer(0), "success-on-error"),
        (None, answer(None), "success-on-error"),
        (HTTPError("500 Server Error: X for url: /secret"), answer(500), "HTTP 500"),
        (ConnectionRefusedError(111, "refused"), answer(0), "ConnectionRefusedError"),
        (CatchResponseError("wrong \x1b[31manswer"), answer(200), "wrong answer"),
        (CatchResponseError(""), answer(200), "CatchResponseError"),
        ("just words", None, "just words"),
    ],
)
def test_a_request_fails_for_one_short_reason_or_not_at_all(exception, response, kind):
    assert kind_of(exception, response) == kind


def test_kinds_are_short_whatever_was_said():
    assert len(kind_of(CatchResponseError("x" * 10_000), answer(200))) <= 60


def test_errors_are_described_on_one_line():
    assert describe(ValueError("first\nsecond\t\x07")) == "ValueError: first second"
    assert describe(KeyError()) == "KeyError"
