"""Real Locust runs of the open model: whatever the course, what was planned is sent, and waiting counts."""

from dataclasses import replace

import pytest
from support.loadruns import PAYLOAD, Eyes, answered, endpoints, run, scenario, slower_than
from support.server import serve

from bot.core.evidence import Ending
from bot.core.loadplan import OpenModel, Spacing, Stretch
from loadtests.schedule import Timetable


@pytest.fixture(scope="module")
def server():
    with serve() as running:
        yield running


def complete(evidence, due):
    """Whether all that was due was sent, and every file closed as it should."""
    arrivals = evidence.arrivals
    return (evidence.ending, evidence.ending_detail, evidence.truncated, evidence.user_errors) == (
        Ending.COMPLETED,
        "",
        (),
        (),
    ) and (arrivals.due, arrivals.started, arrivals.unsent, arrivals.empty) == (due, due, 0, 0)


def due_by_second(eyes):
    return [line["due"] for line in eyes.lines if line.get("phase") == "measured"]


def test_a_ramp_begins_slowly_and_ends_fast(server, tmp_path):
    eyes = Eyes()
    ramp = OpenModel(rate=120, pool=10, course=(Stretch(3, 0, 120),))
    evidence = run(scenario("path.py", ramp, duration=3, options={"path": "/echo"}), server.url, tmp_path, eyes=eyes)
    assert complete(evidence, 180)
    assert due_by_second(eyes) == [pytest.approx(planned, abs=12) for planned in (20, 60, 100)]


def test_a_spike_that_the_pool_is_too_small_for_is_sent_whole_and_its_waiting_counts(server, tmp_path):
    spike = OpenModel(rate=200, pool=4, course=(Stretch(1, 10, 10), Stretch(0.2, 200, 200), Stretch(1, 10, 10)))
    plan = scenario("path.py", spike, duration=2.2, warmup=0.2, options={"path": "/slow/0.1"})
    evidence = run(plan, server.url, tmp_path)
    assert complete(evidence, 60)
    assert (evidence.arrivals.pool_size, evidence.arrivals.pool_peak) == (4, 4)
    visit = endpoints(evidence)["GET visit"]
    assert visit.response.total == visit.ok == 60
    # 40 arrivals within 0.2 s at 40 a second: the last ones wait for some 0.8 s
    assert slower_than(visit.response, 0.4) >= 15
    assert evidence.arrivals.late >= 30


def test_random_arrivals_are_those_of_the_seed(server, tmp_path):
    model = OpenModel(rate=90, pool=10, course=(Stretch(2, 60, 90),), spacing=Spacing.POISSON, seed=2026)
    planned = [moment for moment in Timetable(model, 0.5, 2) if moment >= 0]
    evidence = run(scenario("path.py", model, options={"path": "/echo"}), server.url, tmp_path)
    assert len(planned) not in {150, sum(1 for _ in Timetable(replace(model, seed=0), 0, 2))}
    assert complete(evidence, len(planned))


def test_a_mix_goes_exactly_by_weight_across_classes_and_task_sets(server, tmp_path):
    mix = (("Shopper.look", 6.0), ("Basket.look", 2.0), ("pay", 1.0), ("Clerk.look", 3.0))
    evidence = run(
        scenario("shop.py", OpenModel(rate=60, pool=6, mix=mix), duration=1, warmup=0.2), server.url, tmp_path
    )
    assert complete(evidence, 60)
    assert answered(evidence) == {
        "GET shopper looks": 30,
        "GET basket is looked at": 10,
        "POST basket is paid": 5,
        "GET clerk looks": 15,
    }


def test_a_class_that_a_mix_does_not_name_has_no_users(server, tmp_path):
    model = OpenModel(rate=40, pool=1, mix=(("buy", 1.0),))
    evidence = run(scenario("shop.py", model, duration=1, warmup=0.2), server.url, tmp_path)
    assert complete(evidence, 40)
    assert answered(evidence) == {"POST shopper buys": 40}
    assert evidence.arrivals.pool_size == 1


def test_everything_that_is_wrong_with_a_mix_is_said_with_what_there_is(tmp_path):
    mix = (("look", 1.0), ("bye", 1.0), ("buy", 2.0), ("Shopper.buy", 1.0))
    evidence = run(scenario("shop.py", OpenModel(rate=10, pool=2, mix=mix)), "http://127.0.0.1:1", tmp_path)
    assert evidence.ending is Ending.LOCUSTFILE_ERROR
    assert evidence.ending_detail == (
        "The load file has 3 tasks look (Shopper.look, Shopper.Basket.look, Clerk.look), and no task bye, "
        "and Shopper.buy more than once in the mix; its tasks are Shopper.look, Shopper.buy, Shopper.Basket.look, "
        "Shopper.Basket.Payment.pay, Shopper.Basket.Payment.leave, Clerk.look, Clerk.count."
    )


def test_the_bundled_file_sends_several_endpoints_exactly_by_weight(server, tmp_path):
    options = {
        "expect": "echo",
        "endpoints": [
            {"path": "/echo", "payload": "2KiB", "weight": 7, "name": "small"},
            {"path": "/echo", "method": "PUT", "payload": "16KiB", "weight": 2},
            {"path": "/slow/0.01", "method": "GET", "expect": None},
        ],
    }
    evidence = run(
        scenario(PAYLOAD, OpenModel(rate=100, pool=8), duration=1, warmup=0.2, options=options), server.url, tmp_path
    )
    assert complete(evidence, 100)
    # Each ten in a row are 7, 2 and 1, wherever the warm-up ends.
    assert answered(evidence) == {
        "POST small": pytest.approx(70, abs=2),
        "PUT /echo": pytest.approx(20, abs=2),
        "GET /slow/0.01": pytest.approx(10, abs=2),
    }
    assert sum(answered(evidence).values()) == 100


def test_a_pool_larger_than_the_load_needs_is_reported_with_its_peak(server, tmp_path):
    steps = OpenModel(rate=80, pool=30, course=tuple(Stretch(0.5, rate, rate) for rate in (20, 40, 80)))
    plan = scenario("path.py", steps, duration=1.5, options={"path": "/slow/0.1"})
    evidence = run(plan, server.url, tmp_path)
    assert complete(evidence, 70)
    assert evidence.arrivals.pool_size == 30
    assert 4 <= evidence.arrivals.pool_peak <= 30
