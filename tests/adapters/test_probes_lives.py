import pytest

from bot.adapters.probes.lives import Lives


def named(readings, interval=1.0):
    """The lives of (start, CPU seconds) readings, each name once for as long as it goes on."""
    lives = Lives("app", interval)
    names = [lives.instance(start, cpu) for start, cpu in readings]
    return [name for number, name in enumerate(names) if number == 0 or names[number - 1] != name]


@pytest.mark.parametrize(
    "start_and_cpu",
    [
        lambda i: (None if i == 30 else 100.0, i * 0.1),
        lambda i: (None if i in (30, 31, 32) else 100.0, None),
        lambda i: (100.0 + (2 if i > 30 else 0), i * 0.1),
        lambda i: (100.0 - (2 if i > 30 else 0), None),
        lambda i: (100.0 + 0.04 * i, i * 0.1),
        lambda i: (100.0 - 0.04 * i, None),
        lambda i: (100.0 + i % 2, i * 0.1),
        lambda i: (100.0, 10 + i * 0.1 - (5 if i > 30 else 0)),
    ],
    ids=[
        "no start once",
        "neither of them for a moment",
        "the clock was set",
        "the clock was set back",
        "the clock runs fast",
        "the clock runs slow",
        "the start is rounded",
        "a worker ended",
    ],
)
def test_one_process_whose_page_is_not_exact_is_one_life(start_and_cpu):
    assert named(map(start_and_cpu, range(60))) == ["app@100.00"]


def test_a_start_that_is_told_later_belongs_to_the_life_that_goes_on():
    assert named([(None, 5.0), (100.0, 5.1), (100.0, 5.2)]) == ["app"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((100.0, 50.0), (130.0, 0.2)),
        ((100.0, 0.2), (130.0, 0.3)),
        ((100.0, None), (130.0, None)),
        ((100.0, 50.0), (100.0, 0.2)),
        ((100.0, 50.0), (None, 0.2)),
        ((100.0, 50.0), (102.0, 0.2)),
        ((None, 5.0), (None, 4.9)),
    ],
    ids=[
        "start and CPU time",
        "a start that jumps",
        "a start alone",
        "a CPU time that collapses",
        "no start and a CPU time that collapses",
        "a little later, and the CPU time collapses",
        "a CPU time that falls where no start is told",
    ],
)
def test_a_restart_is_another_life(before, after):
    assert len(named([before] * 20 + [after] * 20)) == 2


def test_a_crash_loop_is_no_clock_that_is_set():
    assert len(named([(100.0, 0.2)] * 2 + [(103.0, 0.2)] * 3 + [(106.0, 0.2)] * 3)) == 3


def test_a_start_that_creeps_on_is_no_drift():
    assert len(named((100.0 + i, None) for i in range(20))) > 2


def test_processes_that_answer_in_turn_keep_their_names():
    turns = [(200.0, 1.0 + i) if i % 2 else (100.0, 50.0 + i) for i in range(6)]
    assert named(turns) == ["app@100.00", "app@200.00"] * 3


def test_where_nothing_is_told_for_long_nobody_knows_whose_readings_they_are():
    assert named([(100.0, None)] + [(None, None)] * 4) == ["app@100.00", ""]
    assert named([(None, None), (None, None)]) == [""]
