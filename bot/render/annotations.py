"""Annotations of a GitHub workflow: what people see of a run without opening any log.

A step may have ten errors, ten warnings and ten notices; more are dropped without a word, so that the last one counts
what is left out. Source: "Workflow commands for GitHub Actions" and "Usage limits" of GitHub's documentation.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.core.record import Outcome, RunRecord
from bot.core.text import plain
from bot.core.verdict import Check, Result

MOST_OF_A_KIND: Final = 10
# Longer messages are cut by GitHub in the middle of a word.
LONGEST: Final = 1000
_FINE: Final = frozenset({Outcome.PROMOTED, Outcome.PASSED, Outcome.UP_TO_DATE, Outcome.DRY_RUN})
_BY_WEIGHT: Final = (Result.FAIL, Result.INVALID, Result.INCONCLUSIVE)


def render_annotations(record: RunRecord) -> str:
    """One workflow command a line: how the run ended, what did not pass, and what people should know."""
    return "".join(f"{line}\n" for line in _lines(record))


def _lines(record: RunRecord) -> Iterator[str]:
    title = f"Promotion: {record.outcome.value}"
    kind = "notice" if record.outcome in _FINE else "error"
    yield annotation(kind, title, f"{record.reason} {record.action}")
    checks = record.verdict.checks if record.verdict else ()
    wrong = [check for result in _BY_WEIGHT for check in checks if check.result is result]
    yield from _some("error", [(_named(check), check.reason) for check in wrong], MOST_OF_A_KIND - 1)
    notices = record.verdict.notices if record.verdict else ()
    yield from _some("warning", [("Worth knowing", each.words) for each in notices], MOST_OF_A_KIND)


def _named(check: Check) -> str:
    place = f"{check.scenario} {check.endpoint}" if check.endpoint else check.scenario
    return f"{check.result.value}: {place} {check.objective} {check.limit}"


def _some(kind: str, said: Sequence[tuple[str, str]], room: int) -> Iterator[str]:
    shown = said if len(said) <= room else said[: room - 1]
    yield from (annotation(kind, title, message) for title, message in shown)
    if len(said) > room:
        yield annotation(kind, "And more", f"{len(said) - len(shown)} more stand in the report.")


def annotation(kind: str, title: str, message: str) -> str:
    """One workflow command; whatever stands in title and message, it stays this one command."""
    return f"::{kind} title={_property(plain(title, LONGEST))}::{_data(plain(message, LONGEST))}"


def _data(text: str) -> str:
    """As the runner reads the text of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As the runner reads a value between the commas of a command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
