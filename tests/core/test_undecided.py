"""What measuring on could still settle."""

from dataclasses import replace

from support.evidence import LOAD_OBJECTIVES, arrivals, closed, endpoint, evidence, failing, health, load, load_plan

from bot.core.evidence import Ending, Histogram
from bot.core.judge import judge
from bot.core.loadplan import Workers
from bot.core.undecided import undecided

UNENDED = {"ending": Ending.CRASHED, "truncated": ("the closing line is missing",), "measured": 110.0}
PART = {**UNENDED, "arrivals": arrivals(110_000)}


def on_the_brink(**changes):
    """2 % may fail, and 1.99 % do."""
    return load(**({"endpoints": (endpoint(total=120_000, failed=2_388),)} | PART | changes))


def names(checks):
    return [check.objective for check in checks]


def test_what_is_still_running_is_judged_as_if_it_ended_now():
    assert names(undecided(on_the_brink(), ())) == ["error_rate"]
    assert undecided(load(**PART), ()) == ()


def test_nothing_is_undecided_where_something_failed_already():
    assert undecided(failing(**PART), ()) == ()
    slow = endpoint(total=120_000, failed=2_388, median=2.0)
    assert undecided(on_the_brink(endpoints=(slow,), arrivals=arrivals(110_000)), ()) == ()


def test_users_of_the_closed_model_are_only_counted_at_the_end():
    assert undecided(closed(users_lowest=None, **UNENDED), ()) == ()
    few = replace(endpoint(total=1_000, failed=19), response=Histogram())
    assert names(undecided(closed(endpoints=(few,), users_lowest=None, **UNENDED), ())) == ["error_rate"]


def test_workers_are_only_told_of_at_the_end():
    together = replace(load_plan(), workers=Workers(local=2))
    told = {"health": (health(process="worker-1"), health(process="worker-2")), "workers": ()}
    assert names(undecided(on_the_brink(plan=together, **told), ())) == ["error_rate"]


def test_the_same_evidence_at_the_end_is_what_the_judge_calls_inconclusive():
    whole = on_the_brink(ending=Ending.COMPLETED, truncated=(), measured=120.0)
    asked = {check.objective: check.result for check in judge(evidence(whole, proof=False))}
    assert {name: asked[name].value for name in names(undecided(whole, ()))} == {"error_rate": "inconclusive"}


def test_conditions_are_no_objectives():
    plan = load_plan(LOAD_OBJECTIVES[1:])
    assert undecided(load(plan, **PART), ("app",)) == ()
