"""The one issue about a blocked branch: its body, the comment on a change of cause, and the one that closes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.announcing import cause
from bot.core.hosting import Blocked, Unblocked
from bot.core.record import CommitSummary, Outcome, RunRecord, Trouble
from bot.core.verdict import Check, Result, decisive
from bot.render.checks import CheckRow, check_rows
from bot.render.escape import Inert, markdown_inline
from bot.render.figures import day, moment
from bot.render.host_chart import nights_chart
from bot.render.host_links import compare_url, evidence_url, facts, release_url, sha
from bot.render.host_page import changed_words, diagnoses, required_lines
from bot.render.host_status import failing_words
from bot.render.host_tables import CHECKS_HEAD, check_lines
from bot.render.host_text import bare, coded, linked, size
from bot.render.taken_back import authors
from bot.render.templating import markdown_environment
from bot.render.text import NAME, SUBJECT, line
from bot.render.words import NO_PROOF, counted, headline, outcome_word

BODY: Final = 64_000
"""Bytes: GitHub takes 65,536 characters; the rest is for what an adapter adds to find the issue again."""

_TITLE: Final = 120
_LEAST: Final = 0
# So many rows, commits and remarks; the next where that is too much: hostile names and sentences may be very long.
_COUNTS: Final = (20, 12, 6, 3, 1, _LEAST)
# What did not pass is shown whole; what passed only fills the table up to so many rows.
_AT_A_GLANCE: Final = 8
_BAD: Final = frozenset({Result.FAIL, Result.INVALID, Result.INCONCLUSIVE})


@dataclass(frozen=True, slots=True)
class _Suspects:
    """Whose commits came in since the last good one; `rows` are the newest, `hidden` how many more there are."""

    total: str
    authors: str
    rows: tuple[Inert, ...]
    hidden: int
    compare: Inert | None


def blocked(record: RunRecord, run_url: str | None, accounts: Mapping[str, str]) -> Blocked:
    """What blocks the target; `accounts` are the account names that may be mentioned, by full id of a commit."""
    url = evidence_url(record, run_url)
    source, target = record.repository.source, record.repository.target
    return Blocked(
        branch=target,
        title=bare(f"{target} is blocked: {source} cannot be promoted", _TITLE),
        body=_fitting(record, url, accounts),
        cause=cause(record),
        comment=_rendered("host_change.md.j2", cause=coded_cause(record), said=_said(record), facts=facts(record, url)),
        run_id=record.run_id,
    )


def unblocked(record: RunRecord, run_url: str | None) -> Unblocked:
    """What ended it: a promotion with its release, or that nothing waits any more."""
    comment = _rendered(
        "host_unblocked.md.j2",
        is_promoted=record.outcome is Outcome.PROMOTED,
        said=line(headline(record)),
        release=coded(line(record.tag, NAME), release_url(record)) if record.tag else "",
        facts=facts(record, evidence_url(record, run_url)),
    )
    return Unblocked(record.repository.target, comment, record.run_id)


def coded_cause(record: RunRecord) -> Inert:
    """The cause as a code span: it is made of letters and a few signs, no backtick among them."""
    return Inert(f"`{cause(record)}`")


def _rendered(name: str, **facts: object) -> str:
    return markdown_environment().get_template(name).render(**facts)


def _fitting(record: RunRecord, url: str | None, accounts: Mapping[str, str]) -> str:
    """The body with as much of every list as there is room for."""
    body = ""
    for most in _COUNTS:
        body = _body(record, url, accounts, most)
        if size(body) <= BODY:
            break
    return body


def _body(record: RunRecord, url: str | None, accounts: Mapping[str, str], most: int) -> str:
    rows = check_rows(record)
    shown = rows[: min(most, max(_AT_A_GLANCE, sum(row.result in _BAD for row in rows)))]
    check = _named(record)
    trouble = record.trouble
    return _rendered(
        "host_issue.md.j2",
        target=coded(line(record.repository.target, NAME)),
        source=coded(line(record.repository.source, NAME)),
        since=_since(record),
        why=_why(record),
        said=_said(record),
        action=line(record.action),
        cause=coded_cause(record),
        required=list(required_lines(record))[: most + 1],
        head=CHECKS_HEAD,
        rows=Inert("".join(check_lines(shown))),
        hidden=_hidden(rows[len(shown) :]),
        chart=nights_chart(record, check) if check else None,
        remarks=list(_remarks(record))[:most],
        trouble=trouble,
        first_bad=_at(trouble.since) if trouble else "",
        last_good=_last_good(record, trouble) if trouble else "",
        suspects=_suspects(record, trouble, accounts, most) if trouble and trouble.suspects else None,
        show=coded(f"promote show {line(record.run_id, NAME)}"),
        facts=facts(record, url),
    )


def _hidden(rows: tuple[CheckRow, ...]) -> str:
    if not rows:
        return ""
    passed = all(row.result is Result.PASS for row in rows)
    return f"{counted(len(rows), 'other check')} {'passed' if passed else 'stand in the report'}."


def _at(text: str) -> str:
    return line(moment(text), NAME)


def _since(record: RunRecord) -> str:
    """Since when and for how many nights; of a refusal nobody counted them, and the issue itself is as old as that."""
    if record.trouble is None:
        return f"since this issue was opened, last seen at {_at(record.started_at)}"
    nights = record.trouble.nights
    return f"since {_at(record.trouble.since)}, {counted(nights, 'bad run')}{' in a row' if nights > 1 else ''}"


def _why(record: RunRecord) -> str:
    """What goes before the sentence: how the run ended, where that says more than that it is blocked."""
    return "Why" if record.outcome is Outcome.BLOCKED else outcome_word(record).text


def _said(record: RunRecord) -> str:
    """What was seen, in one sentence: the first check with its numbers, else the reason."""
    rows = check_rows(record)
    if record.outcome is Outcome.BLOCKED and rows and rows[0].result is Result.FAIL:
        more = f" ({rows[0].excess})" if rows[0].excess else ""
        return line(f"{failing_words(rows[0])}{more}.{_others(rows)}")
    return line(record.reason)


def _others(rows: tuple[CheckRow, ...]) -> str:
    failing = sum(row.result is Result.FAIL for row in rows) - 1
    return f" {counted(failing, 'other check')} failed as well." if failing else ""


def _named(record: RunRecord) -> Check | None:
    """The check that decided, where it was one that did not pass."""
    if record.verdict is None or record.verdict.result not in _BAD:
        return None
    return decisive(record.verdict)


def _remarks(record: RunRecord) -> Iterator[str]:
    """What must be known to read the numbers of the scenarios that are not well."""
    if record.evidence is not None and not record.evidence.proof:
        yield NO_PROOF
    if changed := changed_words(record.plan):
        yield changed
    bad = {check.scenario for check in record.verdict.checks if check.result in _BAD} if record.verdict else set()
    yield from (words for name, words in diagnoses(record) if name in bad)


# --- whose commits


def _last_good(record: RunRecord, trouble: Trouble) -> Inert:
    if not trouble.last_good_sha:
        return Inert("none on record")
    at = f", {markdown_inline(_at(trouble.last_good_at))}" if trouble.last_good_at else ""
    return Inert(f"{sha(record, trouble.last_good_sha)}{at}")


def _suspects(record: RunRecord, trouble: Trouble, accounts: Mapping[str, str], most: int) -> _Suspects:
    found = trouble.suspects
    tip = record.candidate.sha if record.candidate else ""
    compared = compare_url(record, trouble.last_good_sha or "", tip)
    return _Suspects(
        total=counted(len(found), "commit"),
        authors=authors(found),
        rows=tuple(_suspect(record, one, accounts.get(one.sha)) for one in found[:most]),
        hidden=max(0, len(found) - most),
        compare=linked(Inert("compare"), compared) if compared else None,
    )


def _suspect(record: RunRecord, one: CommitSummary, account: str | None) -> Inert:
    """One commit; only an account name that the host itself gave is written so that it notifies."""
    author = markdown_inline(line(one.author, NAME) or "unknown")
    mention = f" (@{account})" if account else ""
    subject = markdown_inline(line(one.subject, SUBJECT) or "(no subject)")
    return Inert(f"- {sha(record, one.sha)} {author}{mention}: {subject} ({markdown_inline(line(day(one.at), NAME))})")
