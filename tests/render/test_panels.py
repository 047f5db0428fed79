"""What the charts show: the service, the generator that measured it, and the nights before."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.extremes import HOSTILE, with_text_everywhere
from support.measured import health, scenario_evidence, scenario_plan
from support.records import (
    SAMPLES,
    aborted,
    closed,
    distributed,
    extended,
    past_nights,
    shown_as,
    weak_generator,
    with_history,
)

from bot.core.evidence import Block, Blocks, Histogram
from bot.core.record import Nights
from bot.render import charts
from bot.render.charts import draw
from bot.render.failure_panel import failure_panel
from bot.render.heat_panel import heat_panel
from bot.render.html import render_html
from bot.render.night_panels import MOST_NIGHTS, night_panels, shown_nights
from bot.render.panel import About, Curve, Stroke
from bot.render.panels import panels

BUCKETS = st.dictionaries(st.integers(1, 3_600_000_000), st.integers(1, 10_000), max_size=12)


def shown(record, number=0):
    one = record.evidence.scenarios[number]
    return {panel.title: panel for panel in panels(one, record.verdict, shown_nights(record))}


def curves(panel):
    return {curve.label: curve for curve in panel.curves}


def highest(curve):
    return max(value for _, value in curve.points if value is not None)


def test_a_weak_generator_stands_apart_by_the_gap_between_response_and_service_time():
    times = curves(shown(weak_generator())["Response and service time"])
    assert highest(times["p99"]) > 2 * highest(times["p99 of the service time"])
    healthy = curves(shown(extended())["Response and service time"])
    assert highest(healthy["p99"]) < 1.1 * highest(healthy["p99 of the service time"])


def test_a_closed_model_has_one_time_and_no_plan():
    panel = shown(closed())
    assert [curve.label for curve in panel["Service time"].curves] == ["p50", "p95", "p99"]
    assert [curve.label for curve in panel["Requests"].curves] == ["sent"]
    assert "Service times over time" in panel


def test_arrivals_are_drawn_against_the_course_that_was_planned():
    planned = curves(shown(distributed())["Arrivals"])["planned"]
    assert planned.points == ((0.0, 100.0), (60.0, 1000.0), (60.0, 1000.0), (120.0, 1000.0))
    assert planned.stroke is Stroke.DASHED


def test_a_course_longer_than_what_was_measured_is_cut_where_the_measuring_ended():
    record = distributed()
    one = dataclasses.replace(record.evidence.scenarios[0], measured=30.0)
    planned = curves({panel.title: panel for panel in panels(one, None)}["Arrivals"])["planned"]
    assert planned.points == ((0.0, 100.0), (30.0, 550.0))


def test_an_extension_is_marked_where_the_plan_ended():
    assert [(mark.at, mark.text) for mark in shown(extended())["Arrivals"].marks] == [(120.0, "planned end")]
    assert shown(aborted())["Arrivals"].marks == ()


def test_failures_stand_on_each_other_by_kind_and_add_up():
    one = aborted().evidence.scenarios[0]
    panel = failure_panel(one)
    assert [curve.label for curve in panel.curves] == ["HTTP 503", "timeout"]
    assert all(curve.stroke is Stroke.STACK for curve in panel.curves)
    for index, second in enumerate(one.timeline):
        whole = sum(curve.points[index][1] for curve in panel.curves)
        assert whole == pytest.approx(100 * second.failed / (second.ok + second.failed), abs=0.001)


def test_kinds_beyond_the_most_frequent_ones_and_those_without_a_name_are_not_lost():
    one = scenario_evidence(scenario_plan())
    kinds = tuple((f"HTTP {number}", 10) for number in range(500, 507))
    odd = dataclasses.replace(one.timeline[0], ok=20, failed=80, failures=kinds)
    found = curves(failure_panel(dataclasses.replace(one, timeline=(odd,))))
    assert list(found) == ["HTTP 500", "HTTP 501", "HTTP 502", "HTTP 503", "other failures"]
    assert found["other failures"].points == ((0.0, 40.0),)


def test_every_request_of_a_block_is_in_its_column_of_the_heat_map():
    panel = heat_panel(scenario_evidence(scenario_plan()))
    assert {cell.start for shade in panel.shades for cell in shade.cells} <= {10.0 * n for n in range(12)}
    at_half = [cell for shade in panel.shades for cell in shade.cells if cell.start <= 60.0 < cell.end]
    assert min(cell.low for cell in at_half) < 12 < max(cell.high for cell in at_half)


def blocks(*columns):
    made = tuple(
        Block(
            10.0 * n,
            sum(column.values()),
            0,
            Histogram(tuple(sorted(column)), tuple(column[v] for v in sorted(column))),
        )
        for n, column in enumerate(columns)
    )
    return dataclasses.replace(scenario_evidence(scenario_plan()), blocks=(Blocks(None, 10.0, made),))


@given(st.lists(BUCKETS, max_size=8))
def test_a_heat_map_covers_whatever_was_measured(columns):
    panel = heat_panel(blocks(*columns))
    cells = [(shade, cell) for shade in panel.shades for cell in shade.cells]
    assert bool(cells) == any(columns)
    for number, column in enumerate(columns):
        for value in column:
            inside = [
                c
                for _, c in cells
                if c.start <= 10.0 * number < c.end and c.low < max(value / 1e3, 0.01) <= c.high * 1.001
            ]
            assert inside, (number, value)
    assert len(cells) <= 27 * max(1, len(columns))


def test_few_slow_requests_are_seen_beside_many_fast_ones():
    panel = heat_panel(blocks({1000: 9_999, 5_000_000: 1}))
    faint, *_, dark = panel.shades
    assert next(cell.high for cell in dark.cells) < 2
    assert next(cell.low for cell in faint.cells) > 1000


def test_each_load_process_has_its_line_beside_the_limit():
    panel = shown(distributed())
    assert [curve.label for curve in panel["Generator CPU"].curves] == [
        "main",
        "worker-1",
        "worker-2",
        "10.0.0.7:worker-3",
    ]
    assert [bound.value for bound in panel["Generator CPU"].bounds] == [90.0]
    delays = panel["Generator delays"]
    assert delays.about is About.GENERATOR
    assert {bound.text for bound in delays.bounds} == {"loop lag <= 50ms", "lateness <= 75ms"}


def test_throttling_is_drawn_only_where_it_happened():
    one = scenario_evidence(scenario_plan())
    assert not any("throttled" in label for panel in panels(one, None) for label in curves(panel))
    (well,) = one.health
    held = dataclasses.replace(well, samples=tuple(dataclasses.replace(s, throttled=0.3) for s in well.samples))
    panel = {panel.title: panel for panel in panels(dataclasses.replace(one, health=(held,)), None)}
    assert list(curves(panel["Generator without a core"])) == ["main", "throttled, main"]


def test_what_a_system_does_not_tell_is_not_drawn():
    one = scenario_evidence(scenario_plan())
    silent = dataclasses.replace(health("main", 3.0), samples=())
    titles = [panel.title for panel in panels(dataclasses.replace(one, health=(silent,)), None)]
    assert "Generator CPU" not in titles


def test_tonight_stands_beside_the_last_thirty_nights_with_baseline_limit_and_new_level():
    panel = shown(with_history())["p95, last 30 nights"]
    found = curves(panel)
    assert sum(len(found[name].points) for name in found if name[:1].isdigit()) == MOST_NIGHTS - 1
    assert found["tonight: FAIL"].points == ((30.0, pytest.approx(29.65, abs=0.01)),)
    assert [(bound.word, bound.text) for bound in panel.bounds] == [
        ("baseline", "23.8ms"),
        ("limit", "tonight < 28.56ms"),
    ]
    assert [mark.at for mark in panel.marks] == [20.5]
    assert panel.ticks[-1] == (29.0, "11-20")


def test_nights_without_a_number_and_hostile_dates_are_left_out():
    record = with_history()
    nights = (*past_nights(0.02, 0.02, 4), dataclasses.replace(past_nights(0.02, 0.02, 1)[0], observed=float("nan")))
    odd = tuple(dataclasses.replace(night, at=HOSTILE) for night in nights)
    plan = record.plan.scenarios[0]
    (panel,) = night_panels(plan, record.verdict, (Nights("load-1k", None, "p95", shown_as(odd)),))
    assert panel.ticks == ()
    assert len(panel.curves[0].points) == 5


def test_nights_that_did_not_pass_are_shown_in_colour_shape_and_words():
    panel = shown(with_history())["p95, last 30 nights"]
    drawn = {curve.label: (curve.colour, curve.stroke) for curve in panel.curves if curve.label}
    assert drawn == {
        "10 promoted": ("good", Stroke.DOTS),
        "15 passed": ("calm", Stroke.DOTS),
        "2 blocked": ("bad", Stroke.SQUARES),
        "1 inconclusive": ("warn", Stroke.SQUARES),
        "1 invalid": ("p95", Stroke.SQUARES),
        "tonight: FAIL": ("bad", Stroke.RING),
    }
    assert all(f"{name} at " in panel.description for name in drawn)


def test_a_run_of_an_older_version_shows_the_nights_that_passed():
    old = dataclasses.replace(with_history(), nights=())
    drawn = [curve.label for curve in shown(old)["p95, last 30 nights"].curves]
    assert drawn == ["", "10 promoted", "19 passed", "tonight: FAIL"]


def test_a_history_that_could_not_be_read_is_said():
    said = "the history could not be read"
    record = dataclasses.replace(with_history(), evidence=None, nights=None)
    assert said in render_html(record)
    assert said not in render_html(dataclasses.replace(record, nights=()))


def test_two_scenarios_do_not_share_their_nights():
    assert not any(panel.about is About.NIGHTS for panel in shown(with_history(), 1).values())


@pytest.mark.parametrize("name", SAMPLES)
def test_whatever_names_say_only_our_own_words_are_drawn(name):
    record = with_text_everywhere(SAMPLES[name](), HOSTILE)
    for one in record.evidence.scenarios if record.evidence else ():
        for panel in panels(one, record.verdict, shown_nights(record)):
            words = [panel.title, panel.unit, *(text for _, text in panel.ticks), *(mark.text for mark in panel.marks)]
            words += [f"{bound.word} {bound.text}{bound.colour}" for bound in panel.bounds]
            words += [curve.colour for curve in panel.curves]
            assert not any("script" in text or "datum" in text or "evil" in text for text in words)


def test_a_heat_map_is_a_handful_of_paths():
    panel = heat_panel(scenario_evidence(scenario_plan("soak", rate=500.0, duration=900.0)))
    assert sum(len(shade.cells) for shade in panel.shades) > 100
    (svg,) = draw([panel])
    assert svg.count('fill="var(--heat)"') == sum(bool(shade.cells) for shade in panel.shades)
    assert len(svg) < 60_000


def test_a_moment_without_any_request_stays_blank():
    panel = heat_panel(blocks({1000: 5}, {}, {1000: 5}))
    spans = [(cell.start, cell.end) for shade in panel.shades for cell in shade.cells]
    assert spans == [(0.0, 10.0), (20.0, 120.0)]


def test_kinds_of_failure_are_stacked_and_a_gap_is_no_zero():
    below = {}
    lower, upper = (
        charts._stacked(Curve(name, "error", ((0.0, first), (1.0, None)), Stroke.STACK), below)["data"]["values"]
        for name, first in (("HTTP 503", 3.0), ("timeout", 2.0))
    )
    assert [(row["y2"], row["y"]) for row in lower] == [(0.0, 3.0), (0.0, None)]
    assert [(row["y2"], row["y"]) for row in upper] == [(3.0, 5.0), (0.0, None)]
