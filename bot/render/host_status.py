"""What a commit status says of a candidate: its one line, its title, and the page behind it."""

from collections.abc import Callable
from typing import Final

from bot.core.announcing import light_at_end, light_of
from bot.core.hosting import Light, Mark
from bot.core.loadplan import LoadPlan
from bot.core.record import Outcome, RunRecord
from bot.core.units import format_value
from bot.core.verdict import Result, Verdict, decisive
from bot.render.checks import CheckRow, check_rows
from bot.render.figures import lasted
from bot.render.host_page import Lead, checks_page, plan_page
from bot.render.host_text import bare, described
from bot.render.text import NAME, line
from bot.render.words import ABSENT, ALL_ENDPOINTS, counted, headline, outcome_word

_TITLE: Final = 100
_NAMED: Final = 3

_Rows = tuple[CheckRow, ...]


def beginning(record: RunRecord, plan: LoadPlan, url: str | None) -> Mark:
    """That the candidate is about to be measured: with what, and about how long that takes."""
    names = [line(each.name, NAME) for each in plan.scenarios]
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    planned = lasted(sum(each.warmup + each.duration for each in plan.scenarios))
    return _mark(
        record,
        light=Light.PENDING,
        line=described(f"Measuring {', '.join([*names[:_NAMED], *more])}", ending=f" (about {planned})"),
        title=bare(f"Measuring {counted(len(names), 'scenario')}, about {planned}", _TITLE),
        page=plan_page(record, plan, planned),
        url=url,
    )


def judged(record: RunRecord, verdict: Verdict, url: str | None) -> Mark:
    """What the verdict says, before anything is pushed; reason and outcome are not on record yet."""
    rows = check_rows(record)
    said = _VERDICTS[verdict.result](rows)
    why = "" if verdict.result is Result.PASS else line(decisive(verdict).reason)
    return _mark(
        record,
        light=light_of(verdict),
        line=_verdict_line(verdict, rows),
        title=bare(said, _TITLE),
        page=checks_page(record, rows, Lead(f"{said}. Nothing was moved yet.", why, "", url)),
        url=url,
    )


def ended(record: RunRecord, url: str | None) -> Mark:
    """How the run ended; the line of a promotion begins with its tag."""
    rows = check_rows(record)
    said = f"{outcome_word(record).text}: {line(headline(record))}"
    is_done = record.outcome is Outcome.PROMOTED
    why = "" if is_done or line(record.reason) in said else line(record.reason)
    return _mark(
        record,
        light=light_at_end(record),
        line=_last_line(record, rows),
        title=bare(said, _TITLE),
        page=checks_page(record, rows, Lead(said, why, "" if is_done else line(record.action), url)),
        url=url,
    )


def failing_words(row: CheckRow) -> str:
    """`load-1k: p95 1.71s, limit < 1.5s`; of a check without a number its whole sentence."""
    if row.observed == ABSENT:
        return row.reason
    place = "" if row.endpoint == ALL_ENDPOINTS else f", {row.endpoint}"
    return f"{row.scenario}{place}: {row.objective} {row.observed}, limit {row.limit}"


def _mark(record: RunRecord, *, light: Light, line: str, title: str, page: str, url: str | None) -> Mark:
    sha = record.candidate.sha if record.candidate else ""
    return Mark(sha, light, line, title, page, url, record.run_id)


def _verdict_line(verdict: Verdict, rows: _Rows) -> str:
    match verdict.result:
        case Result.PASS:
            return described(_met(verdict, rows))
        case Result.FAIL:
            return _failed(rows)
    return described(f"{_VERDICTS[verdict.result](rows)}: {decisive(verdict).reason}")


def _last_line(record: RunRecord, rows: _Rows) -> str:
    if record.outcome is Outcome.PROMOTED:
        said = _met(record.verdict, rows) if record.verdict else _untested(record)
        return described(f"{record.tag or 'moved'}: {said}")
    if record.outcome is Outcome.BLOCKED and any(row.result is Result.FAIL for row in rows):
        return _failed(rows)
    return described(f"{outcome_word(record).text}: {record.reason}")


def _met(verdict: Verdict, rows: _Rows) -> str:
    """`all 14 objectives met (p95 62.1ms)`: the configured ones, without the conditions that the bot itself makes."""
    number = sum(not row.is_condition for row in rows) or len(rows)
    return f"{'all ' if number > 1 else ''}{counted(number, 'objective')} met{_highest_p95(verdict)}"


def _highest_p95(verdict: Verdict) -> str:
    found = [one.observed for one in verdict.checks if one.objective == "p95" and one.endpoint is None]
    known = [observed for observed in found if observed is not None]
    return f" (p95 {format_value('p95', max(known))})" if known else ""


def _failed(rows: _Rows) -> str:
    """The first failing objective with its value and its limit, and how many failed."""
    failing = sum(row.result is Result.FAIL for row in rows)
    return described(failing_words(rows[0]), ending=f" ({failing} of {counted(len(rows), 'check')} failed)")


def _untested(record: RunRecord) -> str:
    return f"nobody tested it; {record.actor} had it shipped: {record.justification or 'no reason was given'}"


def _share(rows: _Rows, result: Result) -> str:
    return f"{sum(row.result is result for row in rows)} of {counted(len(rows), 'check')}"


_VERDICTS: Final[dict[Result, Callable[[_Rows], str]]] = {
    Result.PASS: lambda rows: f"{'All ' if len(rows) > 1 else ''}{counted(len(rows), 'check')} passed",
    Result.FAIL: lambda rows: f"{_share(rows, Result.FAIL)} failed",
    Result.INCONCLUSIVE: lambda rows: f"{_share(rows, Result.INCONCLUSIVE)} could not be decided",
    Result.INVALID: lambda _: "The measurement cannot be trusted",
}
