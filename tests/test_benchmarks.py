"""What the benchmarks make of what they measured."""

import sys
from pathlib import Path

import pytest


@pytest.fixture
def rates(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "scripts"))
    from benchmarks import rates  # noqa: PLC0415 - found only now

    yield rates
    for name in [each for each in sys.modules if each.partition(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.fixture
def sent_share(rates):
    del rates  # only that its folder can be found
    from benchmarks.peers.stock import sent_share  # noqa: PLC0415 - found only now

    return sent_share


def test_what_stock_locust_sent_is_counted_from_when_all_its_users_were_there(sent_share):
    assert sent_share({"there": (10.0, 500), "going": (14.0, 4480)}, 1000) == 0.995
    assert sent_share({"there": (10.0, 0), "going": (14.0, 4040)}, 1000) == 1.0
    assert sent_share({"there": (10.0, 0), "going": (14.0, 9)}, 0) is None


@pytest.mark.parametrize("marks", [{}, {"there": (10.0, 5)}, {"there": (10.0, 5), "going": (10.0, 5)}])
def test_stock_locust_that_never_got_all_its_users_sent_nothing_that_counts(sent_share, marks):
    assert sent_share(marks, 1000) == 0.0


def test_what_stock_locust_sent_is_told_for_every_rate(rates):
    words = rates.told({1000: 0.996, 1500: 0.98, 2000: 0.8})
    assert words == (
        "Locust, bodies not compared: 1000/s; sent 99.6% of 1000/s, 98.0% of 1500/s, 80.0% of 2000/s; at most 1600/s"
    )


def test_every_round_on_one_core_is_shown_and_none_is_picked(rates):
    row = rates.one_core("1 KiB", [(2000.0, 1000.0), (1000.0, 3000.0)])
    assert "rounds: 2000 and 1000, 1000 and 3000" in row.beside
    assert "0.75 times" in row.beside
    assert row.kept is False
    assert "bodies compared" in row.what
    assert "bodies not compared" in row.beside
