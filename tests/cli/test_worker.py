"""`promote worker`: what it is told, and how it ends."""

import json
import socket

import click
import pytest
from support.commands import call

from bot.adapters.load_worker import Outcome, Served, served
from bot.cli.worker import PORT, Place, worker


def place(text):
    return Place().convert(text, None, None)


def test_a_master_without_a_port_has_locusts_own():
    assert place("bot.example") == ("bot.example", PORT)
    assert place("10.0.0.1:6000") == ("10.0.0.1", 6000)
    assert place("[fd00::1]:6000") == ("[fd00::1]", 6000)


@pytest.mark.parametrize(
    "text", ["", ":1", "a:", "a:0", "a:70000", "a:b", "-x", "--forever", "a:1:2", "fd00::1", "a b"]
)
def test_what_names_no_place_is_refused(text):
    with pytest.raises(click.BadParameter):
        place(text)


@pytest.mark.parametrize("wait", ["0s", "5", "soon", "-1s"])
def test_a_wait_is_a_duration(wait):
    with pytest.raises(click.BadParameter):
        worker.make_context("worker", ["--master", "a", "--wait", wait])


def test_the_last_word_of_the_process_counts():
    said = b'noise\n{"outcome": "failed", "words": "x"}\n{"outcome": "done", "words": "y"}\nnoise\n'
    assert served(said, 0) == Served(Outcome.DONE, "y")


@pytest.mark.parametrize("said", [b"", b"{}\n", b'{"outcome": "fine"}\n', b'{"outcome": "done'])
def test_a_process_that_ends_without_a_word_has_stopped(said):
    assert served(said, -9) == Served(Outcome.STOPPED, "The worker process ended with code -9.")


def test_without_a_master_it_ends_and_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{taken.getsockname()[1]}"
    ended = call("--json", "worker", "--master", where, "--wait", "1s")
    assert ended.code == 1
    assert json.loads(ended.stdout)["error"]["reason_code"] == "master-unreachable"
    assert f"No master of a load answered at {where} within 1 s." in ended.stdout
