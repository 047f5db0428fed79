"""The issue about a blocked branch: exactly one, up to date, and closed by the next promotion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.github import LOST, stale
from support.github.shapes import user
from support.githubhost import blocked, staged, unblocked

from bot.adapters.github.markers import encoded, marked, marker, starts_with


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch) as stage:
        yield stage


def opened(stage):
    return [issue for issue in stage.hub.issues if issue["state"] == "open"]


def told(stage):
    """What the comments say last; before it stands what the cause was."""
    return [comment["body"].rpartition("\n")[2] for comment in stage.hub.comments]


def night(number, cause="p95 of load-1k", **more):
    return blocked(cause, run_id=f"night-{number}", body=f"Night {number}\n", **more)


def test_the_first_bad_night_opens_one_with_our_label(stage):
    (url,) = stage.say(blocked())
    (issue,) = opened(stage)
    assert url == issue["html_url"]
    assert [label["name"] for label in issue["labels"]] == ["promotion-blocked"]
    assert issue["body"].startswith("<!-- promote:blocked branch=main -->\n")
    assert issue["body"].endswith("\n\nNight 1\n")
    assert stage.hub.comments == []


def test_the_next_bad_night_replaces_the_body_and_says_no_word_more(stage):
    stage.say(night(1))
    stage.say(night(2))
    (issue,) = opened(stage)
    assert "Night 2" in issue["body"]
    assert "Night 1" not in issue["body"]
    assert stage.hub.comments == []


def test_another_cause_is_told_once(stage):
    stage.say(night(1))
    stage.say(night(2, "memory of soak"))
    stage.say(night(3, "memory of soak"))
    assert told(stage) == ["now it is memory of soak"]
    stage.say(night(4))
    assert told(stage) == ["now it is memory of soak", "now it is p95 of load-1k"]


def test_a_change_of_cause_says_from_what_to_what(stage):
    stage.say(night(1))
    stage.say(night(2, "memory of soak"))
    (comment,) = stage.hub.comments
    assert comment["body"].endswith("\nUntil now it was blocked by `p95 of load-1k`.\n\nnow it is memory of soak")


def test_saying_the_same_again_writes_nothing(stage):
    stage.say(night(1))
    stage.say(night(2, "memory of soak"))
    before = len(stage.hub.writes)
    stage.say(night(2, "memory of soak"))
    assert len(stage.hub.writes) == before


@pytest.mark.parametrize("fault", [LOST, stale(5)], ids=str)
def test_a_comment_whose_answer_was_lost_is_not_said_twice(stage, fault):
    stage.say(night(1))
    stage.hub.fail("POST */comments", fault)
    stage.say(night(2, "memory of soak"))
    stage.say(night(2, "memory of soak"))
    assert told(stage) == ["now it is memory of soak"]


def test_a_cause_that_was_told_before_the_body_could_be_replaced_is_not_told_again_the_next_night(stage):
    stage.say(night(1))
    body = stage.hub.issues[0]["body"]
    stage.say(night(2, "memory of soak"))
    stage.hub.issues[0]["body"] = body
    stage.say(night(3, "memory of soak"))
    assert told(stage) == ["now it is memory of soak"]
    assert "Night 3" in stage.hub.issues[0]["body"]


def test_the_newest_word_about_the_cause_is_the_one_that_counts(stage):
    stage.say(night(1), night(2, "memory of soak"))
    body = stage.hub.issues[0]["body"]
    stage.say(night(3, "p99 of load-64k"))
    stage.hub.issues[0]["body"] = body
    stage.say(night(4, "p99 of load-64k"))
    assert told(stage) == ["now it is memory of soak", "now it is p99 of load-64k"]


def test_a_strangers_comment_with_our_mark_does_not_silence_the_bot(stage):
    stage.say(night(1))
    stage.say(night(2, "memory of soak"))
    stage.hub.comments[0]["user"] = user(stage.hub, "mallory")
    stage.say(night(3, "p99 of load-64k"))
    stage.hub.comments[1]["user"] = user(stage.hub, "mallory")
    stage.hub.issues[0]["body"] = stage.hub.issues[0]["body"].replace("p99", "p100")
    stage.say(night(4, "p99 of load-64k"))
    assert told(stage)[-1] == "now it is p99 of load-64k"
    assert len(told(stage)) == 3


def test_a_lost_answer_to_the_opening_opens_no_second_one(stage):
    stage.hub.fail("POST */issues", LOST)
    stage.say(blocked())
    stage.say(blocked())
    assert len(stage.hub.issues) == 1


def test_several_open_ones_become_the_oldest(stage):
    stage.say(night(1))
    first = stage.hub.issues[0]
    for number in (7, 9):
        url = first["url"].replace("/1", f"/{number}")
        stage.hub.issues.append({**first, "id": 500 + number, "number": number, "url": url})
    stage.say(night(2))
    assert [issue["number"] for issue in opened(stage)] == [1]
    assert {issue["state_reason"] for issue in stage.hub.issues if issue["state"] == "closed"} == {"not_planned"}
    assert told(stage) == ["Duplicate of #1"] * 2


def test_each_branch_has_its_own(stage):
    stage.say(blocked(), blocked(branch="release--> <b>"), blocked(branch="release"))
    assert len(opened(stage)) == 3
    assert all(issue["body"].count("-->") == 2 for issue in stage.hub.issues)


def test_a_mark_that_is_quoted_further_down_makes_no_issue_ours(stage):
    stage.say(night(1))
    stage.hub.issues[0]["body"] = "see " + stage.hub.issues[0]["body"]
    stage.say(night(2))
    assert len(opened(stage)) == 2
    assert "Night 1" in stage.hub.issues[0]["body"]


def test_a_pull_request_is_no_issue(stage):
    stage.hub.add_pull(4, "feat: x", open=True, labels=("promotion-blocked",), body=marker("blocked", branch="main"))
    stage.say(blocked())
    assert len(opened(stage)) == 1


def test_a_promotion_closes_it_with_a_word(stage):
    (url,) = stage.say(blocked())
    assert stage.say(unblocked()) == [url]
    (issue,) = stage.hub.issues
    assert issue["state"] == "closed"
    assert issue["state_reason"] == "completed"
    assert told(stage) == ["Promoted."]


def test_where_none_is_open_a_promotion_asks_once_and_says_nothing(stage):
    assert stage.say(unblocked()) == [None]
    assert stage.hub.writes == []
    assert stage.last.calls == 1


def test_a_closing_whose_answers_were_lost_is_not_said_twice(stage):
    stage.say(blocked())
    stage.hub.fail("POST */comments", LOST)
    stage.hub.fail("PATCH */issues/*", LOST)
    stage.say(unblocked())
    stage.say(unblocked())
    assert told(stage) == ["Promoted."]
    assert opened(stage) == []


def test_after_a_promotion_a_bad_night_opens_a_new_one(stage):
    stage.say(night(1))
    stage.say(unblocked(run_id="night-2"))
    stage.say(night(3))
    assert len(stage.hub.issues) == 2
    assert len(opened(stage)) == 1


def test_texts_of_any_length_are_within_the_limits(stage):
    stage.say(blocked(title="x" * 999, body="- a line\n" * 20_000))
    stage.say(blocked("another cause", title="x" * 999, body="- line\n" * 20_000, comment="y\n" * 90_000))
    assert len(stage.hub.issues[0]["body"]) <= 65_536
    assert len(stage.hub.comments[0]["body"]) <= 65_536


@given(st.text(), st.text())
def test_no_value_breaks_out_of_a_mark(branch, cause):
    mark = marker("blocked", branch=branch)
    assert mark.isascii()
    assert mark.count("--") == 2
    assert mark.endswith(" -->")
    assert starts_with(f"\n{mark} and more", mark)
    both = f"{mark}\n{marker('cause', cause=cause)}\n\ntext"
    assert marked(both, "cause") == {"cause": encoded(cause)}
    assert marked(f"text {both}", "cause") is None


@given(st.text(), st.text())
def test_two_values_are_two_marks(one, other):
    readable = [text.encode(errors="replace") for text in (one, other)]
    assert (encoded(one) == encoded(other)) == (readable[0] == readable[1])
