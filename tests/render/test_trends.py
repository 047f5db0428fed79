"""Trends over nights: every number here was computed by hand."""

import dataclasses
import io
import json
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from support import records

from bot.core.candidate import Candidate, Commit
from bot.core.record import Outcome, RunKind
from bot.core.selectors import summary_of
from bot.core.verdict import Check, Result
from bot.render.trend_table import trend_table
from bot.render.trends import Trends, relative_change, trends, waited

KINDS = {"load-1k": "load", "load-64k": "load", "soak": "soak"}
NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)


def run(day, outcome=Outcome.PROMOTED, kind=RunKind.PROMOTION):
    """A run of that night; it took one hour."""
    at = f"2026-11-{day:02}T02:00:00Z"
    return dataclasses.replace(
        summary_of(records.promoted()),
        run_id=f"202611{day:02}-020000-0000",
        started_at=at,
        finished_at=at.replace("T02", "T03"),
        outcome=outcome,
        kind=kind,
    )


def check(scenario, objective, observed, result=Result.PASS, endpoint=None):
    return Check(scenario, endpoint, objective, "< 1s", observed, observed, observed, 1000, result, "A sentence.")


def seen(nights, now=NOW, promoted=()) -> Trends:
    """Trends of (run, checks) pairs."""
    return trends(
        [one for one, _ in nights], {one.run_id: list(checks) for one, checks in nights}, KINDS, promoted, now
    )


def rates(nights):
    return {rate.kind: (rate.passed, rate.judged, rate.share, rate.is_met) for rate in seen(nights).pass_rates}


def test_a_night_passes_when_all_checks_of_all_its_load_tests_do():
    bad = Result.FAIL
    nights = [
        (run(1), [check("load-1k", "p95", 1.0), check("load-64k", "p95", 1.0), check("soak", "p95", 1.0)]),
        (run(2), [check("load-1k", "p95", 1.0), check("load-64k", "p95", 2.0, bad), check("soak", "p95", 1.0)]),
        (run(3), [check("load-1k", "p95", 1.0), check("soak", "p95", 2.0, bad)]),
        (run(4), [check("load-1k", "p95", 1.0), check("soak", "p95", 1.0)]),
    ]
    assert rates(nights) == {"load": (3, 4, 0.75, False), "soak": (3, 4, 0.75, False)}


def test_one_failed_soak_in_twenty_nights_is_within_its_target():
    nights = [(run(day), [check("soak", "p95", 1.0, Result.FAIL if day == 7 else Result.PASS)]) for day in range(1, 21)]
    assert rates(nights)["soak"] == (19, 20, 0.95, True)
    assert rates(nights)["load"] == (0, 0, None, None)


@pytest.mark.parametrize("result", [Result.INVALID, Result.INCONCLUSIVE, Result.FAIL])
def test_anything_but_a_pass_is_no_pass(result):
    assert rates([(run(1), [check("load-1k", "p95", 1.0, result)])])["load"] == (0, 1, 0.0, False)


def test_a_scenario_that_is_no_longer_configured_has_its_course_but_no_rate():
    told = seen([(run(1), [check("gone", "p95", 1.0)])])
    assert [course.scenario for course in told.courses] == ["gone"]
    assert all(rate.judged == 0 for rate in told.pass_rates)


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ([1.0, 1.1, 1.2], 0.2 / 1.1),
        ([1.0, 1.1, 9.0, 1.3, 1.4], 4 * 0.1 / 1.3),  # one bad night is no trend: the median slope is 0.1 a night
        ([2.0, 2.0, 2.0], 0.0),
        ([1.0, 2.0], None),
        ([], None),
        ([0.0, 0.0, 0.0], None),
    ],
)
def test_the_change_is_the_median_slope_over_the_whole_time(values, change):
    assert relative_change(values) == (None if change is None else pytest.approx(change))


@given(st.lists(st.floats(0.001, 10), min_size=3, max_size=20))
def test_backwards_the_change_is_the_opposite(values):
    assert relative_change(values[::-1]) == pytest.approx(-relative_change(values))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, 1.1, 1.2], "rising by 18%"),
        ([1.2, 1.1, 1.0], "falling by 18%"),
        ([1.0, 1.02, 1.01], "steady"),
        ([1.0, 2.0], "too few runs to tell"),
    ],
)
def test_p95_is_told_by_its_direction(values, words):
    nights = [(run(day), [check("load-1k", "p95", value)]) for day, value in enumerate(values, 1)]
    (course,) = seen(nights).courses
    assert (course.words, course.latest, course.runs) == (words, values[-1], len(values))


@pytest.mark.parametrize(
    ("latest", "words"),
    [
        (0.0, "within the baseline"),
        (0.0049, "within the baseline"),
        (0.005, "above the baseline of 0.5%"),
        (0.01, "above the baseline of 0.5%"),
        (0.011, "alert: above 1%"),
    ],
)
def test_error_rates_are_told_by_the_latest(latest, words):
    (course,) = seen([(run(1), [check("soak", "error_rate", latest)])]).courses
    assert course.words == words


def test_order_is_by_time_whatever_order_runs_come_in():
    nights = [(run(day), [check("load-1k", "p95", float(day))]) for day in (3, 1, 2)]
    (course,) = seen(nights).courses
    assert (course.latest, course.median, course.change) == (3.0, 2.0, pytest.approx(1.0))


def test_invalid_or_absent_numbers_and_single_endpoints_are_no_points_of_a_course():
    checks = [
        check("load-1k", "p95", 9.0, Result.INVALID),
        check("load-1k", "p95", None),
        check("load-1k", "p95", 9.0, endpoint="GET /"),
        check("load-1k", "p99", 9.0),
    ]
    assert seen([(run(1), checks)]).courses == ()


def test_blocked_time_lasts_from_the_first_bad_start_to_the_next_good_end():
    bad = Outcome.BLOCKED
    nights = [run(1), run(2, bad), run(3, Outcome.ERROR), run(4, Outcome.INVALID), run(5), run(6, bad), run(7)]
    blocked = seen([(one, ()) for one in nights]).blocked
    assert (blocked.longest, blocked.median, blocked.is_met) == (73.0, 49.0, False)


def test_what_is_blocked_still_lasts_until_now():
    blocked = seen([(run(29, Outcome.BLOCKED), ())]).blocked
    assert (blocked.longest, blocked.is_met) == (24.0, True)


def test_a_refusal_that_stays_is_time_blocked_and_one_that_goes_by_is_none():
    stays, goes = (dataclasses.replace(run(29, Outcome.REFUSED), reason_code=code) for code in ("diverged", "frozen"))
    assert seen([(stays, ())]).blocked.longest == 24.0
    assert seen([(goes, ())]).blocked.longest is None


def promotion(*waits):
    """A promotion whose commits are so many hours old when it ends."""
    record = records.promoted()
    end = datetime.fromisoformat(record.finished_at).timestamp()
    commits = tuple(Commit("a" * 40, (), "Ada", "a@b", 0, int(end - hours * 3600), "fix: x", "") for hours in waits)
    return dataclasses.replace(record, candidate=Candidate("a" * 40, "b" * 40, commits, record.started_at))


def test_a_promotion_waited_as_long_as_its_oldest_commit():
    assert waited(promotion(3, 20, 7)) == pytest.approx(20)
    assert waited(promotion()) is None
    assert waited(records.error()) is None
    lag = seen([(run(1), ())], promoted=[promotion(3), promotion(30), promotion(6)]).lag
    assert (round(lag.longest), round(lag.median), lag.is_met) == (30, 6, False)


def test_without_any_run_there_is_nothing_to_say():
    told = seen([])
    assert (told.runs, told.courses, told.lag.longest, told.blocked.is_met) == (0, (), None, None)
    assert json.loads(json.dumps(asdict(told)))["runs"] == 0


def shown(told):
    out = io.StringIO()
    Console(file=out, width=160, color_system=None).print(trend_table(told))
    return out.getvalue()


def test_the_table_says_what_is_seen_wanted_and_meant():
    nights = [
        (run(1), [check("load-1k", "p95", 0.2), check("load-1k", "error_rate", 0.0)]),
        (run(2), [check("load-1k", "p95", 0.3), check("load-1k", "error_rate", 0.02)]),
    ]
    rows = [" ".join(row.split()) for row in shown(seen(nights, promoted=[promotion(6)])).splitlines()]
    assert rows == [
        "Over 2 runs",
        "Metric Seen Target Meaning",
        "load tests passed 2 of 2 (100%) 100% met",
        "soaks passed – >= 95%",  # noqa: RUF001 - the sign that every report uses for nothing
        "load-1k: p95 latest 300ms, median 250ms too few runs to tell",
        "load-1k: error rate latest 2%, median 1% < 0.5% alert: above 1%",
        "staging to target longest 6.0 h, median 6.0 h < 24 h met",
        "longest blocked – < 48 h",  # noqa: RUF001
    ]


def test_hostile_scenario_names_are_shown_and_not_obeyed():
    text = shown(seen([(run(1), [check("[red]x\x1b[2J", "p95", 1.0)])]))
    assert "[red]x" in text
    assert "\x1b" not in text
