"""Orders through a pipe: what is one is carried out, and nothing else does any harm."""

import os

import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.control import carry_out, obey


class Steered:
    def __init__(self):
        self.orders = []

    def extend(self, seconds):
        self.orders.append(("extend", seconds))

    def stop(self, why):
        self.orders.append(("stop", why))


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def obeyed(*lines):
    steered = Steered()
    for line in lines:
        carry_out(line, steered)
    return steered.orders


def test_orders_are_carried_out():
    assert obeyed(b'{"extend": 30}', b'{"stop": "enough"}') == [("extend", 30.0), ("stop", "enough")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"stop",
        b"[]",
        b"{}",
        b'{"extend": 0}',
        b'{"extend": -1}',
        b'{"extend": true}',
        b'{"extend": "5"}',
        b'{"extend": NaN}',
        b'{"extend": 1' + b"0" * 400 + b"}",
        b'{"extend": 1' + b"0" * 9000 + b"}",
        b'{"extend": 1e300}',
        b'{"extend": 604801}',
        b'{"extend": Infinity}',
        b'{"stop": 1}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
    ids=lambda line: repr(line[:20]),
)
def test_what_is_no_order_is_passed_over(line):
    assert obeyed(line) == []


@given(st.binary(max_size=200))
def test_nothing_that_comes_can_break_the_load(line):
    obeyed(line)


def test_orders_come_through_a_pipe_in_pieces_and_its_end_means_nothing(pipe):
    reading, writing = pipe
    steered = Steered()
    listening = obey(steered, reading)
    for piece in (b'{"ext', b'end": 2}\n{"extend"', b': 3}\nnonsense\n{"stop": "x"}\n'):
        os.write(writing, piece)
        gevent.sleep(0.01)
    os.close(writing)
    listening.join(5)
    assert listening.successful()
    assert steered.orders == [("extend", 2.0), ("extend", 3.0), ("stop", "x")]


class Stubborn(Steered):
    """Cannot extend."""

    def extend(self, seconds):
        raise OverflowError(f"{seconds} s more is too long")


def test_an_order_that_fails_does_not_make_the_load_deaf(pipe):
    reading, writing = pipe
    steered = Stubborn()
    listening = obey(steered, reading)
    os.write(writing, b'{"extend": 1' + b"0" * 400 + b'}\n{"extend": 5}\n{"stop": "x"}\n')
    os.close(writing)
    listening.join(5)
    assert listening.successful()
    assert steered.orders == [("stop", "x")]


def test_the_longest_extension_is_a_week():
    assert obeyed(b'{"extend": 604800}') == [("extend", 604800.0)]


def test_a_line_without_end_does_not_fill_the_memory(pipe):
    reading, writing = pipe
    steered = Steered()
    listening = obey(steered, reading)
    os.set_blocking(writing, False)
    for _ in range(40):
        os.write(writing, b"x" * 4096)
        gevent.sleep(0.002)
    os.write(writing, b'\n{"stop": "x"}\n')
    os.close(writing)
    listening.join(5)
    assert steered.orders == [("stop", "x")]


def test_without_a_pipe_nobody_listens(tmp_path):
    with (tmp_path / "file").open("w+b") as file:
        assert obey(Steered(), file.fileno()) is None
    assert obey(Steered(), 9_999) is None
