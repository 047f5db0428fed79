"""Nights of one repository: started once, late or said to be missed, and never left alive."""

import json
import os
import signal

import psutil
import pytest
from support.nights import Ears, FakeClock, job, until

from bot.daemon.night import RETRY_S, Night

TOUCH = "import os; open('nights', 'a').write(os.environ['PROMOTE_SLOT'] + '\\n')"
SLEEP = "import time; time.sleep(600)"


class World:
    """One job, its clock, and the scheduler's words; `restart` is a new scheduler on the same disk."""

    def __init__(self, folder, now="2026-11-20T12:00:00", code=TOUCH, **changes):
        self.folder, self.clock, self.ears = folder, FakeClock(now), Ears()
        self.job = job(folder, code, **changes)
        self.restart()

    def restart(self):
        self.night = Night(self.job, self.clock, self.ears)

    def tick_until_idle(self):
        self.night.tick()

        def ended():
            self.night.watch()
            return not self.night.is_running

        until(ended, "the night ends")

    def at(self, text):
        self.clock.set(text)
        self.tick_until_idle()

    @property
    def nights(self):
        path = self.folder / "nights"
        return path.read_text().split() if path.exists() else []

    def slots(self):
        return json.loads((self.folder / "state" / "scheduler.json").read_text())["slots"]


@pytest.fixture
def world(tmp_path):
    made = []

    def make(**changes):
        made.append(World(tmp_path, **changes))
        return made[-1]

    yield make
    for each in made:
        each.night.kill()


def test_the_night_starts_at_its_slot_and_is_told_which(world):
    shop = world()
    shop.at("2026-11-21T01:59:59")
    assert shop.nights == []
    shop.at("2026-11-21T02:00:00")
    assert shop.nights == ["2026-11-21"]
    (started,) = shop.ears.events("night-started")
    (ended,) = shop.ears.events("night-ended")
    assert (started["slot"], started["late_s"], ended["exit"]) == ("2026-11-21", 0, 0)


def test_looking_again_at_the_same_night_starts_nothing(world):
    shop = world()
    for second in range(5):
        shop.at(f"2026-11-21T02:00:0{second}")
    assert shop.nights == ["2026-11-21"]


def test_a_restart_in_the_same_night_starts_nothing(world):
    shop = world()
    shop.at("2026-11-21T02:00:00")
    shop.restart()
    shop.at("2026-11-21T02:30:00")
    assert shop.nights == ["2026-11-21"]


def test_a_clock_set_back_over_the_slot_does_not_run_it_twice(world):
    shop = world()
    shop.at("2026-11-21T02:00:00")
    shop.at("2026-11-21T01:30:00")
    shop.at("2026-11-21T02:00:00")
    assert shop.nights == ["2026-11-21"]


def test_half_past_two_in_berlin_runs_once_in_the_night_that_has_it_twice(world):
    shop = world(now="2026-10-24T12:00:00", cron="30 2 * * *", zone="Europe/Berlin")
    for hour in range(6):
        shop.at(f"2026-10-25T0{hour}:30:00")
    assert shop.nights == ["2026-10-25"]


def test_a_night_slept_through_runs_late_once(world):
    shop = world()
    shop.at("2026-11-21T07:00:00")
    shop.at("2026-11-21T07:00:01")
    assert shop.nights == ["2026-11-21"]
    assert shop.ears.events("night-started")[0]["late_s"] == 5 * 3600
    assert shop.ears.events("night-missed") == []


def test_nights_too_long_ago_are_said_and_remembered_as_missed(world):
    shop = world(now="2026-11-18T12:00:00")
    shop.restart()
    shop.at("2026-11-21T03:00:00")
    assert shop.nights == ["2026-11-21"]
    missed = shop.ears.events("night-missed")
    assert [(each["slot"], each["why"]) for each in missed] == [
        ("2026-11-19", "nothing was there to start it in time"),
        ("2026-11-20", "nothing was there to start it in time"),
    ]
    assert [shop.slots()[day]["state"] for day in ("2026-11-19", "2026-11-20", "2026-11-21")] == [
        "missed", "missed", "ended",
    ]  # fmt: skip


def test_a_missed_night_is_said_once(world):
    shop = world()
    shop.at("2026-11-21T12:00:00")
    shop.restart()
    shop.at("2026-11-21T12:00:01")
    assert len(shop.ears.events("night-missed")) == 1
    assert shop.nights == []


def test_nothing_before_the_first_start_is_missed(world):
    shop = world(now="2026-11-21T05:00:00")
    shop.tick_until_idle()
    assert [event for event, _ in shop.ears.heard] == []


def test_a_memory_begun_by_a_wrong_clock_does_not_stop_all_nights(world):
    shop = world(now="2031-01-01T00:00:00")
    shop.at("2026-11-20T12:00:00")
    shop.restart()
    shop.at("2026-11-21T02:00:00")
    assert shop.nights == ["2026-11-21"]


def test_nights_of_a_wrong_clock_in_the_future_do_not_hide_the_next(world):
    shop = world()
    shop.at("2031-01-01T02:00:00")
    shop.at("2026-11-21T02:00:00")
    assert shop.nights == ["2031-01-01", "2026-11-21"]


def test_exit_codes_are_said(world):
    shop = world(code="raise SystemExit(3)")
    shop.at("2026-11-21T02:00:00")
    assert shop.ears.events("night-ended")[0]["exit"] == 3
    assert shop.slots()["2026-11-21"]["exit_code"] == 3


BUSY_TWICE = TOUCH + "; import sys; sys.exit(7 if len(open('nights').readlines()) < 3 else 0)"


def test_a_night_that_finds_the_lock_held_is_tried_again_until_it_is_free(world):
    shop = world(code=BUSY_TWICE)
    shop.at("2026-11-21T02:00:00")
    shop.tick_until_idle()
    assert len(shop.nights) == 1  # not at once
    for _ in range(4):
        shop.clock.pass_time(RETRY_S)
        shop.tick_until_idle()
    assert shop.nights == ["2026-11-21"] * 3
    assert shop.slots()["2026-11-21"]["state"] == "ended"


def test_a_lock_held_for_too_long_makes_the_night_missed(world):
    shop = world(code="raise SystemExit(7)")
    shop.at("2026-11-21T02:00:00")
    shop.clock.pass_time(7 * 3600)
    shop.tick_until_idle()
    assert shop.ears.events("night-missed")[0]["why"] == "another run held the lock until it was too late"


def test_a_scheduler_that_died_during_the_night_starts_it_again(world):
    shop = world(code=SLEEP)
    shop.clock.set("2026-11-21T02:00:00")
    shop.night.tick()
    orphan = shop.night
    shop.job = job(shop.folder, TOUCH)
    shop.restart()
    shop.at("2026-11-21T02:10:00")
    orphan.kill()
    assert shop.nights == ["2026-11-21"]


def test_a_night_whose_scheduler_died_and_came_back_too_late_is_said(world):
    shop = world(code=SLEEP)
    shop.clock.set("2026-11-21T02:00:00")
    shop.night.tick()
    orphan = shop.night
    shop.restart()
    shop.at("2026-11-21T12:00:00")
    orphan.kill()
    assert "the scheduler ended while this night ran" in shop.ears.events("night-missed")[0]["why"]


def test_a_night_that_was_stopped_with_the_scheduler_runs_again_when_it_is_back(world):
    shop = world(code=SLEEP)
    shop.clock.set("2026-11-21T02:00:00")
    shop.night.tick()
    shop.night.ask_to_stop()
    until(lambda: shop.night.watch() or not shop.night.is_running, "SIGTERM ends the night")
    assert shop.slots()["2026-11-21"]["state"] == "interrupted"
    shop.job = job(shop.folder, TOUCH)
    shop.restart()
    shop.at("2026-11-21T02:20:00")
    assert shop.nights == ["2026-11-21"]


def test_a_night_past_its_deadline_is_killed_and_said(world):
    shop = world(code=SLEEP, deadline=60.0)
    shop.clock.set("2026-11-21T02:00:00")
    shop.night.tick()
    pid = shop.ears.events("night-started")[0]["pid"]
    shop.clock.pass_time(61)
    shop.night.tick()
    (ended,) = shop.ears.events("night-ended")
    assert ended["exit"] in (-signal.SIGTERM, -signal.SIGKILL)
    assert ended["why"] == "killed after 60 s"
    assert not psutil.pid_exists(pid)


FAMILY = """
import subprocess, sys, time
code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
sleep = [sys.executable, "-c", code]
children = [subprocess.Popen(sleep, stdout=subprocess.PIPE, start_new_session=own) for own in (False, True)]
for child in children:
    child.stdout.readline()
with open("family.tmp", "w") as file:
    file.write(" ".join(str(child.pid) for child in children))
import os
os.rename("family.tmp", "family")
time.sleep(600)
"""


def _family(folder):
    until((folder / "family").exists, "the night has children")
    return [psutil.Process(int(pid)) for pid in (folder / "family").read_text().split()]


def _is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_killing_a_night_kills_its_children_in_whatever_session(world, tmp_path):
    shop = world(code=FAMILY)
    shop.clock.set("2026-11-21T02:00:00")
    shop.night.tick()
    family = _family(tmp_path)
    shop.night.kill()
    until(lambda: all(map(_is_gone, family)), "the whole family ends")
    assert not shop.night.is_running


def test_stragglers_of_a_night_that_ended_by_itself_are_ended(world, tmp_path):
    code = FAMILY.rsplit("time.sleep", 1)[0]
    shop = world(code=code.replace("(False, True)", "(False,)"))
    shop.at("2026-11-21T02:00:00")
    straggler = int((tmp_path / "family").read_text())
    until(lambda: not psutil.pid_exists(straggler) or _is_gone(psutil.Process(straggler)), "the straggler ends")


def test_a_command_that_cannot_be_started_is_said_and_tried_again(world):
    shop = world()
    missing = job(shop.folder, command=("/nonexistent/python",))
    shop.job = missing
    shop.restart()
    shop.at("2026-11-21T02:00:00")
    assert "No such file" in str(shop.ears.events("tick-failed")[0]["error"])
    shop.clock.pass_time(7 * 3600)
    shop.tick_until_idle()
    assert "could not be started: No such file" in shop.ears.events("night-missed")[0]["why"]


def test_a_damaged_memory_is_moved_aside_and_said(world):
    shop = world()
    for number, text in enumerate(
        ['{"schema_version": 1', '{"schema_version": 2}', "[]", '{"schema_version": 1, "since": 5}']
    ):
        (shop.folder / "state" / "scheduler.json").write_text(text)
        shop.restart()
        shop.at(f"2026-11-2{number}T12:00:00")
        assert len(shop.ears.events("memory-damaged")) == number + 1
    assert len(list((shop.folder / "state").glob("scheduler.json.damaged-*"))) == 4


def test_a_disk_that_forgets_the_slot_starts_no_night(world, monkeypatch):
    shop = world()

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    shop.at("2026-11-21T02:00:00")
    monkeypatch.undo()
    assert shop.nights == []
    assert "No space left" in str(shop.ears.events("tick-failed")[0]["error"])
    shop.clock.pass_time(RETRY_S)
    shop.tick_until_idle()
    assert shop.nights == ["2026-11-21"]


def test_the_memory_does_not_grow_for_ever(world):
    shop = world(now="2024-01-01T00:00:00")
    shop.at("2026-11-21T02:00:00")
    assert len(shop.slots()) == 400
    assert len(shop.ears.events("night-missed")) > 1000
    assert max(shop.slots()) == "2026-11-21"
