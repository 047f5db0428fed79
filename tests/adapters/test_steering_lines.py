"""Reading what the lines tell of the load processes and of the orders they got; no line can make the reader fail."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scenariofiles import T0, plan, write

from bot.adapters.measurements import read_scenario
from bot.adapters.observations import Observations
from bot.adapters.steering import read_abort, read_extended, read_health, read_workers
from bot.core.evidence import Abort, Ending, WorkerEvidence

WHY = {"at": 2.0, "objective": "error_rate", "endpoint": None, "rule": "certain", "words": "enough"}


def observed(*lines):
    seen = Observations()
    for line in lines:
        seen.lines[line["kind"]].append(line)
    return seen


def health(at, process="main", **readings):
    return {"kind": "health", "t": T0 + at, "process": process, **readings}


def rewritten(folder, change):
    """The scenario's lines, changed one by one; None leaves a line out."""
    path = folder / "load.ndjson"
    lines = [change(json.loads(line)) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines if line))


def test_health_is_read_by_process_and_within_the_window_only():
    lines = [health(at, name, cpu=0.5, sockets=3) for at in (-3.0, 0.0, 1.0, 2.0, 3.01, 4.0) for name in ("a", "b\x1b")]
    first, second = read_health(observed(*lines), T0, 3.0)
    assert [sample.at for sample in first.samples] == pytest.approx([1.0, 2.0, 3.01])
    assert (first.process, second.process, len(second.samples)) == ("a", "b", 3)
    assert (first.samples[0].cpu, first.samples[0].wait, first.samples[0].sockets) == (0.5, None, 3)


def test_even_a_run_of_less_than_a_second_has_a_sample():
    (main,) = read_health(observed(health(0.001), health(0.4)), T0, 0.4)
    assert [sample.at for sample in main.samples] == pytest.approx([0.4])


def test_a_run_that_was_stopped_lacks_nothing_of_what_it_measured(tmp_path):
    write(tmp_path, seconds=2)
    stopped = {"ending": "aborted", "detail": "enough", "measured": 2.0}
    rewritten(tmp_path, lambda line: line | {"start": {"duration": 60.0}, "end": stopped}.get(line["kind"], {}))
    with (tmp_path / "load.ndjson").open("a") as file:
        file.write(json.dumps({"kind": "aborted", "t": T0 + 2, **WHY}) + "\n")
    seen = read_scenario(plan(duration=60.0), tmp_path)
    assert (seen.ending, seen.ending_detail, seen.measured, seen.truncated) == (Ending.ABORTED, "enough", 2.0, ())
    assert seen.abort == Abort(**WHY)


def test_a_run_that_was_stopped_must_have_written_every_second_that_it_measured(tmp_path):
    write(tmp_path, seconds=3)
    stopped = {"ending": "aborted", "measured": 3.0}
    rewritten(tmp_path, lambda line: line | (stopped if line["kind"] == "end" else {}))
    rewritten(tmp_path, lambda line: None if line.get("t") == T0 + 2 and line["kind"] == "second" else line)
    assert "only 2 of 3 measured seconds were written" in read_scenario(plan(), tmp_path).truncated


def test_an_extension_must_be_in_the_files(tmp_path):
    write(tmp_path, seconds=3)
    with (tmp_path / "load.ndjson").open("a") as file:
        file.write(json.dumps({"kind": "extended", "t": T0 + 2, "seconds": 2.0, "duration": 5.0}) + "\n")
    seen = read_scenario(plan(), tmp_path)
    assert seen.extended == 2.0
    assert "only 3 of 5 measured seconds were written" in seen.truncated


def test_workers_are_those_of_the_closing_line():
    told = {"name": "worker-1", "intervals": 3, "expected": 4, "skew": -0.01, "rtt": 0.002, "trouble": ["gap\x1b"]}
    assert read_workers({"workers": [told, {"name": "nameless"}, 7, {**told, "intervals": -1}]}) == (
        WorkerEvidence("worker-1", 3, 4, -0.01, 0.002, ("gap",)),
    )
    assert read_workers({}) == read_workers(None) == ()


ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*WHY, "seconds", "process", "cpu", "sockets"]), ANYTHING), ANYTHING)
def test_no_line_can_break_the_reader(facts, workers):
    lines = ({"kind": kind, "t": T0 + 1, **facts} for kind in ("health", "extended", "aborted"))
    seen = observed(*lines)
    assert read_extended(seen) >= 0
    assert isinstance(read_abort(seen), Abort)
    assert len(read_health(seen, T0, 3.0)) == 1
    read_workers({"workers": workers})
