"""Limits relative to past nights, in the file and in "what if"."""

import json
from dataclasses import replace

import pytest
from support.configurations import problems_of, settled
from support.evidence import below, load_plan
from support.histories import P95

from bot.core.limits import Comparison, Unit
from bot.core.loadplan import Objective, RelativeObjective
from bot.errors import ConfigurationError
from bot.settings.docs import json_schema
from bot.settings.plan import load_plan as planned
from bot.settings.whatif import WhatIf, parse_objectives

PROBE = [{"name": "app", "kind": "http", "url": "/metrics"}]


def slo_of(document):
    return document["scenario"][0]["slo"]


def relative_of(document):
    return settled(document).scenario[0].slo.relative_objectives()


def test_a_key_may_have_one_limit_or_a_list_of_them(document):
    slo_of(document)["p95"] = ["< 1.5s", "< 1.2x baseline", "< baseline + 50ms"]
    slo_of(document)["GET /"] = {"p99": "<= 1.5x baseline"}
    slo = settled(document).scenario[0].slo
    assert [(each.key, each.limit.text) for each in slo.all_objectives()] == [("error_rate", "< 2%"), ("p95", "< 1.5s")]
    assert slo.relative_objectives() == (
        P95,
        RelativeObjective("p95", Comparison.BELOW, 1.0, 0.05, Unit.SECONDS, "< baseline + 50ms"),
        RelativeObjective("p99", Comparison.AT_MOST, 1.5, 0.0, Unit.SECONDS, "<= 1.5x baseline", "GET /"),
    )


def test_the_plan_has_them(document):
    slo_of(document)["p95"] = ["< 1.5s", "< 1.2x baseline"]
    assert planned(settled(document)).scenarios[0].relative == (P95,)


def test_they_are_written_back_as_they_were(document):
    slo_of(document)["p95"] = ["< 1.5s", "< 1.2x baseline"]
    slo = settled(document).scenario[0].slo
    assert json.loads(slo.model_dump_json())["p95"] == ["< 1.5s", "< 1.2x baseline"]
    assert json.loads(slo.model_dump_json())["error_rate"] == "< 2%"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("p95", "> 1.2x baseline", "not a limit relative"),
        ("p95", "< 1.2 x baselines", "not a limit relative"),
        ("p95", "< baseline", "every second healthy night"),
        ("p95", "< 0.9x baseline", "out of range"),
        ("p95", "< 1000x baseline", "out of range"),
        ("p95", "< baseline + 1%", "wrong unit"),
        ("p95", "< baseline + 2h", "out of range"),
        ("cpu", "< baseline + 50ms", "wrong unit"),
        ("error_rate", "< 2x baseline", "needs an allowance"),
        ("memory_growth", "< 1.5x baseline", "needs an allowance"),
        ("rate", ">= 0.9x baseline", "of which this objective has none"),
        ("rate", [">= 99%"], "a list, not a string"),
        ("p95", [], "an empty list"),
        ("p95", ["< 1.5s", "< 1s"], "more than one limit"),
        ("p95", ["< 1.2x baseline", "< 1.2x baseline"], "twice"),
        ("p95", ["< 1.5s", 3], "not a string"),
        ("p95", ["< 1.5s", ["< 1.2x baseline"]], "not a string"),
    ],
)
def test_what_makes_no_sense_is_refused(document, key, value, words):
    document["probe"] = PROBE
    slo_of(document)[key] = value
    (problem,) = problems_of(document).values()
    assert words in problem.wrong
    assert problem.path == f'scenario "load-1k".slo.{key}'


@pytest.mark.parametrize(
    "slo",
    [{"p95": "< 1.2x baseline"}, {"p95": ["< 1.2x baseline"], "GET /": {"p99": "< baseline + 10ms"}}],
)
def test_a_scenario_needs_a_limit_that_a_first_night_can_be_held_to(document, slo):
    document["scenario"][0]["slo"] = slo
    (problem,) = problems_of(document).values()
    assert "relative to past nights: while there are none, nothing would be judged" in problem.wrong
    slo["GET /x"] = {"p95": "< 3s"}
    assert relative_of(document)


@pytest.mark.parametrize(
    "value", ["< 1.5s", "< 1.2x baseline", "<= baseline + 50ms", ["< 1.5s", "< 1.1x baseline + 10ms"]]
)
def test_the_schema_for_editors_knows_them(value):
    import re  # noqa: PLC0415 - for this test alone

    one, several = json_schema()["$defs"]["Slo"]["properties"]["p95"]["oneOf"]
    texts = value if isinstance(value, list) else [value]
    assert all(re.search(one["pattern"], text) for text in texts)
    assert several["items"] == one
    assert not re.search(one["pattern"], "< 1.2x base")


def test_what_if_replaces_every_limit_of_the_objectives_that_it_names():
    plan = replace(load_plan(), relative=(P95, replace(P95, key="p99")))
    wanted = parse_objectives({"p95": "< 2x baseline", "p50": "< 1s"}, "--set")
    found = wanted.on(plan)
    assert [each.key for each in found.objectives] == ["error_rate", "p99", "p50"]
    assert [(each.key, each.text) for each in found.relative] == [("p99", "< 1.2x baseline"), ("p95", "< 2x baseline")]


def test_what_if_in_numbers_takes_the_place_of_a_relative_limit_too():
    plan = replace(load_plan(), relative=(P95,))
    found = parse_objectives({"p95": "< 1s"}, "--set").on(plan)
    assert [each.limit.text for each in found.objectives] == ["< 2%", "< 1s", "< 3s"]
    assert found.relative == ()


def test_what_if_nothing_is_named_nothing_changes():
    plan = replace(load_plan(), relative=(P95,))
    assert WhatIf().on(plan) == plan


def test_the_later_what_if_wins():
    first = parse_objectives({"p95": ["< 1s", "< 1.2x baseline"], "p50": "< 1s"}, "file")
    both = first.then(parse_objectives({"p95": "< 2s"}, "--set"))
    assert [(each.key, each.limit.text) for each in both.objectives] == [("p50", "< 1s"), ("p95", "< 2s")]
    assert both.relative == ()


def test_a_bad_what_if_names_its_source():
    with pytest.raises(ConfigurationError, match="--set"):
        parse_objectives({"p95": "< baseline"}, "--set")


def test_the_endpoint_is_part_of_what_is_replaced():
    mine = Objective("p95", below(1.0), "GET /")
    plan = replace(load_plan(), objectives=(*load_plan().objectives, mine))
    found = parse_objectives({"p95": "< 1.2x baseline"}, "--set").on(plan)
    assert mine in found.objectives
    assert [each.key for each in found.objectives if each.endpoint is None] == ["error_rate", "p99"]
