"""Progress: a live panel on a terminal, heartbeats elsewhere; no line of a dying child may break either."""

import dataclasses
import io
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from support.extremes import HOSTILE
from support.measured import SHA, SLOW, load_plan, scenario_evidence, scenario_plan, timeline

from bot.core.loadplan import OpenModel, Stretch
from bot.flows.ports import Watcher
from bot.render.progress import HeartbeatProgress, QuietProgress, TerminalProgress
from bot.render.pulse import Pulse

PLAN = scenario_plan("soak", rate=500.0, duration=900.0)
KINDS = (
    "start",
    "second",
    "user-error",
    "refused",
    "end",
    "resource",
    "probe",
    "deployed",
    "health",
    "extended",
    "aborted",
    "else",
)
KEYS = (
    "t",
    "due",
    "sent",
    "ok",
    "failed",
    "late",
    "p95",
    "probe",
    "memory",
    "cpu_seconds",
    "sha",
    "cores",
    "process",
    "wait",
    "lag",
    "duration",
    "words",
)
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
)
LINES = st.lists(
    st.builds(
        lambda kind, phase, rest: {"phase": phase, **rest, "kind": kind},
        st.sampled_from(KINDS),
        st.sampled_from(("warmup", "measured", "drain")),
        st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8),
    ),
    max_size=12,
)


def lines(seconds):
    yield {"kind": "probe", "t": 990.0, "probe": "app", "interval": 1.0, "cores": 2.0}
    yield {"kind": "start", "t": 1000.0, "warmup": 10.0, "duration": 900.0, "model": "open"}
    for second in timeline(PLAN, SLOW)[:seconds]:
        at = 1001.0 + second.at
        counts = {"due": second.due, "sent": second.sent, "failed": second.failed, "late": 0, "p95": second.p95}
        yield {"kind": "second", "t": at, "phase": "measured", **counts}
        yield {"kind": "resource", "t": at, "probe": "app", "memory": 2e8, "cpu_seconds": 1.6 * second.at}


def heartbeats(seconds, every=30.0):
    stream = io.StringIO()
    watcher = HeartbeatProgress(stream, every=every)
    watcher.scenario_started(PLAN, 3, 3)
    for line in lines(seconds):
        watcher.second(line)
    return stream.getvalue().splitlines()


def live(record=None):
    stream = io.StringIO()
    return TerminalProgress(Console(file=stream, width=100, force_terminal=True), record), stream


def test_both_are_watchers():
    watchers: list[Watcher] = [HeartbeatProgress(io.StringIO()), live(load_plan())[0]]
    assert len(watchers) == 2


def test_a_heartbeat_comes_every_thirty_seconds_of_the_lines_own_time():
    told = heartbeats(95)
    assert told[0] == "soak: scenario 3 of 3, 500 arrivals/s, open model, 15m"
    assert [line.split(";")[0] for line in told[1:]] == [f"soak: {at} of 15m" for at in ("20s", "50s", "1m20s")]


def test_a_heartbeat_names_rate_errors_p95_and_what_is_beyond_its_limit():
    beat = heartbeats(60)[-1]
    assert "sent 500/s of 500/s" in beat
    assert "limit < 1.5s BEYOND" in beat
    assert "CPU app 80%, limit < 70% BEYOND" in beat
    assert "errors" in beat


def test_a_clock_that_was_set_back_does_not_silence_the_run():
    stream = io.StringIO()
    watcher = HeartbeatProgress(stream)
    watcher.scenario_started(PLAN, 1, 1)
    for at in (1000.0, 1031.0, 500.0, 531.0):
        watcher.second({"kind": "second", "t": at, "sent": 1})
    assert stream.getvalue().count("\n") == 4


def test_quiet_progress_says_warnings_alone():
    stream = io.StringIO()
    watcher = QuietProgress(stream)
    watcher.step("fetch", "staging and main")
    watcher.scenario_started(PLAN, 1, 1)
    for line in lines(95):
        watcher.second(line)
    watcher.scenario_ended(scenario_evidence(PLAN))
    watcher.step("warning", "The history is lost.")
    watcher.close()
    assert stream.getvalue() == "warning: The history is lost.\n"


def test_steps_and_ends_are_lines_of_their_own():
    stream = io.StringIO()
    watcher = HeartbeatProgress(stream)
    watcher.step("fetch", "staging and main")
    watcher.scenario_started(PLAN, 1, 1)
    watcher.scenario_ended(scenario_evidence(PLAN))
    told = stream.getvalue().splitlines()
    assert told[0] == "fetch: staging and main"
    assert told[-1] == "soak: completed after 15m, 450,000 requests, 270 failed"


def test_the_panel_shows_time_rate_limits_and_colour_beyond_them():
    watcher, stream = live()
    with watcher:
        watcher.scenario_started(PLAN, 3, 3)
        for line in lines(65):
            watcher.second(line)
        watcher.second({"kind": "deployed", "t": 1067.0, "phase": "during", "sha": SHA})
    text = stream.getvalue()
    for said in ("[3/3] soak", "1m5s of 15m", "500/s of 500/s", "limit < 1.5s (beyond)", f"staging runs {SHA}"):
        assert said in text
    assert "\x1b[1;31m" in text


def test_closing_gives_the_terminal_back_and_twice_is_fine():
    watcher, stream = live()
    watcher.scenario_started(PLAN, 1, 1)
    watcher.close()
    watcher.close()
    assert stream.getvalue().rfind("\x1b[?25h") > stream.getvalue().rfind("\x1b[?25l")


def test_a_step_after_a_broken_scenario_ends_its_panel():
    watcher, stream = live()
    watcher.scenario_started(PLAN, 1, 1)
    watcher.step("report")
    assert stream.getvalue().endswith("report\n")
    assert watcher._live is None


def test_foreign_text_in_lines_commands_no_terminal():
    stream = io.StringIO()
    watcher = HeartbeatProgress(stream, every=0.0)
    watcher.scenario_started(PLAN, 1, 1)
    for kind in KINDS:
        for _ in range(2):
            texts = dict.fromkeys(("phase", "probe", "sha", "error", "text", "address", "process", "words"), HOSTILE)
            watcher.second({"kind": kind, "t": 5.0, "memory": 1.0, "cpu_seconds": 1.0, **texts})
    assert not set("\x1b\x00\x08\u202e\x07") & set(stream.getvalue())


@settings(max_examples=40, deadline=None)
@given(LINES)
def test_no_line_whatever_is_in_it_breaks_the_progress(found):
    watcher, _ = live()
    beat = HeartbeatProgress(io.StringIO(), every=0.0)
    with watcher:
        for one in (watcher, beat):
            one.scenario_started(PLAN, 1, 1)
            for line in found:
                one.second(line)


@pytest.mark.parametrize("odd", [None, True, "7", [], math.nan, math.inf, -math.inf, 10**400])
def test_a_number_that_is_none_counts_nothing(odd):
    pulse = Pulse(PLAN)
    pulse.take({"kind": "start", "t": 1.0})
    keys = ("t", "due", "sent", "failed", "late", "p95")
    pulse.take({"kind": "second", "phase": "measured", **dict.fromkeys(keys, odd)})
    assert (pulse.at, pulse.due, pulse.sent, pulse.failed, pulse.late, pulse.p95) == (1.0, 0, 0, 0, 0, None)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_elapsed_time_stays_within_the_window(found):
    pulse = Pulse(PLAN)
    for line in found:
        pulse.take(line)
        assert 0 <= pulse.elapsed <= PLAN.duration


def watched(*told):
    stream = io.StringIO()
    watcher = HeartbeatProgress(stream, every=10.0)
    watcher.scenario_started(PLAN, 3, 3)
    for line in (*lines(20), *told, {"kind": "second", "t": 1040.0, "phase": "measured", "sent": 500}):
        watcher.second(line)
    return stream.getvalue()


def test_that_a_scenario_goes_on_is_said_and_its_time_is_the_longer_one():
    told = watched({"kind": "extended", "t": 1021.0, "seconds": 450.0, "duration": 1350.0})
    assert "soak: undecided, so it goes on to 22m30s\n" in told
    assert told.splitlines()[-1].startswith("soak: 40s of 22m30s; ")


def test_that_a_scenario_is_given_up_is_said_with_the_reason():
    told = watched({"kind": "aborted", "t": 1021.0, "words": "half of the requests failed\x1b[2J"})
    assert "soak: stopped early: half of the requests failed" in told
    assert "\x1b" not in told


def test_news_stay_on_a_terminal_above_the_panel():
    watcher, stream = live()
    with watcher:
        watcher.scenario_started(PLAN, 3, 3)
        watcher.second({"kind": "extended", "t": 1.0, "seconds": 450.0, "duration": 1350.0})
    assert "soak: undecided, so it goes on to 22m30s" in stream.getvalue()


def test_a_strained_generator_is_one_number_and_a_healthy_one_is_none():
    health = {"kind": "health", "t": 1021.0, "process": "worker-2", "cpu": 0.42, "wait": 0.01, "lag": 0.004}
    assert "generator" not in watched(health)
    strained = watched(*[health | {"cpu": 0.97}] * 5)
    assert "generator worker-2: CPU 97 %, limit 90 % BEYOND" in strained


def test_the_planned_rate_follows_the_course():
    model = OpenModel(1000.0, 100, (Stretch(10.0, 100.0, 1000.0),))
    pulse = Pulse(dataclasses.replace(PLAN, model=model))
    pulse.take({"kind": "start", "t": 1000.0})
    rates = []
    for at in (1001.0, 1005.0, 1060.0):
        pulse.take({"kind": "second", "t": at, "phase": "measured"})
        rates.append(pulse.planned_rate)
    assert rates == pytest.approx([145.0, 505.0, 1000.0])
