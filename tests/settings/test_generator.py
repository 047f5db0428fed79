"""Who sends the load, how weak they may be, when it goes on or ends early, and what is remembered of past nights."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import records
from support.configurations import problems_of, settled

from bot.adapters.records import decode, encode
from bot.core.loadplan import BaselineRule, GeneratorLimits, Workers
from bot.settings.loadkinds import share
from bot.settings.plan import load_plan


def plan_of(document):
    return load_plan(settled(document))


WRONG = [
    ("generator", {"workers": 257}, "workers", "out of range"),
    ("generator", {"workers": True}, "workers", "true or false"),
    ("generator", {"workers": 0}, "workers", "leaves nobody"),
    ("generator", {"expect_workers": -1}, "expect_workers", "out of range"),
    ("generator", {"expect_deadline": 60}, "expect_deadline", "not a string"),
    ("generator", {"expect_deadline": "0s"}, "expect_deadline", "out of range"),
    ("generator", {"bind": "0.0.0.0"}, "bind", "no worker is expected"),
    ("generator", {"bind": "10.0.0.5"}, "bind", "no worker is expected"),
    ("generator", {"bind": "load.acme.example", "expect_workers": 1}, "bind", "not an IP address"),
    ("generator", {"bind": "127.0.0.1:5557"}, "bind", "not an IP address"),
    ("generator", {"port": 0}, "port", "out of range"),
    ("generator", {"port": 65_536}, "port", "out of range"),
    ("generator", {"min_sent": 99.5}, "min_sent", "not a string"),
    ("generator", {"min_sent": ">= 99.5%"}, "min_sent", "not a percentage"),
    ("generator", {"min_sent": "0.995"}, "min_sent", "not a percentage"),
    ("generator", {"min_sent": "89.9%"}, "min_sent", "out of range"),
    ("generator", {"min_sent": "100.1%"}, "min_sent", "out of range"),
    ("generator", {"max_lateness": "10%"}, "max_lateness", "not a duration"),
    ("generator", {"max_lateness": "11s"}, "max_lateness", "out of range"),
    ("generator", {"max_lateness_share": "-5%"}, "max_lateness_share", "not a percentage"),
    ("generator", {"max_cpu": "1001%"}, "max_cpu", "out of range"),
    ("generator", {"max_wait": "101%"}, "max_wait", "out of range"),
    ("generator", {"max_throttled": ""}, "max_throttled", "is empty"),
    ("generator", {"max_lag": "0s"}, "max_lag", "out of range"),
    ("generator", {"max_files": "200%"}, "max_files", "out of range"),
    ("generator", {"max_memory": "1GiB"}, "max_memory", "unknown key"),
    ("gate", {"retry": 4}, "retry", "out of range"),
    ("gate", {"retry": -1}, "retry", "out of range"),
    ("gate", {"retry": True}, "retry", "true or false"),
    ("gate", {"retries": 1}, "retries", 'did you mean "retry"'),
    ("baseline", {"nights": 1}, "nights", "out of range"),
    ("baseline", {"nights": 3}, "nights", "asks for 5 nights of 3"),
    ("baseline", {"least": 21}, "least", "asks for 21 nights of 20"),
    ("baseline", {"anchor": -1}, "anchor", "out of range"),
    ("baseline", {"jump": 0}, "jump", "out of range"),
    ("baseline", {"jump": "4"}, "jump", "not a number"),
    ("baseline", {"change_point": "fail"}, "change_point", "unknown"),
    ("baseline", {"change_point": True}, "change_point", "true or false"),
]


@pytest.mark.parametrize(("section", "table", "key", "words"), WRONG, ids=str)
def test_a_value_that_makes_no_sense_is_refused_and_nothing_else(document, section, table, key, words):
    document[section] = table
    (problem,) = problems_of(document).values()
    assert problem.path == f"{section}.{key}"
    assert words in problem.wrong
    assert problem.allowed


@pytest.mark.parametrize("section", ["generator", "gate", "baseline"])
def test_an_empty_table_is_refused(document, section):
    document[section] = {}
    assert "is empty" in problems_of(document)[section].wrong
    document[section] = 1
    assert "not a table" in problems_of(document)[section].wrong


SCENARIO = [
    ("extend", "0%", "out of range"),
    ("extend", "201%", "out of range"),
    ("extend", 0.5, "not a string"),
    ("extend", "half", "not a percentage"),
    ("abort", "false", "a string, not true or false"),
    ("abort", 0, "a whole number, not true or false"),
    ("workers", 0, "leaves nobody"),
    ("workers", 300, "out of range"),
    ("workers", "2", "not a whole number"),
    ("tags", "checkout", "not a list"),
    ("tags", [""], "entry 1 is empty"),
    ("tags", ["a", "b", "a"], "twice"),
    ("exclude_tags", [3], "entry 1 is a whole number"),
    ("mix", {}, "is empty"),
    ("mix", [], "a list, not a table"),
    ("mix", {"look": 0}, 'gives "look" a weight that is out of range'),
    ("mix", {"look": True}, "true or false"),
    ("mix", {"look": float("inf")}, "finite"),
    ("mix", {"": 1}, "is empty"),
    ("config_users", {}, "not a list"),
    ("config_users", ["Shopper"], "entry 1 is a string, not a table"),
    ("config_users", [{"weight": 2}], "entry 1 has no user_class_name"),
    ("config_users", [{"user_class_name": 3}], "user_class_name that is a whole number"),
    ("config_users", [{"user_class_name": "A", "x": float("nan")}], "not finite"),
    ("config_users", [{"user_class_name": "A"}, {"user_class_name": "A"}], "twice"),
]


@pytest.mark.parametrize(("key", "value", "words"), SCENARIO, ids=str)
def test_a_key_of_a_scenario_that_makes_no_sense_is_refused_and_nothing_else(document, key, value, words):
    document["scenario"][0][key] = value
    (problem,) = problems_of(document).values()
    assert problem.path == f'scenario "load-1k".{key}'
    assert words in problem.wrong
    assert problem.allowed


def test_a_tag_cannot_be_wanted_and_unwanted(document):
    document["scenario"][0] |= {"tags": ["a", "b"], "exclude_tags": ["b"]}
    (problem,) = problems_of(document).values()
    assert "stands in tags as well" in problem.wrong


def test_without_these_keys_the_plan_has_the_defaults_of_its_values(document):
    plan = plan_of(document)
    (scenario,) = plan.scenarios
    assert (plan.retry, plan.baseline) == (0, BaselineRule())
    assert (scenario.generator, scenario.workers) == (GeneratorLimits(), Workers())
    assert (scenario.extend, scenario.abort) == (0.0, True)
    assert (scenario.tags, scenario.exclude_tags, scenario.config_users) == ((), (), ())


def test_every_key_reaches_the_plan(document):
    document["scenario"][0] |= {
        "extend": "50%",
        "abort": False,
        "tags": ["checkout"],
        "exclude_tags": ["slow"],
        "config_users": [{"user_class_name": "Shopper", "weight": 2, "shops": ["a"]}],
    }
    document["generator"] = {
        "min_sent": "99%",
        "max_lateness": "20ms",
        "max_lateness_share": "10%",
        "max_cpu": "80%",
        "max_wait": "3%",
        "max_throttled": "1%",
        "max_lag": "30ms",
        "max_files": "70%",
    }
    document["gate"] = {"retry": 2}
    document["baseline"] = {"nights": 30, "least": 7, "anchor": 9, "jump": 5, "change_point": "block"}
    plan = plan_of(document)
    (scenario,) = plan.scenarios
    assert (scenario.extend, scenario.abort) == (0.5, False)
    assert (scenario.tags, scenario.exclude_tags) == (("checkout",), ("slow",))
    assert scenario.config_users == ({"user_class_name": "Shopper", "weight": 2, "shops": ["a"]},)
    assert scenario.generator == GeneratorLimits(0.99, 0.02, 0.1, 0.8, 0.03, 0.01, 0.03, 0.7)
    assert (plan.retry, plan.baseline) == (2, BaselineRule(30, 7, 9, 5.0, block=True))
    stored = decode(encode(replace(records.promoted(), plan=plan)), source="run.json")
    assert stored.plan == plan


def test_a_scenario_may_have_local_workers_of_its_own(document):
    document["scenario"].append({**document["scenario"][0], "name": "other", "workers": 1})
    document["generator"] = {
        "workers": 2,
        "expect_workers": 3,
        "bind": "0.0.0.0",
        "port": 6000,
        "expect_deadline": "2m",
    }
    first, second = (each.workers for each in plan_of(document).scenarios)
    assert first == Workers(2, 3, "0.0.0.0", 6000, 120.0)
    assert second == replace(first, local=1)


def test_others_may_send_all_the_load(document):
    document["generator"] = {"workers": 0, "expect_workers": 1}
    assert plan_of(document).scenarios[0].workers == Workers(0, 1)


def test_workers_may_come_by_a_tunnel_to_this_machine(document):
    document["generator"] = {"expect_workers": 1, "bind": "::1"}
    assert plan_of(document).scenarios[0].workers.bind == "::1"


@given(st.integers(1, 2 * 10**11).map(lambda billionths: billionths / 10**9))
def test_a_percentage_is_written_as_it_is_read(percent):
    leaf = share("200%")
    found = leaf.parse(f"{percent:.9f}%")
    assert leaf.parse(leaf.dump(found)) == found
