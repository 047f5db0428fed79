"""Outputs and the summary of a job: one line a value, and never so much that all of it is dropped."""

import dataclasses

import pytest
from support.extremes import crowded, hostile
from support.records import SAMPLES, blocked_slow, promoted

from bot.core.hosting import Announced
from bot.render import workflow
from bot.render.markdown import render_markdown
from bot.render.workflow import SUMMARY_BYTES, outputs, summary


def test_a_promotion_says_which_commit_it_released_and_where():
    url = "https://github.com/acme/shop/releases/tag/release%2F20261121-020000"
    record = dataclasses.replace(promoted(), announced=(Announced("status", "https://x"), Announced("release", url)))
    told = dict(outputs(record, "/state/runs/r"))
    assert told["outcome"] == "promoted"
    assert told["sha"] == record.candidate.sha
    assert told["tag"] == record.promotion.tag
    assert told["release-url"] == url
    assert told["report"] == "/state/runs/r/report.html"
    assert told["run-id"] == record.run_id


def test_where_nothing_was_released_the_outputs_are_empty_and_there():
    told = dict(outputs(blocked_slow(), "/f"))
    assert (told["outcome"], told["tag"], told["release-url"]) == ("blocked", "", "")


@pytest.mark.parametrize("make", [*SAMPLES.values(), crowded, hostile])
def test_every_value_is_one_line(make):
    assert all("\n" not in value and "\r" not in value for _, value in outputs(make(), "/a\nb=c"))


@pytest.mark.parametrize("make", [*SAMPLES.values(), crowded, hostile])
def test_the_summary_is_the_report_where_that_fits(make):
    assert summary(make()) == render_markdown(make())


def test_a_summary_that_would_be_dropped_whole_is_cut_at_a_line_instead(monkeypatch):
    record = crowded()
    whole = render_markdown(record)
    monkeypatch.setattr(workflow, "SUMMARY_BYTES", 1500)
    text = summary(record)
    assert len(text.encode()) <= 1500 < SUMMARY_BYTES
    kept, _, rest = text.rpartition("\n*The rest")
    assert whole.startswith(kept)
    assert rest
