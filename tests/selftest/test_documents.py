"""From a case to its configuration."""

from bot.core.verdict import Result
from bot.selftest.case import Case, Must
from bot.selftest.documents import document, fill


def made(tmp_path, **tables):
    return document(Case("x", "", Must(Result.PASS), **tables), tmp_path, {"url": "http://127.0.0.1:9", "port": "7"})


def test_values_take_the_place_of_their_names_wherever_they_stand():
    filled = fill({"a": ["{url}/x", 1], "b": {"c": "{port}{port}"}, "d": ("{none}",)}, {"url": "u", "port": "7"})
    assert filled == {"a": ["u/x", 1], "b": {"c": "77"}, "d": ["{none}"]}


def test_a_case_is_laid_over_a_small_healthy_run(tmp_path):
    whole = made(tmp_path, scenario={"rate": 5, "options": {"to": "{port}"}}, staging={"allow_hosts": ["h:{port}"]})
    (scenario,) = whole["scenario"]
    assert (scenario["rate"], scenario["duration"], scenario["options"]) == (5, "3s", {"to": "7"})
    assert whole["staging"] == {"url": "http://127.0.0.1:9", "version_url": "/version", "allow_hosts": ["h:7"]}
    assert "probe" not in whole


def test_none_takes_a_key_away(tmp_path):
    whole = made(tmp_path, staging={"version_url": None}, generator=None)
    assert "version_url" not in whole["staging"]
    assert "generator" not in whole


def test_users_take_the_place_of_the_rate(tmp_path):
    (scenario,) = made(tmp_path, scenario={"users": 3})["scenario"]
    assert scenario["users"] == 3
    assert not {"rate", "pool"} & scenario.keys()


def test_the_one_probe_has_a_name(tmp_path):
    assert made(tmp_path, probe={"kind": "process"})["probe"] == [{"name": "service", "kind": "process"}]
