"""Several processes of one probe: each is judged by itself, and none hides behind another."""

from dataclasses import replace

from support.evidence import SOAK_OBJECTIVES, series

from bot.core.evidence import ResourceSeries
from bot.core.resources import judge_cpu, judge_memory
from bot.core.verdict import Result

MEASURED = 900.0
MEMORY, CPU = (next(each for each in SOAK_OBJECTIVES if each.key == key) for key in ("memory_growth", "cpu"))
PROBES = ("app",)


def of(replica, **changes):
    return replace(series(MEASURED, 1.0, **changes), replica=replica)


def test_a_leak_in_one_of_them_fails_and_names_it():
    finding = judge_memory(MEMORY, (of("10.0.0.1:80"), of("10.0.0.2:80", growth=0.48)), PROBES, MEASURED)
    assert finding.result is Result.FAIL
    assert "probe app of 10.0.0.2:80" in finding.words


def test_one_without_a_usable_reading_does_not_hide_behind_the_others():
    unread = ResourceSeries("app", "", 1.0, 1.0, (), 900, "9 samples are not usable numbers", "10.0.0.2:80")
    for judge, objective in ((judge_memory, MEMORY), (judge_cpu, CPU)):
        finding = judge(objective, (of("10.0.0.1:80"), unread), PROBES, MEASURED)
        assert finding.result is Result.INVALID
        assert "not usable numbers" in finding.words


def test_one_that_is_heard_only_half_the_time_proves_nothing():
    half = of("10.0.0.2:80")
    half = replace(half, samples=tuple(each for each in half.samples if each.at < MEASURED / 2))
    assert judge_memory(MEMORY, (of("10.0.0.1:80"), half), PROBES, MEASURED).result is Result.INVALID
