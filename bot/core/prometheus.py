"""The Prometheus text format: the samples of one metric, and the one that a selector names.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4; exemplars of OpenMetrics are
passed over). Only the lines of the wanted metric are read, so that an unusual line elsewhere does no harm.
Every function raises ValueError and nothing else.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

from bot.core.quoting import quote

_NAME: Final = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SELECTOR: Final = re.compile(rf"\s*({_NAME})\s*(?:\{{(.*)\}})?\s*", re.DOTALL)
_LABEL: Final = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"[ \t]*')
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?Inf|NaN")
_TIMESTAMP: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_ESCAPE: Final = re.compile(r"\\(.)")
_NAMED_AT_MOST: Final = 3

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a metric: its labels in the order of the page, and its value (which may be infinite or NaN)."""

    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric by name, and the labels that its sample must carry."""

    name: str
    labels: Labels = ()


def selector(text: str) -> Selector:
    """Read `name` or `name{label="value", …}`."""
    found = _SELECTOR.fullmatch(text)
    if found is None:
        raise ValueError(f'{quote(text)} is not a metric: write name or name{{label="value"}}')
    labels, rest = _labels(found[2] or "", 0)
    if rest != len(found[2] or ""):
        raise ValueError(f'the labels of {found[1]} are malformed: write name{{label="value"}}')
    return Selector(found[1], labels)


def samples(page: str, name: str) -> tuple[Sample, ...]:
    """All samples of the metric `name` on a page, in its order."""
    if re.fullmatch(_NAME, name) is None:
        raise ValueError(f"{quote(name)} is not a metric name")
    lines = (line.strip(" \t\r") for line in page.split("\n"))
    return tuple(_sample(line[len(name) :], name) for line in lines if _is_of(line, name))


def _is_of(line: str, name: str) -> bool:
    return line.startswith(name) and line[len(name) : len(name) + 1] in ("{", " ", "\t")


def _sample(rest: str, name: str) -> Sample:
    rest = rest.lstrip(" \t")
    labels: Labels = ()
    if rest.startswith("{"):
        labels, end = _labels(rest, 1)
        if rest[end : end + 1] != "}":
            raise ValueError(f"a sample of {name} has malformed labels")
        rest = rest[end + 1 :]
    # Whatever follows ` # ` is an exemplar of OpenMetrics.
    fields = rest.partition(" # ")[0].split()
    if not 1 <= len(fields) <= 2 or any(_TIMESTAMP.fullmatch(field) is None for field in fields[1:]):  # noqa: PLR2004 - value, timestamp
        raise ValueError(f"a sample of {name} is malformed")
    return Sample(labels, _value(fields[0], name))


def _labels(text: str, start: int) -> tuple[Labels, int]:
    """The labels from `start` on, and where they end; a comma may follow the last one."""
    found: list[tuple[str, str]] = []
    position = start
    while (match := _LABEL.match(text, position)) is not None:
        found.append((match[1], _ESCAPE.sub(_unescape, match[2])))
        position = match.end()
        if text[position : position + 1] != ",":
            break
        position += 1
    while text[position : position + 1] in (" ", "\t"):
        position += 1
    return tuple(found), position


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] == "n" else match[1]


def _value(text: str, name: str) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"a sample of {name} has a value that is not a number")
    return float(text)


def select(page: str, wanted: Selector) -> float:
    """The one finite, non-negative value that the selector names; ValueError says what there is instead."""
    matching = [sample for sample in samples(page, wanted.name) if set(wanted.labels) <= set(sample.labels)]
    if not matching:
        raise ValueError(f"the page has no sample of {_show(wanted.name, wanted.labels)}")
    if len(matching) > 1:
        raise ValueError(_ambiguous(wanted, matching))
    value = matching[0].value
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{_show(wanted.name, wanted.labels)} is {value}, which says nothing")
    return value


def _ambiguous(wanted: Selector, matching: list[Sample]) -> str:
    named = "; ".join(_show("", sample.labels) for sample in matching[:_NAMED_AT_MOST])
    more = "; ..." if len(matching) > _NAMED_AT_MOST else ""
    return (
        f"the page has {len(matching)} samples of {_show(wanted.name, wanted.labels)} "
        f"({named}{more}); select one by its labels"
    )


def _show(name: str, labels: Labels) -> str:
    if not labels:
        return name or "no labels"
    inside = ", ".join(f"{quote(label)} {quote(value)}" for label, value in labels[:_NAMED_AT_MOST])
    return f"{name} with {inside}".strip()
