"""All reports of a run at once, and the document of run.json."""

import dataclasses
import json
import math

import pytest
from support.extremes import hostile
from support.records import SAMPLES, blocked_slow, promoted, refused
from support.snapshots import check_snapshot

from bot.core.document import document
from bot.render.report import ReportFormat, Reports, render


class Folder:
    """A folder of a run that writes for real."""

    def __init__(self, path):
        self.path = path

    def write(self, name, content):
        (self.path / name).write_text(content, encoding="utf-8")
        return self.path / name


def test_a_run_leaves_three_reports_beside_its_record(tmp_path):
    written = list(Reports().write(hostile(), Folder(tmp_path)))
    assert [path.name for path in written] == ["report.md", "junit.xml", "report.html"]
    assert all(path.stat().st_size > 500 for path in written)


@pytest.mark.parametrize("form", ReportFormat)
def test_every_format_renders_and_ends_in_a_newline(form):
    assert render(refused(), form).endswith("\n")


@pytest.mark.parametrize("make", SAMPLES.values())
def test_the_json_is_the_document_that_run_json_holds(make):
    assert json.loads(render(make(), ReportFormat.JSON)) == document(make())


def test_the_json_begins_with_its_schema_version():
    assert next(iter(json.loads(render(promoted(), ReportFormat.JSON)))) == "schema_version"


def test_hostile_text_stays_valid_json():
    assert json.loads(render(hostile(), ReportFormat.JSON)) == document(hostile())


def test_a_number_that_is_none_becomes_null():
    record = blocked_slow()
    checks = tuple(dataclasses.replace(one, observed=math.nan, high=math.inf) for one in record.verdict.checks)
    record = dataclasses.replace(record, verdict=dataclasses.replace(record.verdict, checks=checks))
    whole = json.loads(render(record, ReportFormat.JSON), parse_constant=pytest.fail)
    assert whole["verdict"]["checks"][0]["observed"] is None


def test_numbers_that_are_none_show_as_a_dash_everywhere():
    record = blocked_slow()
    checks = tuple(dataclasses.replace(one, observed=math.nan, low=-math.inf) for one in record.verdict.checks)
    record = dataclasses.replace(record, verdict=dataclasses.replace(record.verdict, checks=checks))
    for form in (ReportFormat.MARKDOWN, ReportFormat.TERMINAL, ReportFormat.JUNIT):
        text = render(record, form)
        assert "nan" not in text
        assert "at most" in text or form is ReportFormat.TERMINAL


def test_the_json_of_a_small_run_reads_as_its_snapshot():
    check_snapshot("report-refused.json", render(SAMPLES["refused"](), ReportFormat.JSON))
