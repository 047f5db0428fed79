"""What must be known to read a scenario's numbers, and how those fared who sent the load."""

from support.records import aborted, closed, distributed, extended, promoted, weak_generator

from bot.render.scenario_view import GENERATOR_SIGNS, scenario_view


def view(record, number=0):
    return scenario_view(record.evidence.scenarios[number], record.verdict)


def test_a_closed_model_says_that_stalls_may_be_hidden():
    (note,) = view(closed()).notes
    assert "these are service times" in note
    assert "Stalls may be hidden (coordinated omission)." in note
    assert view(promoted()).notes == ()


def test_an_extension_says_how_long_and_why():
    assert view(extended()).notes == ("Went on for another 1m after 2m, because an objective was undecided.",)
    assert view(extended()).measured == "3m of 3m after 10s warm-up"


def test_an_early_end_says_what_was_not_measured():
    (note,) = view(aborted()).notes
    assert note.startswith("Stopped early at 1m52s, because it could no longer pass: 56,012 of 112,000 requests failed")
    assert note.endswith("Not measured: the other 58m8s of 1h.")


def test_the_limits_of_the_generator_stand_above_what_each_process_showed():
    limits, main = view(weak_generator()).generator
    assert limits.process == "limit"
    assert dict(zip(GENERATOR_SIGNS, limits.cells, strict=True))["CPU, p95"] == ("<= 90 %", False)
    told = dict(zip(GENERATOR_SIGNS, main.cells, strict=True))
    assert told["CPU, p95"] == ("100 %", True)
    assert told["throttled"] == ("0 %", False)


def test_workers_are_listed_with_what_went_wrong():
    rows = view(distributed()).workers
    assert [row.trouble for row in rows] == ["none", "none", "was lost after 97 s"]
    assert (rows[2].intervals, rows[2].skew) == ("97 of 132", "+212.0ms ± 2.0ms")
    assert view(distributed()).load == (
        "ramp 100 to 1,000 arrivals/s, Poisson, open model, 2 local processes, 1 remote process"
    )


def test_the_pool_and_its_peak_are_told():
    assert view(promoted()).pool == "64 of 2,000 pooled users busy at most"
    assert view(closed()).pool == ""
