"""The words on a host: what each moment of each run says, and that no text of anybody else acts in any of them."""

import dataclasses
import functools
import itertools
import operator
from functools import cache

import pytest
from support.extremes import HOSTILE, with_text_everywhere
from support.heralds import NOTES, RUN_URL, everything, judge, lights, shape
from support.hostile_texts import NAMED, fuzzed
from support.records import (
    SAMPLES,
    blocked_slow,
    hotfix,
    promoted,
    refused,
    rewound,
    rolled_back,
    up_to_date,
    with_history,
)
from support.snapshots import check_snapshot

from bot.core.enrichment import Brought
from bot.core.hosting import Blocked, CheckState, Deployed, Light, Mark, Publication, Pull, SeenCheck, Unblocked
from bot.core.reasons import Reason
from bot.core.record import Outcome
from bot.render.host import HostWords

SHOP = "https://github.com/acme/shop"
SHA = "7d3f0c41b2a95e8864f1d02c3b7e6a9580412fd3"
promoted, blocked_slow, with_history = map(cache, (promoted, blocked_slow, with_history))


@cache
def sample(name):
    return SAMPLES[name]()


def words(*, notify=False, run_url=RUN_URL, run_id=None):
    return HostWords("production", notify, run_url, run_id)


def ended(record, notes=NOTES):
    return {type(each): each for each in words().ended(record, notes)}


def under_way(record):
    """As the record is before its run has ended: all that tells of an end is that of an interruption."""
    return dataclasses.replace(
        record,
        outcome=Outcome.ERROR,
        reason_code=Reason.INTERRUPTED.code,
        reason="The run was interrupted.",
        action=Reason.INTERRUPTED.action,
        promotion=None,
        trouble=None,
    )


def checked(*names_and_states):
    checks = tuple(SeenCheck(name, state, state.value, "", None) for name, state in names_and_states)
    return dataclasses.replace(
        sample("refused"),
        outcome=Outcome.BLOCKED,
        reason_code=Reason.CHECKS_FAILED.code,
        reason="A required check has not succeeded on the candidate: build is skipped.",
        action=Reason.CHECKS_FAILED.action,
        required_checks=checks,
    )


def missing_a_check():
    return checked(("test", CheckState.SUCCESS), ("build", CheckState.OTHER))


# --- what is said


def test_the_candidate_is_pending_with_what_is_measured_and_how_long_that_takes():
    (mark,) = words().begun(under_way(promoted()))

    assert (mark.sha, mark.light, mark.url) == (SHA, Light.PENDING, RUN_URL)
    assert mark.line == "Measuring load-1k, load-64k, soak (about 19m30s)"
    check_snapshot("host-begun.md", mark.page)


def test_a_verdict_is_said_without_the_words_of_an_interruption():
    for make in (promoted, blocked_slow):
        (mark,) = words().judged(under_way(make()))
        assert "interrupted" not in mark.page + mark.line + mark.title
    (mark,) = words().judged(under_way(promoted()))
    assert (mark.light, mark.line) == (Light.SUCCESS, "all 14 objectives met (p95 29.65ms)")
    assert "Nothing was moved yet" in mark.page


def test_a_failure_names_the_first_failing_objective_its_value_and_its_limit():
    (mark,) = words().judged(under_way(blocked_slow()))

    assert (mark.light, mark.line) == (
        Light.FAILURE,
        "load-1k: p95 1.719s, limit < 1.5s (1 of 14 checks failed)",
    )
    assert ended(blocked_slow())[Mark].line == mark.line


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_run_has_its_line(name):
    said = everything(sample(name))
    told = "".join(
        f"{type(each).__name__}: {each.light.value}: {each.line}\n"
        if isinstance(each, Mark)
        else f"{type(each).__name__}: {getattr(each, 'line', getattr(each, 'title', ''))}\n"
        for each in said
    )
    check_snapshot(f"host-lines-{name}.txt", told or "(nothing)\n")


def test_a_promotion_says_the_tag_and_ends_what_was_blocked_with_a_link_to_the_release():
    said = ended(promoted())

    assert said[Mark].line.startswith("release/20261121-022104: all 14 objectives met")
    assert f"({SHOP}/releases/tag/release/20261121-022104)" in said[Unblocked].comment
    assert (said[Deployed].sha, said[Deployed].environment) == (SHA, "production")
    assert "does not say what production runs" in said[Deployed].line


def test_a_release_has_the_notes_without_their_heading_and_the_evidence_beside_them():
    release = ended(promoted())[Publication]

    assert (release.tag, release.sha, release.latest) == ("release/20261121-022104", SHA, True)
    assert release.title == "Nightly Release: 2026-11-21"
    assert release.body.startswith("summary\n\n## Features\n\n- one\n- two\n")
    assert [asset.name for asset in release.assets] == ["notes.md", "run.json", "report.html"]
    assert f"]({SHOP}/compare/" in release.body


def test_a_release_without_notes_still_says_what_it_is():
    release = ended(promoted(), "")[Publication]

    assert [asset.name for asset in release.assets] == ["run.json", "report.html"]
    assert release.body.startswith("main moved from")


def test_a_rewind_has_a_deployment_of_the_old_commit_and_no_release():
    said = ended(rewound())

    assert set(said) == {Deployed}
    assert (said[Deployed].tag, said[Deployed].sha) == ("", SHA)


def test_a_hotfix_that_nobody_tested_says_so_wherever_it_appears():
    said = ended(hotfix())

    assert said[Mark].light is Light.ERROR
    assert "nobody tested it; ada had it shipped: The certificate runs out at noon." in said[Mark].line
    assert "**Nobody tested it.** ada had it shipped without: The certificate" in said[Publication].body
    assert Unblocked not in said


def test_a_rollback_is_released_without_any_status_of_its_own():
    assert set(ended(rolled_back())) == {Deployed, Publication}


def test_no_success_is_ever_shown_but_for_a_verdict_that_passed():
    for name in SAMPLES:
        record = sample(name)
        if Light.SUCCESS in lights(everything(record)):
            assert record.verdict.result.value == "pass"


def test_where_source_and_target_are_one_commit_nothing_is_blocked_any_more():
    (said,) = ended(up_to_date()).values()

    assert isinstance(said, Unblocked)
    assert "Nothing waits any more" in said.comment


# --- where it leads


def test_the_page_of_the_workflow_is_the_evidence_only_of_the_run_that_it_ran():
    own = words(run_id=promoted().run_id)
    other = words(run_id="20261122-020000-00000000")

    assert [each.url for each in own.ended(promoted(), "") if isinstance(each, Mark)] == [RUN_URL]
    assert [each.url for each in other.ended(promoted(), "") if isinstance(each, Mark)] == [
        f"{SHOP}/releases/tag/release/20261121-022104"
    ]
    assert RUN_URL not in "".join(each.body for each in other.ended(blocked_slow(), "") if isinstance(each, Blocked))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x/](https://evil.example", "http://a b", "x" * 900, ""]
)
def test_an_address_that_is_none_leads_nowhere_and_the_commit_stands_in_for_it(url):
    (mark, *_) = words(run_url=url).ended(blocked_slow(), "")

    assert mark.url == f"{SHOP}/commit/{SHA}"
    judge(mark)


def test_without_a_known_host_there_is_no_address_at_all():
    record = dataclasses.replace(
        blocked_slow(), repository=dataclasses.replace(blocked_slow().repository, web_url=None)
    )
    for each in words(run_url=None).ended(record, NOTES):
        judge(each)
        assert getattr(each, "url", None) is None
        assert "](" not in getattr(each, "body", "")


# --- the issue


@pytest.mark.parametrize("name", ["blocked-slow", "blocked-leak", "with-history", "invalid", "inconclusive", "refused"])
def test_the_issue_reads_as_its_snapshot(name):
    said = ended(sample(name))[Blocked]

    check_snapshot(f"host-issue-{name}.md", said.body)
    check_snapshot(f"host-change-{name}.md", said.comment)


@pytest.mark.parametrize("name", ["promoted", "blocked-slow", "with-history", "invalid", "weak-generator", "hotfix"])
def test_the_page_of_the_status_reads_as_its_snapshot(name):
    check_snapshot(f"host-page-{name}.md", ended(sample(name))[Mark].page)


def test_the_issue_says_in_its_first_lines_since_when_how_often_what_and_what_to_do():
    first, why, action, *_ = ended(blocked_slow())[Blocked].body.split("\n\n")

    assert first == "**`main` is blocked** since 2026-11-19 02:00 UTC, 3 bad runs in a row."
    assert why == "**Why:** load-1k: p95 1.719s, limit \\< 1.5s (1.15× the limit)."  # noqa: RUF001 - as the report says it
    assert action.startswith("**Next:** Push a fix to the source branch")


@pytest.mark.parametrize("name", ["refused", "invalid", "inconclusive"])
def test_an_end_that_is_more_than_blocked_is_named_before_its_reason(name):
    assert f"\n\n**{name.capitalize()}:** " in ended(sample(name))[Blocked].body


def test_a_missing_check_is_named_where_there_was_no_verdict():
    body = ended(missing_a_check())[Blocked].body

    assert "### Required checks\n\n- `build`: other\n- `test`: success\n" in body
    assert "### Verdict" not in body
    assert ended(missing_a_check())[Blocked].cause == "checks-failed: build"


def test_a_refusal_whose_nights_nobody_counted_does_not_claim_to_be_the_first():
    record = dataclasses.replace(refused(), trouble=None)

    assert "**`main` is blocked** since this issue was opened, last seen at 2026" in ended(record)[Blocked].body


def test_the_issue_keeps_its_title_whatever_the_cause():
    titles = {ended(sample(name))[Blocked].title for name in ("blocked-slow", "blocked-leak", "invalid", "refused")}

    assert titles == {"main is blocked: staging cannot be promoted"}


def brought_by(*authors):
    record = blocked_slow()
    pulls = tuple(
        Brought(Pull(400 + number, "a title", (), author), (one.sha,))
        for number, (author, one) in enumerate(zip(authors, record.trouble.suspects, strict=False))
    )
    return dataclasses.replace(record, pulls=pulls)


def test_nobody_is_mentioned_unless_that_is_asked_for():
    body = ended(brought_by("ada", "bo"))[Blocked].body

    assert "@" not in body


def test_where_authors_are_to_be_notified_only_accounts_that_the_host_named_are_mentioned():
    record = brought_by("ada", "dependabot[bot]", "x/y", "a" * 40, "-bo", None)
    bodies = [each.body for each in words(notify=True).ended(record, "") if isinstance(each, Blocked)]

    assert [part.split(")")[0] for part in bodies[0].split("@")[1:]] == ["ada"]
    assert "Ada Okafor (@ada): feat" in bodies[0]


# --- hostile texts


def few(value):
    """The same value with a few of everything: seconds by the thousand only make it slow."""
    if isinstance(value, tuple):
        return tuple(few(one) for one in value[:5])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: few(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


@cache
def bases():
    return [few(make()) for make in (blocked_slow, with_history, hotfix, missing_a_check, up_to_date)] + [
        dataclasses.replace(few(promoted()), evidence=None)
    ]


def hostile_records(text):
    """Each text of a run replaced; but for one of them the pages of the repository are known, and the dates."""
    yield with_text_everywhere(bases()[0], text)
    for whole in bases():
        record = with_text_everywhere(whole, text)
        shop = dataclasses.replace(record.repository, web_url=SHOP)
        candidate = record.candidate and dataclasses.replace(record.candidate, sha=SHA, base_sha="1c" * 20)
        dates = {"started_at": whole.started_at, "nights": dated(record, whole), "reason_code": whole.reason_code}
        yield dataclasses.replace(record, repository=shop, candidate=candidate, **dates)


def dated(record, whole):
    """The nights with hostile names and dates as they are, so that there is a chart of them."""
    return tuple(
        dataclasses.replace(
            each,
            points=tuple(
                dataclasses.replace(point, at=was.at) for point, was in zip(each.points, before.points, strict=True)
            ),
        )
        for each, before in zip(record.nights or (), whole.nights or (), strict=True)
    )


@cache
def harmless_shapes():
    """The most structure that each announcement has when every text is a harmless one."""
    given = [
        [shape(each) for record in hostile_records(text) for each in everything(record)]
        for text in ("word", "x y", "word " * 999)
    ]
    return [functools.reduce(operator.or_, shapes) for shapes in zip(*given, strict=True)]


@pytest.mark.parametrize("name", NAMED)
def test_a_hostile_text_in_every_place_stays_text(name):
    said = [each for record in hostile_records(NAMED[name]) for each in everything(record)]

    # A text that is none takes away: what has no tag has no release.
    shapes = harmless_shapes() if len(said) == len(harmless_shapes()) else [None] * len(said)
    for each, most in zip(said, shapes, strict=True):
        judge(each, most)


def test_fuzzed_texts_stay_text():
    for text in itertools.islice(fuzzed(5), 20):
        for record in hostile_records(text):
            for each in everything(record):
                judge(each)


def test_hostile_text_is_shown_rather_than_hidden():
    record = dataclasses.replace(blocked_slow(), trouble=with_text_everywhere(blocked_slow().trouble, HOSTILE))

    assert "alert(1)" in ended(record)[Blocked].body
