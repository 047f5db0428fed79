"""What the bot writes into a plan file is what the load process reads."""

import json

import pytest

from bot.adapters.locust_child import prepare
from bot.core.limits import Comparison, Limit, Unit
from bot.core.loadplan import (
    ClosedModel,
    LoadPlan,
    Objective,
    OpenModel,
    RelativeObjective,
    ScenarioKind,
    ScenarioPlan,
    Spacing,
    Stretch,
    Workers,
)
from loadtests.interval import Pacing
from loadtests.plan import Watch, read_plan

COURSE = (Stretch(1.5, 0.0, 20.0), Stretch(60.0, 20.0, 20.0))
OPEN = OpenModel(20.0, 9, COURSE, Spacing.POISSON, 7, (("Shop.look", 2.5), ("buy", 1.0)))


def written(folder, model, **more):
    scenario = ScenarioPlan("load", ScenarioKind.LOAD, "/x.py", model, 61.5, 2.0, **{"objectives": (), **more})
    plan = LoadPlan("http://127.0.0.1:1", ("127.0.0.1:2",), (scenario,), proof=False)
    return prepare(plan, scenario, folder, startup=3.0, drain=4.0).plan


def below(seconds, unit=Unit.SECONDS):
    return Limit(Comparison.BELOW, seconds, unit, "as written")


@pytest.mark.parametrize("model", [OPEN, OpenModel(5.0, 1)])
def test_the_open_model_arrives_whole(tmp_path, model):
    plan = read_plan(written(tmp_path, model))
    assert (plan.model, plan.pacing) == (model, Pacing.OPEN)
    assert (plan.warmup, plan.duration, plan.startup, plan.drain) == (2.0, 61.5, 3.0, 4.0)


def test_the_closed_model_has_no_course(tmp_path):
    plan = read_plan(written(tmp_path, ClosedModel(30)))
    assert (plan.model, plan.users, plan.pacing) == (None, 30, Pacing.CLOSED)


def test_the_choice_of_tasks_becomes_arguments_of_locust(tmp_path):
    chosen = {"tags": ("a", "b"), "exclude_tags": ("c",), "config_users": ({"user_class_name": "Shop", "weight": 2},)}
    plan = read_plan(written(tmp_path, OPEN, **chosen))
    assert plan.selection == [
        *("--tags", "a", "b", "--exclude-tags", "c"),
        *("--config-users", '{"user_class_name": "Shop", "weight": 2}'),
    ]
    assert read_plan(written(tmp_path, OPEN)).selection == []


def test_each_latency_limit_is_watched_once_in_the_order_of_the_plan(tmp_path):
    objectives = (
        Objective("p99", below(3.0)),
        Objective("error_rate", below(0.02, Unit.SHARE), "GET /b"),
        Objective("p95", below(1.5), "GET /a"),
        Objective("p50", below(3.0)),
    )
    relative = (RelativeObjective("p95", Comparison.BELOW, 1.2, 0.0, Unit.SECONDS, "< 1.2x baseline", "GET /c"),)
    plan = read_plan(written(tmp_path, OPEN, objectives=objectives, relative=relative))
    assert plan.limits == (Watch(None, 3.0), Watch("GET /a", 1.5))
    assert plan.watched == ("GET /b", "GET /a", "GET /c")


def test_workers_arrive(tmp_path):
    workers = Workers(local=2, remote=1, bind="0.0.0.0", port=6000, deadline=9.0)
    assert read_plan(written(tmp_path, OPEN, workers=workers)).workers == workers


def test_what_an_older_plan_file_does_not_say_has_its_default(tmp_path):
    path = written(tmp_path, OpenModel(5.0, 1))
    given = json.loads(path.read_text())
    later = ("course", "spacing", "seed", "mix", "tags", "exclude_tags", "config_users", "limits", "watched", "workers")
    path.write_text(json.dumps({name: value for name, value in given.items() if name not in later}))
    plan = read_plan(path)
    assert (plan.model, plan.selection, plan.limits, plan.watched) == (OpenModel(5.0, 1), [], (), ())
    assert plan.workers == Workers()
