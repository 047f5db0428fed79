import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from support.configurations import VALID, problems_of, settled

from bot.core.loadplan import OpenModel
from bot.settings import docs
from bot.settings.load import load_settings
from bot.settings.plan import load_plan
from bot.settings.schema import TABLES
from bot.settings.table import fields_of

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
STARTER = Path(str(files("bot.settings").joinpath("starter.toml")))
LIMITS = [("error_rate", "< 2%"), ("p95", "< 1.5s"), ("p99", "< 3s")]


@pytest.mark.parametrize("path", [CONFIG / "promotion.toml", STARTER], ids=["promotion", "starter"])
def test_the_soak_of_the_nightly_is_what_the_mission_asks_for(path):
    soak = load_plan(load_settings(path)).scenarios[-1]
    assert (soak.model.rate, soak.duration) == (500.0, 900.0)
    assert [(each.key, each.limit.text) for each in soak.objectives] == [
        *LIMITS,
        ("memory_growth", "< 10%"),
        ("cpu", "< 70%"),
    ]


def test_the_loads_of_the_nightly_are_what_the_mission_asks_for():
    found = load_settings(CONFIG / "promotion.toml")
    assert (found.schedule.cron, found.schedule.timezone) == ("0 2 * * *", "UTC")
    for scenario, payload in zip(load_plan(found).scenarios, ("1KiB", "64KiB"), strict=False):
        assert scenario.model == OpenModel(1000.0, 2000)
        assert (scenario.duration, scenario.options) == (120.0, {"payload": payload})
        assert [(each.key, each.limit.text) for each in scenario.objectives] == LIMITS


def test_the_demo_is_short_and_stays_on_this_machine():
    plan = load_plan(load_settings(CONFIG / "demo.toml"))
    assert plan.allow_hosts == ("127.0.0.1:8080",)
    assert sum(each.duration + each.warmup for each in plan.scenarios) <= 30


def test_the_reference_is_current():
    hint = "run scripts/config-docs"
    assert (CONFIG / "README.md").read_text("utf-8") == docs.reference(), hint
    assert json.loads((CONFIG / "schema" / "promotion.schema.json").read_text("utf-8")) == docs.json_schema(), hint


def test_the_reference_names_every_key():
    text = docs.reference()
    for table in TABLES.values():
        for key in fields_of(table):
            assert key in text


def test_the_script_writes_what_is_there_already(tmp_path):
    path = os.pathsep.join(map(str, (ROOT, ROOT / "scripts")))
    words = [sys.executable, "-m", "reference", tmp_path]
    subprocess.run(words, check=True, capture_output=True, timeout=60, env={**os.environ, "PYTHONPATH": path})
    for name in ("README.md", "schema/promotion.schema.json"):
        assert (tmp_path / name).read_bytes() == (CONFIG / name).read_bytes()


def accepted(document):
    schema = docs.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(document)


@pytest.mark.parametrize("path", [CONFIG / "promotion.toml", CONFIG / "demo.toml", STARTER], ids=lambda path: path.stem)
def test_editors_accept_what_ships(path):
    assert accepted(tomllib.loads(path.read_text("utf-8")))


def test_editors_refuse_what_the_bot_refuses():
    scenario = VALID["scenario"][0]
    assert accepted(VALID)
    for change in (
        {"users": 3},
        {"duration": 5},
        {"duraton": "5s"},
        {"slo": {"p95": "< 2%"}},
        {"slo": {"p95x": "< 2s"}},
        {"rate": 0},
    ):
        assert not accepted({**VALID, "scenario": [scenario | change]}), change
    assert not accepted({**VALID, "probe": [{"name": "x", "kind": "process"}]})


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({"arrivals": {"spacing": "poisson", "seed": 3}}, True),
        ({"arrivals": {"seed": 3}}, False),
        ({"arrivals": {"shape": "ramp", "from": 100}}, True),
        ({"arrivals": {"shape": "ramp"}}, False),
        ({"arrivals": {"from": 100}}, False),
        ({"arrivals": {"shape": "ramp", "from": 100, "at": "1s"}}, False),
        ({"arrivals": {"shape": "steps", "rates": [1]}}, False),
        ({"arrivals": {"shape": "spike", "base": 1, "at": "1s", "for": "1s"}}, True),
        ({"arrivals": {"shape": "spike", "base": 1, "at": "1s"}}, False),
        ({"arrivals": {"from_": 1, "shape": "ramp", "from": 100}}, False),
        ({"mix": {"look": 3, "buy": 1}, "extend": "50%", "abort": False, "tags": ["a"], "workers": 2}, True),
        ({"mix": {}}, False),
        ({"mix": {"look": 0}}, False),
        ({"extend": 0.5}, False),
        ({"config_users": [{"user_class_name": "Shopper", "weight": 2}]}, True),
        ({"config_users": [{"weight": 2}]}, False),
    ],
    ids=str,
)
def test_editors_know_the_shapes_and_the_keys_of_a_scenario(change, fine):
    assert accepted({**VALID, "scenario": [VALID["scenario"][0] | change]}) is fine


def test_editors_know_who_sends_the_load_and_what_the_gate_remembers():
    tables = {"generator": {"workers": 2, "max_cpu": "80%"}, "gate": {"retry": 1}, "baseline": {"change_point": "warn"}}
    assert accepted({**VALID, **tables})
    for section, table in (("generator", {"max_cpu": 0.8}), ("gate", {"retry": 9}), ("baseline", {"jump": 0})):
        assert not accepted({**VALID, section: table})


def examples(section="scenario"):
    """The entries of that section in the blocks of TOML of the reference."""
    blocks = re.findall(r"```toml\n(.*?)```", (CONFIG / "README.md").read_text("utf-8"), re.DOTALL)
    return [entry for block in blocks for entry in tomllib.loads(block).get(section, ())]


def test_the_example_of_a_probe_can_be_used_as_it_is():
    document = {**VALID, "scenario": examples(), "probe": examples("probe")}
    assert accepted(document)
    (probe,) = settled(document).probe
    assert (probe.kind, probe.instance, probe.interval) == ("prometheus", "instance", 15.0)


@pytest.mark.parametrize(
    ("probe", "fine"),
    [
        ({"kind": "http", "url": "/metrics"}, True),
        ({"kind": "http", "url": ["http://a.example/metrics", "http://b.example/metrics"]}, True),
        ({"kind": "http", "url": []}, False),
        ({"kind": "process", "command": "shop", "each": True}, True),
        ({"kind": "prometheus", "url": "/prometheus", "cpu": "seconds"}, True),
        ({"kind": "prometheus", "url": "/prometheus"}, False),
        ({"kind": "command", "argv": ["stats", "--json"]}, True),
        ({"kind": "command", "argv": "stats --json"}, False),
    ],
)
def test_editors_know_the_kinds_of_probes_as_the_bot_does(probe, fine):
    document = {**VALID, "scenario": examples(), "probe": [{"name": "app", **probe}]}
    assert accepted(document) is fine
    assert (problems_of(document) == {}) is fine


def test_the_examples_of_the_reference_can_be_used_as_they_are():
    document = {**VALID, "scenario": examples()}
    assert [each["name"] for each in examples()] == ["ramp", "steps", "spike", "load-1k"]
    assert accepted(document)
    ramp, steps, spike, beside = load_plan(settled(document)).scenarios
    assert ramp.model.course[0].seconds == 60
    assert [stretch.seconds for stretch in steps.model.course] == [60, 60, 60]
    assert spike.workers.local == 2
    assert [each.key for each in beside.relative] == ["error_rate", "p95", "p99"]


def test_an_example_of_a_mix_names_tasks_that_its_load_file_has():
    for each in examples():
        tree = ast.parse((ROOT / each["locustfile"]).read_text("utf-8"))
        tasks = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert set(each.get("mix", ())) <= tasks, each["name"]


def test_the_nightly_measures_again_what_it_could_not_decide():
    plan = load_plan(load_settings(CONFIG / "promotion.toml"))
    assert plan.retry == 1
    assert [each.extend for each in plan.scenarios] == [0, 0, 0.5]


def test_editors_accept_both_spellings_of_the_tail_quantile():
    slo = {"p99.9": "< 5s", "GET /": {"p99.9": "<= 250ms"}}
    assert accepted({**VALID, "scenario": [VALID["scenario"][0] | {"slo": slo}]})
