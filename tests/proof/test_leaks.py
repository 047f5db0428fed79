"""A daemon for three years of nights: no child is left, and neither open files nor memory grow."""

import gc
import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from support.auditor import audit
from support.chaos import TESTS
from support.fakes import Shop
from support.nights import Ears, FakeClock, job
from support.people import Interloper

from bot.core.record import Outcome
from bot.daemon.night import Night

# LEAK_NIGHTS=1000 makes the long run, -s shows its counts; the shape of growth shows in fewer.
IS_LONG = "LEAK_NIGHTS" in os.environ
NIGHTS = int(os.environ.get("LEAK_NIGHTS", "120"))
WHOLE_NIGHTS = NIGHTS if IS_LONG else 8
IN_PROCESS = max(20, NIGHTS // 5)
WARM = 10
HELD = ("open files", "threads", "bytes")
# The daemon looks once a second; a clock that stands still need not wait so long.
PAUSE_S = 0.002
# One whole night with a fake load in a process of its own, as the daemon starts it.
CODE = """
import pathlib
from support.stories import *
folder = pathlib.Path("shop")
number = len(list(folder.glob("state/runs/*"))) + 1
shop = open_shop(folder) if number > 1 else new_shop(folder)
shop.clock.pass_time(86400 * number)
shop.remote.commit("staging", f"feat: {number}")
record = nightly(shop, Silence(), slot=f"night {number}", run_id=f"night-{number:05}")
assert record.outcome == "promoted", record.reason
"""


class Watched:
    """What this process holds, looked at when garbage was collected."""

    def __init__(self):
        self._me = psutil.Process()

    @property
    def children(self):
        # One that ended and was not waited for is one as well.
        return self._me.children(recursive=True)

    @property
    def held(self):
        return self.files, self.threads, self.memory

    @property
    def files(self):
        return self._me.num_fds()

    @property
    def threads(self):
        return self._me.num_threads()

    @property
    def memory(self):
        gc.collect()
        return self._me.memory_info().rss


def serve(job, count, me):
    """One daemon for so many nights, each of which ends well; what it held when it was warm, and what in the end."""
    clock, ears = FakeClock("2026-01-01T01:59:00"), Ears()
    night = Night(job, clock, ears)
    before = me.held
    for number in range(count):
        clock.set((datetime(2026, 1, 1, 2, 0, 1, tzinfo=UTC) + timedelta(days=number)).replace(tzinfo=None).isoformat())
        night.tick()
        assert night.is_running
        while night.is_running:
            night.watch()
            time.sleep(PAUSE_S)
        if number == min(WARM, count // 2):
            before = me.held
    ended = ears.events("night-ended")
    assert len(ended) == count
    assert {each["exit"] for each in ended} == {0}, ears.heard[-3:]
    # The daemon is still there: what it kept would be seen.
    return before, me.held


def tell(what, nights, before, after, children):
    """The counts of the long run, for `-s`: files, threads and bytes when it was warm and at its end."""
    held = ", ".join(f"{name} {old} -> {new}" for name, old, new in zip(HELD, before, after, strict=True))
    print(f"\n{what}: {nights} nights, {children} children left, {held}")  # noqa: T201 - the long run's counts


def assert_flat(before, after, growth):
    """That no file and no thread came to be left open, and that memory grew by less than so many bytes."""
    assert after[0] <= before[0]
    assert after[1] <= before[1]
    assert after[2] - before[2] < growth


def test_the_daemons_parent_keeps_nothing_of_its_nights(tmp_path):
    me = Watched()
    # A shell is a child that starts quickly; it leaves a grandchild behind.
    mark = f"100.{os.getpid()}"
    before, after = serve(replace(job(tmp_path), command=("/bin/sh", "-c", f"sleep {mark} & exit 0")), NIGHTS, me)
    tell("daemon", NIGHTS, before, after, len(me.children))

    # Its parent is gone, so it is nobody's child any more, and would still be there.
    assert not [each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or [])]
    assert me.children == []
    assert_flat(before, after, 4_000_000 + 2_000 * NIGHTS)


def test_one_daemon_serves_whole_nights_and_keeps_nothing_of_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(TESTS), str(TESTS.parent))))
    me = Watched()
    before, after = serve(job(tmp_path, CODE), WHOLE_NIGHTS, me)
    tell("daemon with whole nights", WHOLE_NIGHTS, before, after, len(me.children))

    found = audit(tmp_path / "shop" / "remote.git")
    assert (len(found.entries), found.violations) == (WHOLE_NIGHTS, ())
    assert me.children == []
    assert_flat(before, after, 4_000_000 + 2_000 * WHOLE_NIGHTS)


@pytest.mark.parametrize("ending", ["promoted", "up-to-date"])
def test_a_process_that_runs_night_after_night_keeps_nothing_of_them(tmp_path, ending):
    shop, me, before = Shop(tmp_path), Watched(), None
    for number in range(IN_PROCESS):
        if ending == "promoted" or not number:
            shop.remote.commit("staging", f"feat: {number}")
        record = shop.run(points=Interloper())
        assert record.outcome is (Outcome.PROMOTED if ending == "promoted" or not number else Outcome.UP_TO_DATE)
        shop.watcher.steps.clear()
        if number == WARM:
            before = me.held
    shop.history.close()
    tell(f"one process, {ending}", IN_PROCESS, before, me.held, len(me.children))

    assert me.children == []
    # The fake parts of the shop remember a little of each night; a night that was kept whole would be megabytes.
    assert_flat(before, me.held, 8_000_000 + 100_000 * IN_PROCESS)
