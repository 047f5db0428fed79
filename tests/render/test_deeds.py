"""What people did besides the nights, in every report: what happened, why, and what else moved."""

import dataclasses
import io
import xml.etree.ElementTree as ET

import pytest
from rich.console import Console
from support.measured import commits
from support.records import backported, hotfix, promoted, record, rewound, rolled_back

from bot.core.reasons import Reason
from bot.core.record import CommitSummary, Outcome, RunKind
from bot.render.html import render_html
from bot.render.junit import render_junit
from bot.render.markdown import render_markdown
from bot.render.taken_back import taken_back_view
from bot.render.terminal import render_terminal
from bot.render.view import build_view
from bot.render.words import Tone


def terminal(shown):
    stream = io.StringIO()
    render_terminal(shown, Console(file=stream, width=400))
    return stream.getvalue()


def html(shown):
    return render_html(shown, draw=lambda _: {})


@pytest.mark.parametrize("render", [terminal, render_markdown, html])
def test_a_rollback_says_on_the_first_screen_what_happened_why_and_what_was_taken_back(render):
    text = render(rolled_back())
    for words in ("main has the content of release/20261119-022210 again, 12 commits taken back", "answers 500",
                  "Ada Okafor (4)", "and 2 more", "not promoted again without a fix"):  # fmt: skip
        assert words in text.replace("&#x200b;", "")


@pytest.mark.parametrize(
    ("make", "word", "headline"),
    [
        (promoted, "Promoted", "main moved from 1c9e5a77d04b to 7d3f0c41b2a9."),
        (rolled_back, "Rolled back", "main has the content of release/20261119-022210 again, 12 commits taken back."),
        (rewound, "Rolled back", "main has the content of release/20261119-022210 again, 2 commits taken back."),
        (hotfix, "Hotfix shipped", "main moved from 1c9e5a77d04b to 7d3f0c41b2a9, and staging with it."),
        (backported, "Backported", "staging moved from 1c9e5a77d04b to 7d3f0c41b2a9."),
    ],
)
def test_each_deed_has_its_word_and_its_headline(make, word, headline):
    view = build_view(make())
    assert (view.outcome.text, view.headline, view.outcome.tone) == (word, headline, Tone.GOOD)


def test_the_facts_name_what_was_restored_and_what_else_moved():
    facts = {fact.label: fact.value for fact in build_view(rolled_back()).facts}
    assert facts["Restored"] == "release/20261119-022210"
    assert facts["Staging is at"] == "5" * 12
    assert "Commits" not in facts


def test_commits_that_nobody_counted_are_not_called_none():
    seen = promoted()
    frozen = dataclasses.replace(seen, candidate=dataclasses.replace(seen.candidate, commits=()))
    nothing_new = dataclasses.replace(
        seen, candidate=dataclasses.replace(frozen.candidate, base_sha=seen.candidate.sha)
    )
    told = [{fact.label: fact.value for fact in build_view(one).facts} for one in (seen, frozen, nothing_new)]
    assert [facts.get("Commits") for facts in told] == [str(len(seen.candidate.commits)), None, "0"]


def test_a_back_merge_names_the_branch_that_got_it():
    facts = {fact.label: fact.value for fact in build_view(backported()).facts}
    assert facts["Branch"] == "staging"
    assert "Branches" not in facts
    refused = dataclasses.replace(backported(), updates=())
    assert not {"Branch", "Branches"} & {fact.label for fact in build_view(refused).facts}


def test_a_rewind_has_no_tag_to_name():
    assert "Tag" not in {fact.label for fact in build_view(rewound()).facts}


def test_a_dry_run_says_what_would_be_taken_back():
    shown = dataclasses.replace(rolled_back(), outcome=Outcome.DRY_RUN, promotion=None)
    view = build_view(shown)
    assert view.outcome.text == "Dry run"
    assert view.headline.startswith("main would have the content of release/20261119-022210 again, 12 commits")


def test_a_refused_rollback_keeps_its_word_and_its_reason():
    shown = record(Reason.NO_GOOD_RELEASE, Outcome.REFUSED, "There is none.", kind=RunKind.ROLLBACK)
    assert (build_view(shown).outcome.text, build_view(shown).headline) == ("Refused", "There is none.")


@pytest.mark.parametrize("outcome", [Outcome.PROMOTED, Outcome.DRY_RUN])
def test_a_hotfix_that_nobody_tested_says_so_on_the_first_screen(outcome):
    assert "Nobody tested it" in build_view(dataclasses.replace(hotfix(), outcome=outcome)).proof_warning


@pytest.mark.parametrize(
    "shown",
    [
        rolled_back(),
        dataclasses.replace(hotfix(), verdict=promoted().verdict, evidence=promoted().evidence),
        dataclasses.replace(hotfix(), outcome=Outcome.REFUSED),
    ],
    ids=["rolled back", "tested", "refused"],
)
def test_nothing_else_is_called_untested(shown):
    assert "Nobody tested" not in build_view(shown).proof_warning


@pytest.mark.parametrize("make", [rolled_back, rewound, hotfix, backported])
@pytest.mark.parametrize("outcome", [Outcome.PROMOTED, Outcome.DRY_RUN])
def test_what_measured_nothing_neither_passes_nor_fails_in_ci(make, outcome):
    root = ET.fromstring(render_junit(dataclasses.replace(make(), outcome=outcome)))
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "1")


def test_many_quarantined_commits_and_authors_are_counted():
    whole = rolled_back()
    several = dataclasses.replace(
        whole.restored,
        quarantined=tuple(f"{number:040x}" for number in range(9)),
        commits=tuple(
            CommitSummary(one.sha, f"Author {number}", one.subject, "") for number, one in enumerate(commits(9))
        ),
    )
    view = taken_back_view(several, whole.repository, whole.outcome)
    assert "and 4 more, not promoted" in view.quarantined
    assert view.authors.endswith("3 more")
    nothing = dataclasses.replace(several, commits=(), quarantined=())
    assert taken_back_view(nothing, whole.repository, whole.outcome).quarantined == ""


@pytest.mark.parametrize("outcome", [Outcome.DRY_RUN, Outcome.REFUSED])
def test_what_was_not_written_is_not_said_to_be_quarantined(outcome):
    for shown in (terminal, render_markdown, html):
        told = shown(dataclasses.replace(rolled_back(), outcome=outcome))
        assert "Would be taken back" in told
        assert "Would be quarantined" in told
        assert "Quarantined:" not in told
        assert "Quarantined:" in shown(rolled_back())
