"""`promote report` and `promote show` on a run that really happened: one record, five formats."""

import json
from xml.etree import ElementTree as ET

import pytest
from support.commands import call


@pytest.fixture
def report(promoted):
    return lambda *args: call("--config", promoted.config, "report", *args)


def written(promoted, name):
    return (promoted.last_folder() / name).read_text()


@pytest.mark.parametrize(("form", "name"), [("markdown", "report.md"), ("html", "report.html"), ("junit", "junit.xml")])
def test_a_report_is_the_file_that_the_run_wrote(report, promoted, form, name):
    ended = report("last", "--format", form)
    assert ended.code == 0
    assert ended.stdout == written(promoted, name)


def test_json_is_the_record_however_it_is_asked_for(report, promoted):
    record = json.loads(written(promoted, "run.json"))
    for args in (["--format", "json"], ["--json"], ["--json", "--format", "html"]):
        assert report("last", *args).json == record


def test_the_terminal_form_is_the_default_and_the_last_run_too(report):
    ended = report()
    assert ended.code == 0
    assert ended.stdout == report("last", "--format", "terminal").stdout
    assert "PROMOTED" in ended.stdout
    assert "\x1b" not in ended.stdout


def test_junit_is_xml_with_a_case_for_each_check(report, promoted):
    cases = list(ET.fromstring(report("--format", "junit").stdout).iter("testcase"))
    checks = json.loads(written(promoted, "run.json"))["verdict"]["checks"]
    assert len(cases) == len(checks)


def test_an_unknown_format_is_wrong_usage(report):
    ended = report("--format", "pdf")
    assert ended.code == 2
    assert "markdown" in ended.stderr


def test_show_is_the_same_first_screen(promoted):
    shown = call("--config", promoted.config, "show", "last").stdout
    assert "PROMOTED" in shown
    assert json.loads(written(promoted, "run.json"))["candidate"]["sha"][:12] in shown


def test_a_damaged_record_is_said_to_be_damaged(copied):
    (record,) = (copied.parent / "state" / "runs").glob("*/run.json")
    record.write_text(record.read_text()[:100])
    ended = call("--config", copied, "report")
    assert ended.code == 1
    assert "state-unusable" in ended.stderr
    assert "run.json" in ended.stderr
