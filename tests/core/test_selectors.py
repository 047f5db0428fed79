"""Which run an argument means."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import records

from bot.core.record import Outcome, Repository
from bot.core.selectors import NoSuchRun, RunSummary, new_run_id, repository_key, select, summary_of

ONE, TWO = "a" * 40, "abcdef0" + "1" * 33


def run(run_id, sha=None, tag=None, outcome=Outcome.BLOCKED):
    day = f"{run_id[:4]}-{run_id[4:6]}-{run_id[6:8]}T02:00:00Z"
    return RunSummary(
        run_id, "r", "promotion", "nightly", "ci", outcome, "slo-failed", "", sha, None, tag, None, day, day
    )


RUNS = (
    run("20261119-020000-3f9a", ONE, "release/20261119-022107", Outcome.PROMOTED),
    run("20261120-020000-77c2", TWO),
    run("20261121-020000-aa01", TWO),
    run("20261121-090000-aa02"),
)


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("20261120-020000-77c2", 1),
        ("last", 3),
        ("20261119", 0),
        ("20261121-02", 2),
        ("release/20261119-022107", 0),
        ("refs/tags/release/20261119-022107", 0),
        (ONE, 0),
        (ONE[:7], 0),
        (TWO[:9], 2),  # of two runs of one commit the newer
        (TWO.upper(), 2),
    ],
)
def test_ids_beginnings_commits_tags_and_last(argument, found):
    assert select(RUNS, argument) == RUNS[found]


def test_an_ambiguous_beginning_names_its_candidates():
    found = select(RUNS, "20261121")
    assert isinstance(found, NoSuchRun)
    assert "20261121-020000-aa01" in found.sentence
    assert "20261121-090000-aa02" in found.sentence
    assert "20261120" not in found.sentence


def test_many_candidates_are_counted_not_listed():
    many = [run(f"20261121-0200{second:02}-0000") for second in range(40)]
    assert "and 35 more" in select(many, "2026").sentence


def test_two_commits_with_one_beginning_are_ambiguous():
    twins = (run("20261119-020000-0000", "abcdef0" + "1" * 33), run("20261120-020000-0000", "abcdef0" + "2" * 33))
    assert "more than one run" in select(twins, "abcdef0").sentence


def test_a_misspelt_id_names_the_nearest():
    assert "nearest: 20261120-020000-77c2" in select(RUNS, "20261120-020000-77c3").sentence


@pytest.mark.parametrize("argument", ["", "aaaaaa", "main", "../..", "%"])
def test_what_means_no_run_is_not_guessed(argument):
    assert isinstance(select(RUNS, argument), NoSuchRun)


def test_last_of_nothing_is_said():
    assert select((), "last") == NoSuchRun("There is no run yet.", "Begin with `promote gate` or `promote --now`.")


@given(st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1)), min_size=2), st.binary(min_size=2))  # noqa: DTZ001
def test_run_ids_sort_by_time(moments, entropy):
    ids = [new_run_id(moment.replace(tzinfo=UTC, microsecond=0), entropy) for moment in sorted(moments)]
    assert ids == sorted(ids)


def test_a_run_id_is_utc_time_and_some_digits():
    assert new_run_id(datetime(2026, 11, 21, 2, tzinfo=UTC), b"\x3f\x9a") == "20261121-020000-3f9a"


def test_the_summary_of_a_record_has_its_candidate_and_tag():
    record = records.promoted()
    summary = summary_of(record)
    assert (summary.run_id, summary.sha, summary.tag) == (record.run_id, records.SHA, records.TAG)
    assert summary.repository == repository_key(record.repository)


def test_the_summary_of_a_run_without_a_candidate_has_none():
    assert summary_of(records.error()).sha is None


def test_repositories_that_share_a_remote_are_kept_apart_by_their_branches():
    one = Repository("r", "staging", "main", None)
    assert repository_key(one) != repository_key(Repository("r", "develop", "main", None))
