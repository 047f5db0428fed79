"""Real Locust runs: any Locust file works, in both models, with everything that Locust's own command line offers."""

import json

import pytest
from support.loadruns import answered, endpoints, run, scenario, slower_than
from support.server import serve

from bot.core.evidence import Ending
from bot.core.loadplan import ClosedModel, OpenModel

MODELS = pytest.mark.parametrize("model", [OpenModel(rate=60, pool=6), ClosedModel(users=4)], ids=["open", "closed"])


@pytest.fixture(scope="module")
def server():
    with serve() as running:
        yield running


def last_line(folder):
    lines = (json.loads(line) for line in (folder / "load.ndjson").read_text().splitlines())
    return next(line for line in lines if line["kind"] == "end")


def complete(evidence):
    found = (evidence.ending, evidence.ending_detail, evidence.truncated, evidence.user_errors)
    return found == (Ending.COMPLETED, "", (), ())


@MODELS
def test_a_client_of_the_files_own_is_measured_by_its_events(server, tmp_path, model):
    evidence = run(scenario("custom.py", model, duration=1, warmup=0.2), server.url, tmp_path)
    assert complete(evidence)
    found = endpoints(evidence)
    assert set(found) == {"ASK /slow/0.05", "ASK /status/500"}
    slow, failing = found["ASK /slow/0.05"], found["ASK /status/500"]
    assert slow.ok == slower_than(slow.service, 0.049) > 0
    assert (failing.ok, [kind for kind, _ in failing.failures]) == (0, ["HTTPError"])
    if evidence.arrivals is not None:
        assert (evidence.arrivals.started, slow.ok + failing.failed) == (60, 60)


@MODELS
def test_several_classes_with_nested_tasks_each_have_users(server, tmp_path, model):
    evidence = run(scenario("shop.py", model, duration=1, warmup=0.2), server.url, tmp_path)
    assert (evidence.ending, evidence.truncated, evidence.user_errors) == (Ending.COMPLETED, (), ())
    found = answered(evidence)
    assert any("shopper" in name for name in found)
    assert any("clerk" in name for name in found)


@MODELS
def test_tags_choose_tasks_and_a_class_without_any_left_has_no_users(server, tmp_path, model):
    plan = scenario("shop.py", model, duration=1, warmup=0.2, tags=("read", "write"), exclude_tags=("write",))
    evidence = run(plan, server.url, tmp_path)
    assert complete(evidence)
    found = answered(evidence)
    assert set(found) == {"GET shopper looks", "GET basket is looked at"}
    if evidence.arrivals is not None:
        assert evidence.arrivals.pool_size == 6


def test_tags_that_no_task_has_are_an_error_in_words(tmp_path):
    plan = scenario("shop.py", OpenModel(rate=10, pool=2), tags=("nowhere",))
    evidence = run(plan, "http://127.0.0.1:1", tmp_path)
    assert evidence.ending is Ending.LOCUSTFILE_ERROR
    assert evidence.ending_detail == "The tags of the plan leave no task of the load file."


@MODELS
def test_users_are_configured_as_with_locusts_own_option(server, tmp_path, model):
    settings = (
        {"user_class_name": "Clerk", "weight": 3, "greeting": "clerk grins", "tasks": ["look"]},
        {"user_class_name": "Shopper", "tasks": ["buy"]},
    )
    evidence = run(scenario("shop.py", model, duration=1, warmup=0.2, config_users=settings), server.url, tmp_path)
    assert complete(evidence)
    found = answered(evidence)
    assert set(found) == {"GET clerk grins", "POST shopper buys"}
    if evidence.arrivals is not None:
        assert found == {"GET clerk grins": 45, "POST shopper buys": 15}


def test_a_setting_for_a_class_that_is_not_there_is_named(tmp_path):
    plan = scenario("shop.py", ClosedModel(users=2), config_users=({"user_class_name": "Nobody"},))
    evidence = run(plan, "http://127.0.0.1:1", tmp_path)
    assert evidence.ending is Ending.LOCUSTFILE_ERROR
    assert "'Nobody'" in evidence.ending_detail


def test_a_shape_decides_how_many_users_there_are_while_the_window_runs(server, tmp_path):
    plan = scenario("shaped.py", ClosedModel(users=3), duration=3, warmup=0.5, options={"end": 3.0})
    evidence = run(plan, server.url, tmp_path)
    assert complete(evidence)
    assert (evidence.users_missing, last_line(tmp_path)["users_missing"]) == (0, 0)
    first, *_, last = [second.sent for second in evidence.timeline if second.sent]
    assert first < last  # 2 users, then 6


def test_a_shape_with_common_options_finds_the_plan_in_them(server, tmp_path):
    plan = scenario("shaped.py", ClosedModel(users=3), warmup=0.5, options={"common": True})
    evidence = run(plan, server.url, tmp_path)
    assert complete(evidence)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"end": 1.0}, "The LoadTestShape ended after "), ({"end": 9.0, "raises": True}, "ValueError: out of shape")],
)
def test_a_shape_that_ends_early_or_fails_makes_the_run_incomplete(server, tmp_path, options, words):
    evidence = run(scenario("shaped.py", ClosedModel(users=3), duration=4, options=options), server.url, tmp_path)
    assert evidence.ending is Ending.LOCUSTFILE_ERROR
    assert words in evidence.ending_detail


def test_users_that_a_shape_wants_and_does_not_get_are_counted(server, tmp_path):
    plan = scenario("shaped.py", ClosedModel(users=3), duration=5, warmup=0, options={"end": 9.0, "leaving": 3})
    evidence = run(plan, server.url, tmp_path)
    assert evidence.ending is Ending.COMPLETED
    assert evidence.users_missing == 2


def test_a_shape_is_ignored_where_the_plan_says_the_rate(server, tmp_path):
    model = OpenModel(rate=40, pool=4)
    evidence = run(scenario("shaped.py", model, duration=1, warmup=0.2, options={"end": 0.5}), server.url, tmp_path)
    assert complete(evidence)
    assert (evidence.arrivals.started, evidence.arrivals.pool_size, evidence.users_missing) == (40, 4, None)
