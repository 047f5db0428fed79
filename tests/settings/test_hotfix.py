"""What a hotfix is measured by, as the configuration says it."""

import pytest
from support.configurations import problems_of, settled

from bot.core.loadplan import LoadPlan
from bot.errors import ConfigurationError
from bot.settings.docs import json_schema
from bot.settings.plan import hotfix_plan, load_plan
from bot.settings.schema import Settings


@pytest.fixture
def night(document):
    """Two loads and a soak."""
    (first,) = document["scenario"]
    document["scenario"] = [first, first | {"name": "load-64k"}, first | {"name": "soak", "kind": "soak"}]
    return document


def planned(document) -> tuple[LoadPlan, Settings]:
    settings = settled(document)
    return hotfix_plan(settings), settings


def names(plan):
    return [scenario.name for scenario in plan.scenarios]


def test_without_a_word_every_load_and_no_soak_is_run(night):
    plan, _ = planned(night)
    assert names(plan) == ["load-1k", "load-64k"]


def test_the_named_scenarios_are_run_in_the_order_of_the_file_and_may_be_soaks(night):
    night["hotfix"] = {"scenarios": ["soak", "load-1k"]}
    plan, _ = planned(night)
    assert names(plan) == ["load-1k", "soak"]


def test_they_are_run_as_a_night_runs_them_and_nobody_changed_anything(night):
    plan, settings = planned(night)
    whole = load_plan(settings)
    assert plan.scenarios == whole.scenarios[:2]
    assert plan.changed == ()
    assert (plan.proof, plan.allow_hosts, plan.retry) == (whole.proof, whole.allow_hosts, whole.retry)


def test_where_there_are_only_soaks_somebody_has_to_choose(document):
    document["scenario"][0]["kind"] = "soak"
    with pytest.raises(ConfigurationError) as caught:
        planned(document)
    (problem,) = caught.value.problems
    assert problem.path == "hotfix.scenarios"
    assert "--skip-tests" in problem.allowed
    document["hotfix"] = {"scenarios": ["load-1k"]}
    plan, _ = planned(document)
    assert names(plan) == ["load-1k"]


WRONG = [
    ({"scenarios": ["load-2k"]}, "hotfix.scenarios[0]", 'did you mean "load-1k"'),
    ({"scenarios": ["load-1k", "nothing"]}, "hotfix.scenarios[1]", '"nothing" is not configured'),
    ({"scenarios": ["load-1k", "load-1k"]}, "hotfix.scenarios", "twice"),
    ({"scenarios": []}, "hotfix.scenarios", "nothing would be measured"),
    ({"scenarios": "load-1k"}, "hotfix.scenarios", "not a list"),
    ({"scenarios": [1]}, "hotfix.scenarios", "not a string"),
    ({"scenarios": [" "]}, "hotfix.scenarios", "is empty"),
    ({"scenario": ["load-1k"]}, "hotfix.scenario", 'did you mean "scenarios"'),
    ({"title": "{branch}"}, "hotfix.title", "unknown placeholder"),
    ({}, "hotfix", "is empty"),
]


@pytest.mark.parametrize(("table", "path", "words"), WRONG)
def test_what_is_wrong_is_said_with_its_path(night, table, path, words):
    night["hotfix"] = table
    problems = problems_of(night)
    assert list(problems) == [path]
    assert words in problems[path].wrong


def test_every_unknown_name_is_said_at_once(night):
    night["hotfix"] = {"scenarios": ["a", "load-1k", "b"]}
    assert list(problems_of(night)) == ["hotfix.scenarios[0]", "hotfix.scenarios[2]"]


def test_the_schema_for_editors_knows_the_table():
    table = json_schema()["$defs"]["Hotfix"]["properties"]
    assert (table["scenarios"]["type"], table["scenarios"]["minItems"]) == ("array", 1)
    assert table["title"]["default"] == "Hotfix Release: {date}"
