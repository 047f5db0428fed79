"""Records that go to extremes: every text an attack, or more of everything than a report has room for."""

import dataclasses
from enum import Enum
from typing import Any

from support.measured import check, evidence, nightly_scenarios, scenario_evidence, verdict
from support.records import blocked_slow, trouble

from bot.core.record import (
    RunRecord,
)
from bot.core.verdict import Notice, Result


def with_text_everywhere(value: Any, text: str) -> Any:
    """The same value with every free text in it replaced, at any depth; enumerations stay what they are."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(with_text_everywhere(one, text) for one in value)
    if isinstance(value, dict):
        return dict.fromkeys(value, text)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: with_text_everywhere(getattr(value, one.name), text) for one in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    return value


# What a commit, a server or a probe may send: markup of every output format, and control of the terminal.
HOSTILE = (
    '<script>alert(1)</script><img src="http://evil.example/x" onerror=alert(1)> \x1b[31mred\x1b]8;;http://evil\x07 '
    "\u202e]]> --> [bold red]rich[/] [link](javascript:x) {{ 7*7 }} {% raw %} ${x} `code` | cell @everyone #1 "
    "'\"&amp; datum.x \x00\x08\ufffe\udc80 \r\nline"
)


def hostile() -> RunRecord:
    """A blocked night in which every free text is an attack."""
    return with_text_everywhere(noticed(blocked_slow(), 2), HOSTILE)


def noticed(record: RunRecord, count: int) -> RunRecord:
    """The record with so many notices."""
    notices = tuple(Notice("load-1k", None, "p95", "stands-out", f"load-1k: remark {n}. " * 9) for n in range(count))
    told = record.verdict and dataclasses.replace(record.verdict, notices=notices)
    return dataclasses.replace(record, verdict=told)


def crowded() -> RunRecord:
    """More of everything than any report has room for."""
    taken = scenario_evidence(nightly_scenarios()[0])
    endpoint = taken.endpoints[0]
    many = tuple(dataclasses.replace(endpoint, endpoint=f"GET /shop/{number}") for number in range(300))
    kinds = tuple((f"HTTP {number}", number) for number in range(400, 600))
    taken = dataclasses.replace(
        taken,
        endpoints=(dataclasses.replace(endpoint, failures=kinds), *many),
        user_errors=tuple((f"ValueError: {number}", number) for number in range(500)),
        refused_connects=tuple((f"10.0.{number}.1:80", number) for number in range(200)),
        truncated=tuple(f"line {number}" for number in range(200)),
        resources=taken.resources * 40,
    )
    failing = [
        check("load-1k", "p95", 2.0, Result.FAIL, endpoint=f"GET /shop/{n}", reason="slow " * 200) for n in range(300)
    ]
    record = dataclasses.replace(
        blocked_slow(),
        evidence=dataclasses.replace(
            evidence(*[taken] * 3), files=tuple((f"file-{n}.log", "ab" * 32) for n in range(80))
        ),
        verdict=verdict(*failing),
        trouble=trouble(nights=400, count=5000),
        reason="because " * 500,
    )
    return noticed(record, 300)
