"""The end of a run on a terminal, and `promote show`: the same first screen as every other report."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.core.reasons import Reason
from bot.core.record import RunRecord
from bot.core.verdict import Result
from bot.render.checks import CheckRow
from bot.render.conflict_view import ConflictView
from bot.render.suspects import Suspect
from bot.render.taken_back import TakenBackView
from bot.render.view import ReportView, TroubleView, build_view
from bot.render.words import ALL_ENDPOINTS, Tone

MOST_CHECKS: Final = 40
MOST_REASONS: Final = 6
MOST_SCENARIOS: Final = 10
MOST_NOTICES: Final = 6
MOST_REQUIRED: Final = 20
_WIDE: Final = 100
_WIDER: Final = 120
_NEAR: Final = str.maketrans("×–→·…", "x->-.")  # noqa: RUF001 - the characters that our own words use
STYLES: Final = {Tone.GOOD: "green", Tone.BAD: "red", Tone.WARN: "yellow", Tone.CALM: "cyan"}


def render_terminal(record: RunRecord, console: Console) -> None:
    """Print the run; foreign text never is markup, and colour never carries a meaning alone."""
    view = build_view(record)
    console.print(Group(*_parts(view, console)), markup=False, highlight=False, emoji=False)


def _parts(view: ReportView, console: Console) -> Iterator[RenderableType]:
    def say(*pieces: tuple[str, str] | str) -> Text:
        return speakable(Text.assemble(*pieces), console)

    tone = STYLES[view.outcome.tone]
    yield say((f" {view.outcome.text.upper()} ", f"bold reverse {tone}"), " ", (view.headline, "bold"))
    if view.reason != view.headline:
        yield say(view.reason)
    yield say(("Next: ", "bold"), view.action, (f" ({view.reason_code})", "dim"))
    for text in (
        *_deed(view),
        *_planned(view),
        *_required(view),
        *_looks(view),
        Text(view.attempts, "yellow"),
        *(Text(f"Audit: {words}", "yellow") for words in view.differences),
        *(Text(f"Settled: {words}", "yellow") for words in view.settled),
        Text(view.proof_warning, "yellow"),
        Text(view.changed, "yellow"),
    ):
        if text:
            yield speakable(text, console)
    if view.checks:
        yield Padding(_checks(_worth_a_row(view.checks), console, view), (1, 0))
        yield from (speakable(text, console) for text in _conditions(view.checks))
        yield from (speakable(Text(reason), console) for reason in _reasons(view))
    for words in view.notices[:MOST_NOTICES]:
        yield say(("Note: ", "bold yellow"), words)
    if len(view.notices) > MOST_NOTICES:
        yield say(f"and {len(view.notices) - MOST_NOTICES} more notes in report.md")
    if view.trouble:
        yield from (speakable(text, console) for text in _trouble(view.trouble))
    yield from (speakable(text, console) for text in _said(view))
    yield say(("Evidence: ", "bold"), ", ".join(file.name for file in view.files))
    facts = (f"{fact.label.lower()} {fact.value}" for fact in view.facts)
    yield say((" · ".join(facts), "dim"))
    yield say((f"run {view.run_id}", "dim"))


def _planned(view: ReportView) -> Iterator[Text]:
    """The exact ref updates of a dry run: what it was asked for; a real run shows what it moved elsewhere."""
    if view.reason_code == Reason.DRY_RUN.code:
        for ref, before, after in view.appendix.updates:
            yield Text.assemble("  ", (ref, "bold"), f" {before} → {after or 'made when it is sent'}")


def _required(view: ReportView) -> Iterator[Text]:
    """The checks that the host must have seen succeed: each that did not, and all of them in one line."""
    if view.required is None:
        return
    yield Text(f"{view.required.words}.", "" if view.required.is_met else "bold")
    for row in view.required.rows[:MOST_REQUIRED]:
        if row.word.tone is not Tone.GOOD:
            yield Text.assemble(
                "  ", (row.word.text, STYLES[row.word.tone]), f" {row.name}: {row.said} {row.url}".rstrip()
            )


def _said(view: ReportView) -> Iterator[Text]:
    """What was said on the host and where, and what was not."""
    for row in view.said:
        if row.failure:
            yield Text.assemble((f"{row.what} not said: ", "bold yellow"), row.failure)
        else:
            yield Text.assemble((f"{row.what}: ", "bold"), row.url)


def _looks(view: ReportView) -> Iterator[Text]:
    """What the numbers of each scenario tell of, and what must be known to read them."""
    for one in view.appendix.scenarios[:MOST_SCENARIOS]:
        word = one.diagnosis.word
        words = " ".join((f"{one.name}: {one.diagnosis.words}", *one.notes))
        yield Text.assemble((word.text, f"bold {STYLES[word.tone]}"), f", {words}")


def _worth_a_row(checks: Sequence[CheckRow]) -> list[CheckRow]:
    return [row for row in checks if not _holds(row)]


def _holds(row: CheckRow) -> bool:
    return row.is_condition and row.result is Result.PASS


def _conditions(checks: Sequence[CheckRow]) -> Iterator[Text]:
    """The conditions of a trustworthy measurement that hold, in one line: only a broken one is news."""
    held = [row for row in checks if _holds(row)]
    if held:
        names = ", ".join(dict.fromkeys(row.objective for row in held))
        yield Text.assemble((f"{len(held)} conditions hold: ", "bold"), names)


def _checks(rows: Sequence[CheckRow], console: Console, view: ReportView) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    wide, with_baseline = console.width >= _WIDE, view.has_baseline and console.width >= _WIDER
    table.add_column("Result", no_wrap=True)
    for name in ("Check", "Limit"):
        table.add_column(name, overflow="fold")
    table.add_column("Observed", justify="right", no_wrap=True)
    for name in ("95% bounds", "Samples") if wide else ():
        table.add_column(name, no_wrap=True, justify="right" if name == "Samples" else "left")
    if with_baseline:
        table.add_column("Baseline", no_wrap=True, justify="right")
    table.add_column("By how much", overflow="fold")
    for row in rows[:MOST_CHECKS]:
        *cells, excess = _cells(row, full=wide)
        if with_baseline:
            cells.append(Text(row.baseline, style="dim"))
        table.add_row(*(speakable(cell, console) for cell in (*cells, excess)))
    if len(rows) > MOST_CHECKS:
        table.caption = f"and {len(rows) - MOST_CHECKS} more in report.md"
    return table


def _cells(row: CheckRow, *, full: bool) -> Iterator[Text]:
    style = STYLES[row.word.tone]
    yield Text(row.word.text, style=style if row.result is Result.PASS else f"bold {style}")
    where = "" if row.endpoint == ALL_ENDPOINTS else f", {row.endpoint}"
    yield Text(f"{row.scenario}: {row.objective}{where}")
    yield Text(row.limit)
    yield Text(row.observed, style="" if row.result is Result.PASS else "bold")
    if full:
        yield Text(row.bounds, style="dim")
        yield Text(row.samples, style="dim")
    yield Text(row.excess, style=style)


def _reasons(view: ReportView) -> list[str]:
    """The sentences of what did not pass, each once, without the one that was said at the top."""
    told = dict.fromkeys(row.reason for row in view.failing if row.reason != view.reason)
    return list(told)[:MOST_REASONS]


def _trouble(trouble: TroubleView) -> Iterator[Text]:
    good = f"{trouble.good_sha}, {trouble.good_at}" if trouble.good_sha else "none on record"
    yield Text.assemble(("Since: ", "bold"), trouble.since, f"; last good: {good}")
    if not trouble.suspects:
        return
    yield Text.assemble(("New since then: ", "bold"), f"{trouble.total} by {trouble.authors}")
    yield from _commits(trouble.suspects, trouble.more)


def _deed(view: ReportView) -> Iterator[Text]:
    """Why a person did it, what a rollback took back, and what no merge could be made of."""
    if view.why:
        yield Text.assemble(("Why: ", "bold"), view.why)
    if view.taken_back:
        yield from _taken_back(view.taken_back)
    if view.conflict:
        yield from _conflict(view.conflict)


def _taken_back(taken: TakenBackView) -> Iterator[Text]:
    by = f" by {taken.authors}" if taken.authors else ""
    yield Text.assemble((f"{taken.title}: ", "bold"), f"{taken.total}{by}")
    yield from _commits(taken.commits, taken.more)
    if taken.quarantined:
        yield Text.assemble((f"{taken.quarantine_title}: ", "bold"), taken.quarantined)


def _conflict(conflict: ConflictView) -> Iterator[Text]:
    yield Text.assemble(("In conflict: ", "bold"), conflict.total)
    yield from (Text(f"  {path}") for path in conflict.files)
    if conflict.more:
        yield Text(f"  and {conflict.more} more")
    for side in conflict.sides:
        yield Text.assemble((f"{side.title}:", "bold"), "" if side.commits else " by no commit of its own")
        yield from _commits(side.commits, side.more)


def _commits(commits: Sequence[Suspect], more: int) -> Iterator[Text]:
    for one in commits:
        yield Text.assemble("  ", (one.sha, "yellow"), f" {one.author}: {one.subject}")
    if more:
        yield Text(f"  and {more} more")


def speakable(text: Text, console: Console) -> Text:
    """The text without what the terminal's encoding lacks: a report must not end in an encoding error."""
    try:
        text.plain.encode(console.encoding)
    except UnicodeEncodeError:
        # Character by character, so that the styled spans stay where they are.
        near = text.plain.translate(_NEAR)
        text.plain = near.encode(console.encoding, "replace").decode(console.encoding)
    return text
