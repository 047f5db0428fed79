"""Since when the source is bad, and whose commits are in question."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.candidate import Commit
from bot.core.record import Outcome
from bot.core.selectors import RunSummary
from bot.core.trouble import blocked_since, last_promoted, trouble


def run(day, outcome, sha=None, kind="promotion", *, repository="r", code="", dry_run=False):
    at, run_id = f"2026-11-{day:02}T02:00:00Z", f"202611{day:02}-020000-0000"
    texts = (run_id, repository, kind, "nightly", "ci", outcome, code, "", sha, None, None, None, at, at)
    return RunSummary(*texts, dry_run=dry_run)


def commit(sha, *parents):
    return Commit(sha, parents, "Ada", "ada@shop.example", 0, 1_700_000_000, f"fix: {sha}", "")


LINE = (commit("d", "c"), commit("c", "b"), commit("b", "a"))


def _suspects(found):
    return [each.sha for each in found.suspects]


def test_the_first_bad_night_has_everything_new_as_suspects():
    found = trouble([run(1, Outcome.PROMOTED, "a")], run(2, Outcome.BLOCKED, "d"), LINE)
    assert (found.since, found.nights) == ("2026-11-02T02:00:00Z", 1)
    assert (found.last_good_sha, found.last_good_at) == ("a", "2026-11-01T02:00:00Z")
    assert _suspects(found) == ["d", "c", "b"]


def test_bad_nights_add_up_since_the_last_good_one():
    past = [run(1, Outcome.BLOCKED), run(2, Outcome.PROMOTED, "a"), run(3, Outcome.BLOCKED), run(4, Outcome.INVALID)]
    found = trouble(past, run(5, Outcome.INCONCLUSIVE), LINE)
    assert (found.since, found.nights) == ("2026-11-03T02:00:00Z", 3)


def test_a_gate_that_passed_halfway_narrows_the_suspects():
    past = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.PASSED, "c", kind="gate")]
    assert _suspects(trouble(past, run(3, Outcome.BLOCKED, "d"), LINE)) == ["d"]


def test_suspects_follow_parents_and_not_the_order_of_the_log():
    # x was written before the good commit g, but merged after it: the log lists it between g and its ancestors.
    commits = (commit("m", "g", "x"), commit("g", "f"), commit("x", "a"), commit("f", "a"))
    past = [run(1, Outcome.PASSED, "g", kind="gate")]
    assert _suspects(trouble(past, run(2, Outcome.BLOCKED, "m"), commits)) == ["m", "x"]


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.REFUSED, Outcome.UP_TO_DATE, Outcome.DRY_RUN])
def test_runs_that_judge_nothing_neither_begin_nor_end_a_bad_time(outcome):
    past = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.BLOCKED), run(3, outcome)]
    found = trouble(past, run(4, Outcome.BLOCKED), LINE)
    assert (found.since, found.nights) == ("2026-11-02T02:00:00Z", 2)
    assert trouble([run(1, Outcome.PROMOTED, "a")], run(2, outcome), LINE) is None


def test_a_refusal_that_comes_again_every_night_is_bad_like_a_verdict_and_one_that_goes_by_is_not():
    past = [
        run(1, Outcome.PROMOTED, "a"),
        run(2, Outcome.REFUSED, code="diverged"),
        run(3, Outcome.REFUSED, code="target-moved"),
        run(4, Outcome.REFUSED, code="frozen"),
        run(5, Outcome.BLOCKED, code="checks-failed"),
    ]
    found = trouble(past, run(6, Outcome.REFUSED, "d", code="push-policy"), LINE)
    assert (found.since, found.nights) == ("2026-11-02T02:00:00Z", 3)
    assert _suspects(found) == ["d", "c", "b"]
    assert blocked_since(past[:2]) == "2026-11-02T02:00:00Z"
    assert blocked_since([past[0], past[2], past[3]]) is None


@pytest.mark.parametrize("rehearsed", [{"dry_run": True}, {"kind": "gate"}])
def test_what_would_have_moved_nothing_neither_begins_nor_lengthens_a_bad_time(rehearsed):
    past = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.BLOCKED, **rehearsed)]
    assert blocked_since(past) is None
    found = trouble([*past, run(4, Outcome.INVALID, **rehearsed)], run(5, Outcome.BLOCKED), LINE)
    assert (found.since, found.nights) == ("2026-11-05T02:00:00Z", 1)


@pytest.mark.parametrize("rehearsed", [{"dry_run": True}, {"kind": "gate"}])
def test_what_moves_nothing_counts_itself_in_its_own_report(rehearsed):
    past = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.BLOCKED)]
    found = trouble(past, run(3, Outcome.BLOCKED, **rehearsed), LINE)
    assert (found.since, found.nights) == ("2026-11-02T02:00:00Z", 2)


def test_what_was_taken_back_is_not_good_and_its_commits_are_in_question_again():
    past = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.BLOCKED), run(3, Outcome.PROMOTED, "c")]
    found = trouble(past, run(4, Outcome.REFUSED, "d", code="quarantined"), LINE, without={"c"})
    assert (found.last_good_sha, found.last_good_at) == ("a", "2026-11-01T02:00:00Z")
    assert _suspects(found) == ["d", "c", "b"]
    assert (found.since, found.nights) == ("2026-11-04T02:00:00Z", 1)


def test_the_last_promotion_brought_something_new_that_still_stands():
    past = [
        run(1, Outcome.PROMOTED, "a"),
        run(2, Outcome.PROMOTED, "b"),
        run(3, Outcome.PROMOTED, "c", kind="rollback"),
    ]
    assert last_promoted(past).sha == "b"
    assert last_promoted(past, without={"b"}).sha == "a"


def test_a_refusal_that_everybody_can_see_to_be_over_blocks_no_longer():
    good, refused = run(1, Outcome.PROMOTED, "a"), run(2, Outcome.REFUSED, code="diverged")
    assert blocked_since([good, refused]) == "2026-11-02T02:00:00Z"
    assert blocked_since([good, refused], in_the_way=False) is None


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.BLOCKED, "blocked"), (Outcome.REFUSED, "push-policy")])
def test_what_only_a_run_can_show_to_be_over_blocks_until_one_does(outcome, code):
    past = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.REFUSED, code="diverged"), run(3, outcome, code=code)]
    assert blocked_since(past, in_the_way=False) == "2026-11-02T02:00:00Z"


@pytest.mark.parametrize("kind", ["hotfix", "rollback", "backport", "something-newer"])
def test_a_hotfix_or_rollback_says_nothing_about_the_source(kind):
    past = [run(1, Outcome.BLOCKED), run(2, Outcome.PROMOTED, "h", kind=kind)]
    assert trouble(past, run(3, Outcome.BLOCKED), LINE).nights == 2


def test_other_repositories_do_not_count():
    past = [run(1, Outcome.BLOCKED, repository="other"), run(2, Outcome.PROMOTED, "a", repository="other")]
    found = trouble(past, run(3, Outcome.BLOCKED), LINE)
    assert (found.nights, found.last_good_sha) == (1, None)
    assert _suspects(found) == ["d", "c", "b"]


def test_a_good_run_is_no_trouble():
    assert trouble([run(1, Outcome.BLOCKED)], run(2, Outcome.PROMOTED, "d"), LINE) is None


def test_a_run_that_is_already_in_the_history_is_not_counted_twice():
    current = run(2, Outcome.BLOCKED)
    assert trouble([replace(current, outcome=Outcome.ERROR), current], current, LINE).nights == 1


def test_blocked_since_and_last_promoted_read_the_same_history():
    runs = [run(1, Outcome.PROMOTED, "a"), run(2, Outcome.BLOCKED), run(3, Outcome.BLOCKED)]
    assert blocked_since(runs) == "2026-11-02T02:00:00Z"
    assert last_promoted(runs) == runs[0]
    assert blocked_since(runs[:1]) is None
    assert last_promoted(runs[1:]) is None


@given(st.lists(st.sampled_from(list(Outcome)), max_size=8), st.randoms())
def test_the_order_in_which_runs_are_handed_over_does_not_matter(outcomes, chance):
    runs = [run(day, outcome, "a") for day, outcome in enumerate(outcomes, 1)]
    shuffled = runs.copy()
    chance.shuffle(shuffled)
    current = run(28, Outcome.BLOCKED)
    assert trouble(shuffled, current, LINE) == trouble(runs, current, LINE)
