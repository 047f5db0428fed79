"""Saying something once to a host that loses answers and shows late what it was told."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github.ensure import PAUSES, Again, Doubt, Known, Look, Once, Send, Stop, await_seen, next_move
from bot.adapters.github.failures import Unsure, rejected
from bot.adapters.github.lately import FILE, LAG
from bot.errors import BotError, Reason

SECONDS = st.floats(-30, 40)
REFUSALS = (403, 404, 409, 410, 422)


@dataclass
class Told:
    """A clock that only sleeping moves."""

    time: float = 100.0

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.time)

    def monotonic(self):
        return self.time

    def sleep(self, seconds):
        assert self.time + seconds > self.time
        self.time += seconds


@dataclass
class World:
    """Things with the moment from which reads show them; `script` is what happens to each sending."""

    clock: Told
    lag: float
    script: list = field(default_factory=list)
    made: list = field(default_factory=list)
    sends: int = 0
    patience: float = 10_000

    def wait(self, seconds):
        self.patience -= seconds
        if self.patience >= 0:
            self.clock.sleep(seconds)
        return self.patience >= 0

    def write(self, do):
        fate = self.script.pop(0) if self.script else "answered"
        self.sends += 1
        if isinstance(fate, int):
            raise rejected(fate, {}, None)
        if fate == "not done":
            raise Unsure("no word")
        made = do(None)
        if fate == "lost":
            raise Unsure("no word")
        return made

    def create(self, repository):
        del repository
        self.made.append((len(self.made) + 1, self.clock.time + self.lag))
        return {"id": len(self.made)}

    def find(self):
        shown = [number for number, at in self.made if self.clock.time >= at]
        return {"id": shown[0]} if shown else None

    def hide(self):
        """Reads fall behind once more: what they showed is not shown for a while."""
        now = self.clock.time
        self.made = [(number, now + self.lag if now >= at else at) for number, at in self.made]


def world(lag=0.0, *script):
    return World(Told(), lag, list(script))


def said(there, again=Again.NEVER, once=None):
    try:
        return (once or Once(there)).ensure("a thing", there.find, there.create, again)
    except BotError as error:
        return error.reason


FATES = st.sampled_from(["answered", "lost", "not done", *REFUSALS])


@given(st.floats(0, LAG), st.lists(FATES, max_size=6), st.integers(1, 5), st.floats(0.001, 30), st.booleans())
def test_whatever_gets_lost_there_is_never_a_second_one_and_never_a_false_success(lag, script, calls, pause, hides):
    there = World(Told(), lag, script)
    once = Once(there)
    for _ in range(calls):
        found = said(there, once=once)
        assert found in ({"id": 1}, Reason.HOST_FAILED, Reason.HOST_REFUSED)
        assert not isinstance(found, dict) or len(there.made) == 1
        if hides:
            there.hide()
        there.clock.time += pause
    assert len(there.made) <= 1


@given(st.floats(0, LAG), st.lists(FATES, max_size=4))
def test_saying_it_again_comes_to_an_end_once_the_faults_do(lag, script):
    there = World(Told(), lag, list(script))
    once = Once(there)
    for _ in range(len(script) + 1):
        try:
            once.ensure("a thing", there.find, there.create)
        except BotError:
            there.clock.time += LAG
    assert len(there.made) == 1
    assert once.ensure("a thing", there.find, there.create) == {"id": 1}


def test_what_is_there_is_left_alone():
    there = world()
    there.create(None)
    assert said(there) == {"id": 1}
    assert there.sends == 0


def test_a_lost_answer_is_settled_by_looking_until_reads_have_caught_up():
    there = world(5.0, "lost")
    assert said(there) == {"id": 1}
    assert there.sends == 1
    assert there.clock.time < 100 + LAG


def test_what_was_seen_a_moment_ago_is_not_taken_for_missing_when_reads_fall_behind():
    there = world(12.0, "lost")
    once = Once(there)
    once.ensure("a thing", there.find, there.create)
    there.hide()
    there.clock.time += 4
    assert once.ensure("a thing", there.find, there.create) == {"id": 1}
    assert there.sends == 1


def test_what_somebody_took_away_is_made_again_once_reads_must_show_that_it_is_gone():
    there = world()
    once = Once(there)
    once.ensure("a thing", there.find, there.create)
    there.made.clear()
    there.clock.time += LAG
    once.ensure("a thing", there.find, there.create)
    assert there.sends == 2


def test_looking_ends_where_the_run_has_no_more_time_for_it():
    there = world(10.0, "lost")
    there.patience = 3
    assert said(there) is Reason.HOST_FAILED
    assert there.clock.time <= 103
    there.patience, there.clock.time = 100, 111
    assert said(there) == {"id": 1}


def test_what_was_not_done_stays_unsaid_and_the_next_time_it_is_said():
    there = world(0.0, "not done")
    once = Once(there)
    with pytest.raises(BotError, match="not known whether GitHub has a thing"):
        once.ensure("a thing", there.find, there.create)
    assert there.clock.time >= 100 + LAG
    assert once.ensure("a thing", there.find, there.create) == {"id": 1}
    assert there.sends == 2


def test_a_thing_that_may_be_said_twice_is_sent_again_after_reads_have_caught_up():
    there = world(0.0, "not done")
    assert said(there, Again.HARMLESS) == {"id": 1}
    assert there.sends == 2
    assert there.clock.time >= 100 + LAG


def test_even_that_is_not_sent_for_ever():
    there = world(0.0, *["not done"] * 9)
    assert said(there, Again.HARMLESS) is Reason.HOST_FAILED
    assert there.sends == 2


@pytest.mark.parametrize("status", [409, 422])
def test_it_exists_already_is_taken_for_a_reason_to_look_not_for_a_failure(status):
    there = world(3.0, status)
    there.create(None)
    assert said(there) == {"id": 1}
    assert there.sends == 1


@pytest.mark.parametrize("status", [409, 422])
def test_what_is_refused_as_it_is_does_not_get_sent_again(status):
    there = world(0.0, status, status)
    assert said(there, Again.HARMLESS) is Reason.HOST_FAILED
    assert there.sends == 1


@pytest.mark.parametrize("status", [400, 403, 404, 410, 413])
def test_a_clear_no_needs_no_second_look(status):
    there = world(0.0, status)
    assert said(there) is Reason.HOST_REFUSED
    assert there.clock.time == 100
    assert said(there) == {"id": 1}


def test_what_was_made_a_moment_ago_is_known_though_reads_do_not_show_it_yet():
    there = world(5.0)
    once = Once(there)
    once.ensure("a thing", there.find, there.create)
    assert there.find() is None
    assert once.ensure("a thing", there.find, there.create) == {"id": 1}
    assert there.sends == 1
    assert there.clock.time == 100
    assert once.ensure("another", lambda: None, lambda _: {"id": 7}) == {"id": 7}


@given(st.floats(0, LAG), st.sampled_from(["answered", "lost", "not done"]), st.floats(0, 20))
def test_a_process_that_goes_on_after_a_crash_sends_nothing_twice(lag, fate, pause):
    """The first one is killed in the middle of its sending, before it heard anything."""
    with TemporaryDirectory() as folder:
        there = World(Told(), lag, [fate])
        first, second = Once(there), Once(there)
        first.lately.folder = second.lately.folder = Path(folder)
        there.write, written = raising(there.write), there.write
        with pytest.raises(KeyboardInterrupt):
            first.ensure("a thing", there.find, there.create)
        there.write = written
        there.clock.time += pause
        assert second.ensure("a thing", there.find, there.create) == {"id": 1}
        assert len(there.made) == 1


def raising(write):
    def wrapped(do):
        with suppress(Unsure):
            write(do)
        raise KeyboardInterrupt

    return wrapped


def test_a_clear_no_is_no_reason_for_the_next_process_to_wait(tmp_path):
    there = world(0.0, 403)
    for _ in range(2):
        once = Once(there)
        once.lately.folder = tmp_path
        outcome = said(there, once=once)
    assert outcome == {"id": 1}
    assert there.clock.time == 100


@pytest.mark.parametrize("text", [b"", b"{", b"[]\n3\n", b'{"key": "a thing", "until": "soon"}\n', b"\xff\xfe\n"])
def test_a_damaged_memory_of_an_earlier_process_is_none(tmp_path, text):
    (tmp_path / FILE).write_bytes(text)
    once = Once(world())
    once.lately.folder = tmp_path
    assert once.lately.since("a thing") is None
    once.lately.sent("a thing")
    later = Once(world())
    later.lately.folder = tmp_path
    assert later.lately.since("a thing") == 0


def test_a_clock_that_was_set_back_makes_nobody_wait_for_hours(tmp_path):
    ahead, there = world(), world()
    ahead.clock.time += 86_400
    before, after = Once(ahead), Once(there)
    before.lately.folder = after.lately.folder = tmp_path
    before.lately.sent("a thing")
    after.ensure("a thing", there.find, there.create)
    assert there.clock.time < 200


def test_a_change_is_written_without_looking_and_looked_for_when_its_answer_is_lost():
    there = world(2.0, "lost")
    shown = []

    def change(_):
        shown.append(there.clock.time + there.lag)
        return {"id": 1, "new": True}

    def find():
        return {"id": 1, "new": bool(shown and there.clock.time >= shown[0])}

    once = Once(there)
    assert once.change("a thing", find, lambda item: item["new"], change) == {"id": 1, "new": True}
    assert there.sends == 1
    assert once.lately.made("a thing") == {"id": 1, "new": True}


def test_something_that_others_wrote_is_waited_for_as_long_as_reads_may_lag():
    there = world(4.0)
    there.create(None)
    assert await_seen(there, there.find) == {"id": 1}
    missing = world()
    assert await_seen(missing, missing.find) is None
    assert LAG <= missing.clock.time - 100 < LAG + max(PAUSES)


KNOWN = st.builds(Known, st.integers(0, 3), st.sampled_from([None, *Doubt]), SECONDS, st.integers(0, 12))


@given(KNOWN, st.sampled_from(Again))
def test_nothing_is_sent_in_doubt_before_reads_must_have_caught_up(known, again):
    move = next_move(known, again)
    in_doubt = known.doubt is not None
    if in_doubt and known.since < LAG:
        assert isinstance(move, Look)
        assert 0 < move.after <= max(LAG - known.since, 0.01)
    if isinstance(move, Send):
        assert not in_doubt or known.since >= LAG


@given(KNOWN)
def test_what_must_not_be_there_twice_is_never_sent_twice_by_one_attempt(known):
    if known.doubt is not None and known.sends:
        assert not isinstance(next_move(known, Again.NEVER), Send)
        assert isinstance(next_move(replace(known, since=LAG), Again.NEVER), Stop)
