import json
import os
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from support.configurations import VALID

from bot.core.loadplan import OpenModel
from bot.settings import docs
from bot.settings.load import load_settings
from bot.settings.plan import load_plan
from bot.settings.schema import TABLES

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
        for key in table.model_fields:
            assert key in text


def test_the_script_writes_what_is_there_already(tmp_path):
    script = ROOT / "scripts" / "config-docs"
    assert os.access(script, os.X_OK)
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True, timeout=60)
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


def test_editors_accept_both_spellings_of_the_tail_quantile():
    slo = {"p99.9": "< 5s", "GET /": {"p99.9": "<= 250ms"}}
    assert accepted({**VALID, "scenario": [VALID["scenario"][0] | {"slo": slo}]})
