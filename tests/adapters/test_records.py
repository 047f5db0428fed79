"""Records survive the way to JSON and back, and their digests can be checked by hand."""

import hashlib
import json
import math
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import records
from support.histories import P95

from bot.adapters import records as codec
from bot.adapters.records import decode, encode, evidence_sha256, objectives_sha256
from bot.core.conflict import Conflict, Side
from bot.core.document import document, to_json
from bot.core.evidence import SCHEMA
from bot.core.loadplan import BaselineRule
from bot.core.reasons import Reason
from bot.errors import BotError

SAMPLES = [
    records.promoted,
    records.blocked_slow,
    records.blocked_leak,
    records.invalid,
    records.inconclusive,
    records.refused,
    records.up_to_date,
    records.error,
    records.passed_gate,
    records.dry_run,
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)
def test_every_sort_of_record_comes_back_equal(sample):
    record = sample()
    assert decode(encode(record), source="run.json") == record


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.__name__)
def test_writing_a_read_record_again_changes_no_byte(sample):
    text = encode(sample())
    assert encode(decode(text, source="run.json")) == text


def test_the_document_has_the_keys_of_the_contract_and_schema_version_first():
    whole = json.loads(encode(records.promoted()))
    assert next(iter(whole)) == "schema_version"
    assert {
        "run_id", "kind", "trigger", "outcome", "reason_code", "candidate", "verdict", "promotion", "attempts",
        "timings", "versions",
    } <= set(whole)  # fmt: skip
    assert {"sha", "base_sha", "commits"} <= set(whole["candidate"])
    assert {"tag", "tag_oid", "ledger_oid", "target_before", "target_after"} <= set(whole["promotion"])
    assert set(whole["verdict"]["checks"][0]) == {
        "scenario", "endpoint", "objective", "limit", "observed", "low", "high", "samples", "result", "reason",
        "baseline",
    }  # fmt: skip


def _with_conflict():
    told = records.promoted()
    first, second, *_ = told.candidate.commits
    conflict = Conflict(("a.txt",), Side("main", (first,)), Side("hotfix/x", (second,)))
    return replace(records.refused(), candidate=told.candidate, conflict=conflict)


def _commits(whole):
    return [
        *whole["candidate"]["commits"],
        *whole["conflict"]["into"]["commits"],
        *whole["conflict"]["merged"]["commits"],
    ]


def test_the_times_of_commits_are_written_as_every_other_time_is():
    whole = json.loads(encode(_with_conflict()))
    times = [commit[key] for commit in _commits(whole) for key in ("authored_at", "committed_at")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)
    assert whole["candidate"]["commits"][0]["committed_at"] == "2026-11-20T18:40:00Z"
    assert decode(encode(_with_conflict()), source="x") == _with_conflict()


@pytest.mark.parametrize("seconds", [0, 1, 1_795_000_000, 253_402_214_400])
def test_any_time_that_a_commit_may_have_comes_back(seconds):
    told = records.promoted()
    commit = replace(told.candidate.commits[0], authored_at=seconds, committed_at=seconds)
    record = replace(told, candidate=replace(told.candidate, commits=(commit,)))
    assert decode(encode(record), source="x") == record


def test_a_record_of_the_first_version_is_read_and_written_as_one_of_this():
    whole = json.loads(encode(_with_conflict()))
    told = _with_conflict()
    known = {commit.sha: commit for commit in told.candidate.commits}
    for commit in _commits(whole):
        commit |= {key: getattr(known[commit["sha"]], key) for key in ("authored_at", "committed_at")}
    old = json.dumps(whole | {"schema_version": 1}).encode()

    assert decode(old, source="x") == told
    assert encode(decode(old, source="x")) == encode(told)


def test_a_push_without_tag_and_ledger_says_so_also_where_an_earlier_version_left_the_texts_empty():
    written = json.loads(encode(records.backported()))
    absent = dict.fromkeys(("tag", "tag_oid", "ledger_oid"))
    assert written["promotion"].items() >= absent.items()

    old = written | {"schema_version": 1, "promotion": written["promotion"] | dict.fromkeys(absent, "")}
    assert decode(json.dumps(old).encode(), source="x") == records.backported()


def test_timings_and_versions_are_objects_in_their_order():
    record = replace(records.error(), timings=(("push", 1.5), ("fetch", 2.0)), versions=(("git", "2.39.5"),))
    whole = json.loads(encode(record))
    assert list(whole["timings"].items()) == [("push", 1.5), ("fetch", 2)]
    assert whole["versions"] == {"git": "2.39.5"}


def test_a_step_that_happened_twice_loses_neither_time():
    record = replace(records.error(), timings=(("push", 1.5), ("push", 2.5)))
    assert decode(encode(record), source="run.json").timings == record.timings


@settings(max_examples=50)
@given(st.text(), st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 10**15))
def test_any_text_and_any_number_come_back(text, number, count):
    record = replace(records.error(), reason=text, timings=(("step", number),), action=str(count))
    read = decode(encode(record), source="run.json")
    assert read == replace(record, reason=text.encode("utf-8", "replace").decode())


def test_hostile_text_reaches_the_file_as_ascii_without_controls():
    text = encode(replace(records.error(), reason="\x1b]0;owned\x07\u202e\x9b31m\udcff</script>\ud800"))
    assert re.search(rb"[^\x20-\x7e\n]", text) is None


def test_what_was_not_a_number_is_null_and_never_invalid_json():
    checks = records.verdict(replace(records.blocked_slow().verdict.checks[0], observed=math.nan, high=math.inf))
    text = encode(replace(records.error(), verdict=checks))
    check = json.loads(text, parse_constant=pytest.fail)["verdict"]["checks"][0]
    assert (check["observed"], check["high"]) == (None, None)


def test_a_record_that_could_not_be_read_again_is_not_written():
    with pytest.raises(BotError, match=r"timings\.0\.1") as caught:
        encode(replace(records.error(), timings=(("push", math.nan),)))
    assert caught.value.reason is Reason.STATE_UNUSABLE


def test_options_may_hold_whatever_toml_does():
    assert to_json({"day": date(2026, 11, 21), "nested": [{"deep": True}]}) == {
        "day": "2026-11-21",
        "nested": [{"deep": True}],
    }


def test_what_has_no_json_form_is_a_bug_and_says_so():
    with pytest.raises(TypeError, match="set has no JSON form"):
        to_json({1})


def _changed(**changes):
    return json.dumps({**json.loads(encode(records.error())), **changes}).encode()


def _damages():
    return {
        "empty": b"",
        "half": encode(records.promoted())[:-300],
        "no object": b"[]",
        "not json": b"\xff\xfe",
        "nan": encode(records.error()).replace(b'"promotion": null', b'"promotion": NaN'),
        "too deep": b"[" * 100_000,
        "missing version": _changed(schema_version=None),
        "wrong type": _changed(run_id=7),
        "text for a number": _changed(timings={"push": "1.5"}),
        "unknown word": _changed(outcome="fine"),
        "unknown key": _changed(surprise=1),
        "no time": encode(records.promoted()).replace(b'"authored_at": "2026', b'"authored_at": "MMXXVI'),
        "commits that are none": _changed(candidate={"commits": [7]}),
    }


@pytest.mark.parametrize("name", _damages())
def test_a_damaged_record_is_said_with_its_name(name):
    with pytest.raises(BotError, match=r"^runs/x/run\.json is damaged: ") as caught:
        decode(_damages()[name], source="runs/x/run.json")
    assert caught.value.reason is Reason.STATE_UNUSABLE


def test_a_record_of_a_newer_version_asks_for_an_upgrade():
    with pytest.raises(BotError, match="schema version 3; this version of the bot reads up to 2") as caught:
        decode(_changed(schema_version=3, anything="else"), source="run.json")
    assert "Upgrade" in caught.value.action


def _recipe(number):
    """The lines that the module tells people to run, as they stand there."""
    blocks = re.findall(r"(?:^    .*\n)+", codec.__doc__ + "\n", re.MULTILINE)
    first = blocks[0].splitlines()
    return "\n".join(
        each.removeprefix("    ") for each in (first if number == 1 else first[:1] + blocks[1].splitlines() + first[2:])
    )


@pytest.mark.parametrize("number", [1, 2])
def test_the_documented_recipe_gives_the_digests(tmp_path, monkeypatch, capsys, number):
    record = records.blocked_leak()
    (tmp_path / "run.json").write_bytes(encode(record))
    monkeypatch.chdir(tmp_path)
    exec(_recipe(number), {})
    expected = evidence_sha256(record.evidence) if number == 1 else objectives_sha256(record.plan)
    assert capsys.readouterr().out.strip() == expected


def test_the_digest_is_the_same_before_writing_and_after_reading():
    evidence = records.promoted().evidence
    whole = replace(evidence, scenarios=tuple(replace(each, measured=120) for each in evidence.scenarios))
    record = replace(records.promoted(), evidence=whole)
    assert evidence_sha256(decode(encode(record), source="x").evidence) == evidence_sha256(whole)


def test_one_request_more_is_another_digest():
    evidence = records.promoted().evidence
    first, *others = evidence.scenarios
    endpoint = replace(first.endpoints[0], ok=first.endpoints[0].ok + 1)
    changed = replace(first, endpoints=(endpoint, *first.endpoints[1:]))
    assert evidence_sha256(replace(evidence, scenarios=(changed, *others))) != evidence_sha256(evidence)


def test_limits_relative_to_history_and_what_counts_as_history_change_the_digest_of_the_objectives():
    plan = records.load_plan()
    relative = replace(plan.scenarios[0], relative=(P95,))
    assert objectives_sha256(replace(plan, scenarios=(relative, *plan.scenarios[1:]))) != objectives_sha256(plan)
    assert objectives_sha256(replace(plan, baseline=BaselineRule(block=True))) != objectives_sha256(plan)


def test_evidence_from_before_it_had_a_version_is_of_the_first():
    whole = document(records.promoted())
    del whole["evidence"]["schema"]
    assert decode(json.dumps(whole).encode(), source="x").evidence.schema == 1
    assert decode(encode(records.promoted()), source="x").evidence.schema == SCHEMA


def test_objectives_change_their_digest_and_other_settings_do_not():
    plan = records.load_plan()
    first = plan.scenarios[0]
    fewer = replace(plan, scenarios=(replace(first, objectives=first.objectives[1:]), *plan.scenarios[1:]))
    longer = replace(plan, scenarios=(replace(first, duration=1.0), *plan.scenarios[1:]))
    assert objectives_sha256(fewer) != objectives_sha256(plan)
    assert objectives_sha256(longer) == objectives_sha256(plan)


def test_a_digest_is_sha256_in_hex():
    assert len(evidence_sha256(records.promoted().evidence)) == len(hashlib.sha256().hexdigest())


def test_document_is_what_the_file_holds():
    record = records.promoted()
    assert json.loads(encode(record)) == document(record)
