"""Charts: what they show, how they are thinned, and that they come out as small inline SVG."""

import dataclasses
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.measured import scenario_evidence, scenario_plan
from support.records import blocked_leak, blocked_slow, promoted

from bot.core.evidence import ResourceSample
from bot.core.growth import growth
from bot.core.series import points
from bot.render.charts import draw, ticks
from bot.render.panel import Scale
from bot.render.panels import panels
from bot.render.series import MOST_POINTS, cpu_shares, highest, mean, starting_level, thin

VALUES = st.none() | st.floats(0, 1e6)


def by_title(record, number=0):
    return {panel.title: panel for panel in panels(record.evidence.scenarios[number], record.verdict)}


@given(st.lists(VALUES, max_size=2000))
def test_thinning_keeps_the_highest_value_and_never_exceeds_its_room(values):
    points = [(float(at), value) for at, value in enumerate(values)]
    thinned = thin(points, highest)
    assert len(thinned) <= MOST_POINTS
    assert max((v for _, v in thinned if v is not None), default=None) == max(
        (v for v in values if v is not None), default=None
    )
    assert [at for at, _ in thinned] == sorted(at for at, _ in thinned)


@given(st.integers(1, 3000))
def test_a_silent_stretch_stays_a_gap(length):
    assert all(value is None for _, value in thin([(float(at), None) for at in range(length)], mean))


def test_a_single_spike_of_one_second_is_still_seen_in_a_soak():
    points = [(float(at), 9.0 if at == 431 else 0.1) for at in range(900)]
    assert max(value for _, value in thin(points, highest)) == 9.0


@given(st.floats(0.1, 1e6))
def test_the_time_axis_has_a_handful_of_ticks_inside_the_window(length):
    found = ticks(length)
    assert 1 <= len(found) <= 28
    assert all(0 <= at <= length for at in found)


def test_the_spikes_of_a_soak_reach_its_charts():
    one = scenario_evidence(scenario_plan("soak", rate=500.0, duration=900.0))
    spiked = dataclasses.replace(one.timeline[431], p95=2.0, p99=7.7, ok=100, failed=100)
    one = dataclasses.replace(one, timeline=(*one.timeline[:431], spiked, *one.timeline[432:]))
    latency, _, _, errors, *_ = panels(one, None)
    tops = [max(value for _, value in curve.points if value is not None) for curve in latency.curves[:3]]
    assert tops[1:] == [2.0, 7.7]
    assert max(sum(value or 0.0 for _, value in kinds) for kinds in zip(*(c.points for c in errors.curves))) == 50.0  # noqa: B905 - alike
    assert all(len(curve.points) <= MOST_POINTS for curve in latency.curves)


def test_cpu_is_the_slope_of_the_counter_over_the_cores():
    samples = [ResourceSample(0.0, None, 10.0), ResourceSample(2.0, None, 11.0), ResourceSample(2.0, None, 12.0)]
    assert cpu_shares(samples, cores=2.0) == ((2.0, 0.25),)


def test_the_starting_level_is_not_moved_by_one_outlier():
    assert starting_level([(0.0, 500.0), (1.0, 10.0), (2.0, 11.0), (3.0, 12.0)]) == 11.0


def test_a_limit_that_is_far_away_is_drawn_on_a_logarithmic_axis_and_a_near_one_on_a_plain_one():
    assert by_title(promoted())["Response and service time"].scale is Scale.LOG
    assert by_title(blocked_slow())["Response and service time"].scale is Scale.ZERO


def test_every_limit_is_drawn_in():
    soak = by_title(blocked_leak(), 2)
    assert [bound.text for bound in soak["Response and service time"].bounds] == ["p95 < 1.5s", "p99 < 3s"]
    assert [bound.value for bound in soak["Failed requests"].bounds] == [2.0]
    assert [bound.value for bound in soak["CPU"].bounds] == [70.0]
    assert soak["Memory"].bounds[0].text == "growth < 10%"


def test_a_leak_is_drawn_with_the_trend_that_was_judged():
    memory = by_title(blocked_leak(), 2)["Memory"]
    soak = blocked_leak().evidence.scenarios[2]
    judged = growth(points(soak.resources[0], soak.measured, lambda sample: sample.memory), soak.measured)
    ends = [value for _, value in memory.curves[-1].points]
    assert memory.curves[-1].label == "trend as judged"
    assert ends[-1] / ends[0] - 1 == pytest.approx(judged.observed)
    assert memory.bounds[0].value == pytest.approx(1.1 * ends[0])


def test_a_chart_without_any_value_is_left_out():
    bare = dataclasses.replace(scenario_evidence(scenario_plan()), timeline=(), resources=(), blocks=(), health=())
    assert panels(bare, None) == ()
    assert draw([]) == ()


def test_charts_come_out_in_order_as_small_svg_with_colours_from_the_page():
    shown = panels(promoted().evidence.scenarios[2], None)
    drawn = draw(shown)
    assert len(drawn) == len(shown) == 9
    for svg, panel in zip(drawn, shown, strict=True):
        root = ET.fromstring(svg)
        assert root.get("aria-label") == panel.description
        assert len(svg) < 40_000
        assert all(f"var(--{curve.colour})" in svg for curve in panel.curves)
        texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        assert all(f"limit {bound.text}" in texts for bound in panel.bounds)
        assert "15:00" in texts
