"""JUnit XML for CI: one test case per check; whatever is not a proven pass is a failure or an error, never a skip."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from itertools import groupby

from bot.core.record import Outcome, RunRecord
from bot.core.verdict import Result
from bot.render.checks import CheckRow, check_rows
from bot.render.escape import plain
from bot.render.figures import seconds_between
from bot.render.text import line
from bot.render.view import build_view
from bot.render.words import ABSENT

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FINE = frozenset({Outcome.PROMOTED, Outcome.PASSED, Outcome.DRY_RUN, Outcome.UP_TO_DATE})


def render_junit(record: RunRecord) -> str:
    """One suite per scenario; a run without a failing check that still did not end well gets a case that says so."""
    root = ET.Element("testsuites", _texts(name=f"promotion-bot {record.run_id}", time=_took(record)))
    where = _where(record)
    by_scenario = sorted(check_rows(record), key=lambda row: row.scenario)
    for scenario, rows in groupby(by_scenario, key=lambda row: row.scenario):
        _suite(root, scenario, [_case(row) for row in rows], record, where)
    if _unexplained(record):
        _suite(root, "run", [_outcome(record)], record, where)
    _count(root, root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _suite(root: ET.Element, name: str, cases: Iterable[ET.Element], record: RunRecord, where: str) -> None:
    suite = ET.SubElement(root, "testsuite", _texts(name=name, timestamp=record.started_at.removesuffix("Z")))
    suite.extend(cases)
    _count(suite, suite)
    ET.SubElement(suite, "system-out").text = _text(where)


def _count(element: ET.Element, within: ET.Element) -> None:
    kinds = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for attribute, tag in kinds.items():
        element.set(attribute, str(sum(1 for _ in within.iter(tag))))


def _case(row: CheckRow) -> ET.Element:
    case = ET.Element("testcase", _texts(classname=row.scenario, name=f"{row.endpoint}: {row.objective} {row.limit}"))
    match row.result:
        case Result.PASS:
            pass
        case Result.FAIL:
            _problem(case, "failure", "slo-failed", row)
        case Result.INVALID | Result.INCONCLUSIVE:
            _problem(case, "error", row.result.value, row)
    return case


def _problem(case: ET.Element, tag: str, kind: str, row: CheckRow) -> None:
    told = f"observed {row.observed}, limit {row.limit}, 95% bounds {row.bounds}, {row.samples} samples"
    if row.baseline != ABSENT:
        told += f", baseline {row.baseline}"
    found = ET.SubElement(case, tag, _texts(type=kind, message=f"{told}; {row.excess}" if row.excess else told))
    found.text = _text(row.reason)


def _unexplained(record: RunRecord) -> bool:
    checks = record.verdict.checks if record.verdict else ()
    return not checks or (record.outcome not in _FINE and all(check.result is Result.PASS for check in checks))


def _outcome(record: RunRecord) -> ET.Element:
    case = ET.Element("testcase", _texts(classname="run", name="outcome"))
    sentence = line(record.reason)
    if record.outcome in _FINE:
        # Nothing was measured, so nothing passed.
        ET.SubElement(case, "skipped", _texts(message=sentence))
    else:
        found = ET.SubElement(case, "error", _texts(type=record.reason_code, message=sentence))
        found.text = _text(line(record.action))
    return case


def _where(record: RunRecord) -> str:
    names = ", ".join(file.name for file in build_view(record).files)
    return f"Run {line(record.run_id)}, beside this file: {names}"


def _took(record: RunRecord) -> str:
    return f"{seconds_between(record.started_at, record.finished_at) or 0.0:.3f}"


def _texts(**attributes: str) -> dict[str, str]:
    return {name: _text(value) for name, value in attributes.items()}


def _text(value: str) -> str:
    return _FORBIDDEN.sub("", plain(value))
