"""Which cases are played when, and that nothing of them is left."""

import subprocess
import sys
import threading
from contextlib import closing

import psutil
import pytest

from bot.core.verdict import Result
from bot.selftest.case import Case, Company, Must
from bot.selftest.outcome import Mark, Outcome
from bot.selftest.runner import play_all


def case(name, company=Company.OTHERS):
    return Case(name, "", Must(Result.PASS), company=company)


def outcome(played):
    return Outcome(played, Mark.RIGHT, Result.PASS, "", 0.0)


def test_every_case_is_played_once_and_those_that_want_no_company_come_last_and_alone():
    busy, most, order = [], {}, []
    lock = threading.Lock()

    def play(played):
        with lock:
            busy.append(played.name)
            order.append(played.name)
            for name in busy:
                most[name] = max(most.get(name, 0), len(busy))
        threading.Event().wait(0.05)
        with lock:
            busy.remove(played.name)
        return outcome(played)

    cases = [case("alone", Company.NOBODY), *(case(str(number)) for number in range(6)), case("b", Company.NOBODY)]
    found = [each.case.name for each in play_all(cases, play, at_once=3)]
    assert sorted(found) == sorted(each.name for each in cases)
    assert found[-2:] == order[-2:] == ["alone", "b"]
    assert most["alone"] == most["b"] == 1
    assert 1 < max(most.values()) <= 3


def test_a_drill_that_is_broken_off_ends_the_processes_of_the_cases_under_way_and_begins_no_other():
    children, begun = [], []
    first = threading.Event()

    def play(played):
        begun.append(played.name)
        if played.name == "quick":
            first.wait(10)
            return outcome(played)
        child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
        children.append(child)
        first.set()
        child.wait()
        return outcome(played)

    def broken_off():
        with closing(play_all([case("quick"), case("long"), case("never")], play, at_once=2)) as played:
            for _ in played:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert children
    assert not [child for child in children if child.poll() is None or psutil.pid_exists(child.pid)]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("drill")]
