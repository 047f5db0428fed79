"""The manifest: planned beside done, and every file held to what was recorded of it."""

from dataclasses import replace

from support.evidence import load, load_plan

from bot.core.loadplan import LoadPlan, OpenModel, Spacing, Stretch, Workers
from bot.core.manifest import at_the_end, finished_files, held_against, manifest

PLAN = LoadPlan(
    "http://127.0.0.1:9", (), (load_plan(),), proof=True, changed=("rate 50/s instead of 1000/s in load-1k",)
)
FOUND = {"load-1k.hlog": "a", "load-1k.ndjson": "b"}


def held(recorded, found=FOUND):
    return held_against(load(), recorded, found).truncated


def test_a_manifest_has_what_was_planned_done_and_changed_and_every_file():
    document = manifest(PLAN, (replace(load(), measured=119.5),), {"locust.log": "c"}, (("python", "3"),))
    assert document["changed"] == ["rate 50/s instead of 1000/s in load-1k"]
    assert document["planned"]["load-1k"]["duration"] == 120.0
    assert document["done"]["load-1k"]["duration"] == 119.5
    assert document["files"] == {"locust.log": "c"}
    assert document["versions"] == {"python": "3"}


def test_a_manifest_tells_the_shape_of_the_load_and_who_was_to_send_it():
    model = OpenModel(100.0, 50, (Stretch(60.0, 10.0, 100.0),), Spacing.POISSON, 7, (("look", 3.0),))
    plan = replace(load_plan(), model=model, extend=0.5, abort=False, workers=Workers(2, 3))
    planned = manifest(replace(PLAN, scenarios=(plan,)), (), {}, ())["planned"]["load-1k"]
    assert planned == {
        "kind": "load",
        "rate": 100.0,
        "course": [[60.0, 10.0, 100.0]],
        "spacing": "poisson",
        "seed": 7,
        "mix": {"look": 3.0},
        "pool": 50,
        "duration": 120.0,
        "warmup": 10.0,
        "extend": 0.5,
        "abort": False,
        "workers": {"local": 2, "remote": 3},
    }


def test_a_manifest_of_a_run_that_measured_nothing_has_the_same_keys():
    document = manifest(None, (), {"run.json": "a"}, ())
    assert document.keys() == manifest(PLAN, (), {}, ()).keys()
    assert (document["planned"], document["done"], document["files"]) == ({}, {}, {"run.json": "a"})


def test_what_was_planned_is_told_also_where_nothing_of_it_was_done():
    document = manifest(PLAN, (), {}, ())
    assert (document["planned"].keys(), document["done"]) == ({"load-1k"}, {})


def test_files_that_are_still_written_to_have_no_digest():
    names = ["journal.ndjson", "load-1k.plan.json", "locust.log", "manifest.json", "run.json"]
    assert finished_files(names) == ("load-1k.plan.json", "locust.log")


def test_at_the_end_what_was_measured_keeps_its_digest_and_what_the_end_wrote_gets_a_new_one():
    recorded = {"load-1k.hlog": "as measured", "run.json": "as it was", "gone.ndjson": "as measured"}
    names = ["journal.ndjson", "load-1k.hlog", "manifest.json", "notes.md", "report.html", "run.json"]
    files = at_the_end(names, recorded, lambda asked: {name: f"now {name}" for name in asked})
    assert files == {
        "load-1k.hlog": "as measured",
        "gone.ndjson": "as measured",
        "notes.md": "now notes.md",
        "report.html": "now report.html",
        "run.json": "now run.json",
    }


def test_files_as_every_keeper_recorded_them_are_no_flaw():
    assert held({"run.json": FOUND, "the manifest": FOUND}) == ()
    assert held({"run.json": {}, "the manifest": {}}, {}) == ()


def test_each_altered_file_is_named_once_with_all_that_recorded_another():
    other = {**FOUND, "load-1k.hlog": "x"}
    assert held({"run.json": other, "the manifest": FOUND}) == ("load-1k.hlog is not the file that run.json recorded",)
    assert held({"run.json": other, "the manifest": {}}) == (
        "load-1k.hlog is not the file that run.json and the manifest recorded",
        "load-1k.ndjson is not the file that the manifest recorded",
    )


def test_a_file_that_is_gone_or_new_is_altered():
    assert len(held({"run.json": FOUND}, {})) == 2
    assert len(held({"run.json": {}}, FOUND)) == 2
