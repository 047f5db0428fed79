"""The sentences that every report shares: outcomes, results, objectives, and by how much a limit was missed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.core.limits import Limit
from bot.core.loadplan import ClosedModel, OpenModel, ScenarioPlan
from bot.core.promotion import Promotion
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind, RunRecord
from bot.core.units import format_value
from bot.core.verdict import Check, Result
from bot.render.shapes import arrivals_words, workers_words


class Tone(StrEnum):
    """How a word is meant; every renderer gives each tone a colour, and never the colour alone."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its tone."""

    text: str
    tone: Tone


OUTCOMES: Final = {
    Outcome.PROMOTED: Word("Promoted", Tone.GOOD),
    Outcome.PASSED: Word("Passed", Tone.GOOD),
    Outcome.UP_TO_DATE: Word("Up to date", Tone.CALM),
    Outcome.BLOCKED: Word("Blocked", Tone.BAD),
    Outcome.INCONCLUSIVE: Word("Inconclusive", Tone.WARN),
    Outcome.INVALID: Word("Invalid", Tone.WARN),
    Outcome.REFUSED: Word("Refused", Tone.WARN),
    Outcome.DRY_RUN: Word("Dry run", Tone.CALM),
    Outcome.ERROR: Word("Error", Tone.BAD),
}

# What a successful run of these kinds is called; its outcome is "promoted" all the same.
_DONE: Final = {
    RunKind.HOTFIX: Word("Hotfix shipped", Tone.GOOD),
    RunKind.ROLLBACK: Word("Rolled back", Tone.GOOD),
    RunKind.BACKPORT: Word("Backported", Tone.GOOD),
}

RESULTS: Final = {
    Result.PASS: Word("pass", Tone.GOOD),
    Result.FAIL: Word("FAIL", Tone.BAD),
    Result.INVALID: Word("INVALID", Tone.WARN),
    Result.INCONCLUSIVE: Word("INCONCLUSIVE", Tone.WARN),
}

_OBJECTIVES: Final = {
    "error_rate": "error rate",
    "memory_growth": "memory growth",
    "cpu": "CPU, mean",
    "rate": "rate sent",
    "deployment": "staging ran the candidate",
    "completion": "run complete",
    "requests": "requests made",
    "tasks": "tasks without exception",
    "allow_hosts": "allowed hosts only",
    "generator": "generator kept up",
    "restart": "service ran through",
}

FAILING_TITLES: Final = {
    Result.FAIL: "What failed",
    Result.INVALID: "What cannot be trusted",
    Result.INCONCLUSIVE: "What could not be decided",
    Result.PASS: "",
}

NO_PROOF: Final = (
    "Nothing proves which commit staging ran: version_url is not configured, "
    "so these results may belong to another build."
)
UNTESTED: Final = "Nobody tested it: a person had it shipped without, for the reason above. The ledger says so too."
CHANGED: Final = "This run was changed on the command line: "
ALL_ENDPOINTS: Final = "all endpoints"
ABSENT: Final = "–"  # noqa: RUF001 - the dash that people put into an empty table cell


def objective_name(key: str) -> str:
    """The objective's configuration key as people say it."""
    return _OBJECTIVES.get(key, key.replace("_", " "))


def is_untested(record: RunRecord) -> bool:
    """Whether a hotfix went to production, or would, without any measurement."""
    is_through = record.outcome in (Outcome.PROMOTED, Outcome.DRY_RUN)
    return is_through and record.kind is RunKind.HOTFIX and record.verdict is None


def counted(number: int, noun: str, plural: str = "") -> str:
    """The number with its noun, such as `1 check` or `12,000 requests`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


_ASKED_OF_THE_HOST: Final = frozenset({Reason.CHECKS_FAILED.code, Reason.CHECKS_PENDING.code})
_HEADLINES: Final = {
    Outcome.PASSED: (Result.PASS, "passed; a gate moves nothing."),
    Outcome.BLOCKED: (Result.FAIL, "failed; {target} was not moved."),
    Outcome.INCONCLUSIVE: (Result.INCONCLUSIVE, "could not be decided; {target} was not moved."),
    Outcome.DRY_RUN: (Result.PASS, "passed; nothing was written."),
}


def outcome_word(record: RunRecord) -> Word:
    """How the run ended, in a word or two."""
    word = OUTCOMES[record.outcome]
    return _DONE.get(record.kind, word) if record.outcome is Outcome.PROMOTED else word


def headline(record: RunRecord) -> str:
    """The outcome in one sentence, without the outcome's own word."""
    target = record.repository.target
    if record.outcome is Outcome.PROMOTED and record.promotion:
        return _moved(record, record.promotion)
    if record.outcome is Outcome.DRY_RUN and record.restored:
        would = f"{target} would have the content of {record.restored.tag} again"
        return f"{would}, {counted(len(record.restored.commits), 'commit')} taken back; nothing was written."
    if record.reason_code in _ASKED_OF_THE_HOST:
        # What was measured did not decide it, and may even have passed.
        return record.reason
    if record.outcome is Outcome.INVALID:
        return f"the measurement cannot be trusted; {target} was not moved."
    if record.outcome not in _HEADLINES or not record.verdict:
        return record.reason
    result, rest = _HEADLINES[record.outcome]
    return f"{_share(record.verdict.checks, result)} {rest.format(target=target)}"


def _moved(record: RunRecord, moved: Promotion) -> str:
    """What happened to the branch that the run was about."""
    if record.restored:
        taken = counted(len(record.restored.commits), "commit")
        return f"{moved_branch(record)} has the content of {record.restored.tag} again, {taken} taken back."
    names = [branch_name(move.ref) for move in moved.others]
    others = f", and {' and '.join(names)} with it" if names else ""
    return f"{moved_branch(record)} moved from {moved.target_before[:12]} to {moved.target_after[:12]}{others}."


def moved_branch(record: RunRecord) -> str:
    """The branch that the run was about: the first that its push moved, else the target."""
    first = next((update.ref for update in record.updates), "")
    return branch_name(first) if first.startswith(_HEADS) else record.repository.target


def branch_name(ref: str) -> str:
    """A full ref name without what all branches begin with."""
    return ref.removeprefix(_HEADS)


_HEADS: Final = "refs/heads/"


def _share(checks: tuple[Check, ...], result: Result) -> str:
    found = sum(check.result is result for check in checks)
    return f"{found} of {counted(len(checks), 'check')}"


def excess(key: str, limit: Limit | None, observed: float | None) -> str:
    """By how much the limit was missed, such as `1.15x the limit`; empty where it was held or cannot be said."""
    if limit is None or observed is None or limit.holds(observed):
        return ""
    if not limit.is_upper:
        return f"{format_value(key, limit.value - observed)} short"
    if limit.value <= 0:
        return f"{format_value(key, observed - limit.value)} over"
    ratio = observed / limit.value
    return "just over the limit" if ratio < 1.005 else f"{_ratio(ratio)}× the limit"  # noqa: PLR2004, RUF001 - 1.005 is where two decimals stop saying 1.00


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}"  # noqa: PLR2004 - two significant digits are enough from ten on


def load_words(plan: ScenarioPlan) -> str:
    """What load a scenario puts on the service."""
    return ", ".join(filter(None, (_model_words(plan.model), workers_words(plan.workers))))


def _model_words(model: OpenModel | ClosedModel) -> str:
    match model:
        case OpenModel():
            return f"{arrivals_words(model)}, open model"
        case ClosedModel(users=users):
            return f"{counted(users, 'user')}, closed model"


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
