"""What is still to be said: by the journals alone, and never what a newer run has made out of date."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.hosting import Announced, Blocked, Deployed, Light, Mark, Publication, Unblocked
from bot.core.reasons import Reason
from bot.core.telling import (
    ANNOUNCED,
    Moment,
    Unsaid,
    announced,
    as_of_now,
    facts_of,
    is_for_all,
    key_of,
    said_at_the_end,
    still_to_say,
    tells,
    unsaid_words,
)

MARK = Mark("a" * 40, Light.SUCCESS, "", "", "", None, "run")
DEPLOYED = Deployed("a" * 40, "release/2", "production", "", "run")
RELEASE = Publication("release/2", "a" * 40, "", "", (), latest=True, run_id="run")
BLOCKED = Blocked("main", "", "", "", "", "run")
UNBLOCKED = Unblocked("main", "", "run")
ALL = (MARK, DEPLOYED, RELEASE, BLOCKED)
SETS = st.frozensets(st.sampled_from([key_of(each) for each in ALL]))


def line(what, moment=Moment.ENDED, url=None, repository="shop"):
    return {"event": ANNOUNCED, **facts_of(what, moment, url, repository)}


@given(SETS, SETS)
def test_what_was_said_is_not_said_again_and_what_is_a_fact_is_never_left_out(said, newer):
    left = still_to_say(ALL, said, newer)
    assert not said & {key_of(each) for each in left}
    for fact in (DEPLOYED, RELEASE):
        assert (fact in left) is (key_of(fact) not in said)
    for word in (MARK, BLOCKED):
        assert (word in left) is (key_of(word) not in said | newer)


def test_a_closed_issue_is_newer_word_about_the_same_thing_as_an_open_one():
    assert still_to_say([BLOCKED], (), {key_of(UNBLOCKED)}) == ()


def test_only_the_end_counts_as_the_end_and_only_of_that_repository():
    lines = [line(MARK, Moment.BEGUN), line(RELEASE), line(BLOCKED, repository="other"), {"event": "ended"}]
    assert said_at_the_end(lines, "shop") == {key_of(RELEASE)}


def test_the_last_word_of_each_sort_is_kept_and_a_failure_is_the_last():
    lines = [line(MARK, Moment.BEGUN, "one"), line(MARK, url="two"), line(RELEASE, url="three")]
    unsaid = [Unsaid("run", "release", Reason.HOST_FAILED, "No.")]
    assert announced(lines, unsaid) == (Announced("status", "two"), Announced("release", None, "No."))


def test_a_damaged_journal_says_nothing_it_does_not_hold():
    lines = [{"event": ANNOUNCED}, {"event": ANNOUNCED, "what": 3}, {"event": ANNOUNCED, "what": "issue", "url": 1}]
    assert announced(lines) == (Announced("issue", None),)
    assert not tells([{"event": "started"}, {"event": "started", "tells": "yes"}])
    assert tells([{"event": "started", "tells": True}])


def test_a_release_is_the_latest_only_while_none_is_newer():
    assert as_of_now(RELEASE, "release/2") == RELEASE
    assert as_of_now(RELEASE, "") == RELEASE
    assert as_of_now(RELEASE, "release/3").latest is False
    assert as_of_now(DEPLOYED, "release/2") == DEPLOYED
    assert as_of_now(DEPLOYED, "release/3").current is False
    assert as_of_now(MARK, "release/3") == MARK


def test_what_is_unsaid_is_named_once_with_the_run_and_the_way_to_say_it():
    unsaid = [Unsaid("run", what, Reason.HOST_FAILED, "It broke.") for what in ("release", "issue", "issue")]
    words = unsaid_words(unsaid, "GitHub")
    assert words.startswith("Not said on GitHub: release of run run, issue of run run. It broke.")
    assert "`promote run --resume`" in words


def test_a_host_that_answers_nothing_answers_nobody():
    assert is_for_all(Reason.HOST_UNREACHABLE)
    assert not is_for_all(Reason.HOST_REFUSED)
