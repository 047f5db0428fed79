"""What a case came to, held against what it must come to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.verdict import Check, Result, Verdict
from bot.selftest.case import Case


class Mark(StrEnum):
    """Whether the gate said what it must, and if not, how bad that is."""

    RIGHT = "right"
    FALSE_PASS = "false pass"  # noqa: S105 - a mark, not a password
    FALSE_BLOCK = "false block"
    WRONG = "wrong"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case, played. `got` is None where it could not be played to its end; `sentence` says what was seen."""

    case: Case
    mark: Mark
    got: Result | None
    sentence: str
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the gate said what it must."""
        return self.mark is Mark.RIGHT


@dataclass(frozen=True, slots=True)
class Seen:
    """What came out: the verdict that counts, whether the gate let the run through, and what else went wrong.

    `trouble` names what makes the case wrong whatever its verdict says, empty where nothing does.
    """

    verdict: Verdict
    approved: bool
    trouble: str = ""


_EVERYTHING_HELD: Final = "all checks passed"


def assess(case: Case, seen: Seen, seconds: float) -> Outcome:
    """Hold what was seen against what must be."""
    got, must = seen.verdict.result, case.must
    culprit = _culprit(seen.verdict, must.cause, must.says, must.result)
    sentence = culprit.reason if culprit else _first(seen.verdict)
    mark = _mark(case, seen, found=culprit is not None)
    if mark is Mark.WRONG:
        sentence = f"{seen.trouble or _expected(case)}; {sentence}"
    return Outcome(case, mark, got, sentence, seconds)


def broken(case: Case, words: str, seconds: float) -> Outcome:
    """A case that could not be played."""
    return Outcome(case, Mark.BROKEN, None, words, seconds)


def _mark(case: Case, seen: Seen, *, found: bool) -> Mark:
    got = seen.verdict.result
    if case.healthy:
        if not seen.approved or got is not Result.PASS:
            return Mark.FALSE_BLOCK
        return Mark.WRONG if seen.trouble else Mark.RIGHT
    if seen.approved or got is Result.PASS:
        return Mark.FALSE_PASS
    return Mark.RIGHT if found and got is case.must.result and not seen.trouble else Mark.WRONG


def _culprit(verdict: Verdict, cause: str, says: str, result: Result) -> Check | None:
    """The check that must say no; it may be a lesser one than what the whole came to."""
    fitting = (each for each in verdict.checks if each.objective == cause and says in each.reason)
    bad = [each for each in fitting if each.result is not Result.PASS]
    return next((each for each in bad if each.result is result), bad[0] if bad else None)


def _first(verdict: Verdict) -> str:
    """The first sentence of the worst; where all passed, that."""
    if verdict.result is Result.PASS:
        return _EVERYTHING_HELD
    return next((each.reason for each in verdict.checks if each.result is verdict.result), "nothing was judged")


def _expected(case: Case) -> str:
    must = case.must
    return f"{must.cause} had to say no with “{must.says}”" if must.says else f"{must.cause} had to say no"


@dataclass(frozen=True, slots=True)
class Tally:
    """All outcomes of a drill, counted."""

    cases: int
    right: int
    false_passes: int
    false_blocks: int

    @property
    def good(self) -> bool:
        """Whether every case got its verdict; none at all proves nothing."""
        return 0 < self.cases == self.right


def tally(outcomes: list[Outcome]) -> Tally:
    """Count them."""
    marks = [each.mark for each in outcomes]
    return Tally(len(marks), *(marks.count(one) for one in (Mark.RIGHT, Mark.FALSE_PASS, Mark.FALSE_BLOCK)))
