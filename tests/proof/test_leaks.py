"""A daemon for three years of nights: no child is left, and neither open files nor memory grow."""

import gc
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from support.fakes import Shop
from support.nights import Ears, FakeClock, job
from support.people import Interloper

from bot.core.record import Outcome
from bot.daemon.night import Night

# LEAK_NIGHTS=1000 makes the long run; the shape of growth shows in fewer.
NIGHTS = int(os.environ.get("LEAK_NIGHTS", "120"))
IN_PROCESS = max(20, NIGHTS // 5)
WARM = 10


class Watched:
    """What this process holds, looked at when garbage was collected."""

    def __init__(self):
        self._me = psutil.Process()

    @property
    def children(self):
        return [each for each in self._me.children(recursive=True) if each.status() != psutil.STATUS_ZOMBIE]

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


def test_the_daemons_parent_keeps_nothing_of_its_nights(tmp_path):
    clock, ears, me = FakeClock("2026-01-01T01:59:00"), Ears(), Watched()
    # A shell is a child that starts quickly; it leaves a grandchild behind.
    mark = f"100.{os.getpid()}"
    night = Night(replace(job(tmp_path), command=("/bin/sh", "-c", f"sleep {mark} & exit 0")), clock, ears)
    before = None
    for number in range(NIGHTS):
        clock.set((datetime(2026, 1, 1, 2, 0, 1, tzinfo=UTC) + timedelta(days=number)).replace(tzinfo=None).isoformat())
        night.tick()
        assert night.is_running
        while night.is_running:
            night.watch()
        if number == WARM:
            before = me.files, me.threads, me.memory
    ended = ears.events("night-ended")

    assert len(ended) == NIGHTS
    assert {each["exit"] for each in ended} == {0}
    # Its parent is gone, so it is nobody's child any more, and would still be there.
    assert not [each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or [])]
    assert me.children == []
    assert me.files <= before[0]
    assert me.threads <= before[1]
    assert me.memory - before[2] < 4_000_000 + 2_000 * NIGHTS


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
            before = me.files, me.threads, me.memory
    shop.history.close()

    assert me.children == []
    assert me.files <= before[0]
    assert me.threads <= before[1]
    # The fake parts of the shop remember a little of each night; a night that was kept whole would be megabytes.
    assert me.memory - before[2] < 8_000_000 + 100_000 * IN_PROCESS
