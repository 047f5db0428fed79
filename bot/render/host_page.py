"""The page behind a commit status, as a check run shows it: Markdown, and never more bytes than GitHub takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from bot.core.hosting import CheckState
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.record import RunRecord
from bot.render.checks import CheckRow
from bot.render.diagnosis import diagnosis
from bot.render.escape import Inert, markdown_inline
from bot.render.figures import lasted
from bot.render.host_links import facts, sha
from bot.render.host_tables import CHECKS_HEAD, Fill, check_lines, fitted
from bot.render.host_text import CHECK_PAGE, coded
from bot.render.templating import markdown_environment
from bot.render.text import NAME, SENTENCE, line
from bot.render.words import ABSENT, CHANGED, NO_PROOF, UNTESTED, is_untested, load_words, objective_name

# How many remarks a page has room for: fewer, where they are so long that no check would fit.
_REMARKS: Final = (12, 4, 1, 0)
_MOST_REQUIRED: Final = 20


@dataclass(frozen=True, slots=True)
class Lead:
    """How a page begins: the end or the verdict in a sentence, why, and what to do (both empty where nothing is)."""

    words: str
    why: str
    action: str
    url: str | None


def plan_page(record: RunRecord, plan: LoadPlan, planned: str) -> str:
    """What is about to be measured: a row for each scenario."""
    template = markdown_environment().get_template("host_plan.md.j2")

    def fill(rows: Inert, hidden: int) -> str:
        return template.render(
            rows=rows,
            hidden=hidden,
            planned=planned,
            staging=line(plan.base_url, NAME),
            remarks=[words for words in ("" if plan.proof else NO_PROOF, changed_words(plan)) if words],
            sha=sha(record, record.candidate.sha if record.candidate else ""),
            run_id=coded(line(record.run_id, NAME)),
        )

    return fitted(fill, [_scenario_line(each) for each in plan.scenarios], CHECK_PAGE) or ""


def _scenario_line(plan: ScenarioPlan) -> str:
    goals = [f"{objective_name(goal.key)} {goal.limit.text}" for goal in plan.objectives]
    goals += [f"{objective_name(goal.key)} {goal.text}" for goal in plan.relative]
    cells = (
        line(plan.name, NAME),
        plan.kind.value,
        load_words(plan),
        f"{lasted(plan.duration)} after {lasted(plan.warmup)} warm-up",
        line("; ".join(goals)) or ABSENT,
    )
    return f"| {' | '.join(map(markdown_inline, cells))} |\n"


def changed_words(plan: LoadPlan | None) -> str:
    """What the command line made different, as a sentence; empty where it changed nothing."""
    changed = plan.changed if plan else ()
    return line(f"{CHANGED}{'; '.join(changed)}.") if changed else ""


def checks_page(record: RunRecord, rows: tuple[CheckRow, ...], lead: Lead) -> str:
    """Verdict first, then every check as far as there is room, and what must be known to read them."""
    lines = check_lines(rows)
    pages = (fitted(_filled(record, lead, most), lines, CHECK_PAGE) for most in _REMARKS)
    return next((page for page in pages if page is not None), "")


def _filled(record: RunRecord, lead: Lead, most: int) -> Fill:
    template = markdown_environment().get_template("host_page.md.j2")
    required = list(required_lines(record))
    remarks = list(islice(_remarks(record), most))
    told = facts(record, lead.url)

    def fill(rows: Inert, hidden: int) -> str:
        return template.render(
            lead=lead, head=CHECKS_HEAD, rows=rows, hidden=hidden, required=required, remarks=remarks, facts=told
        )

    return fill


def required_lines(record: RunRecord) -> Iterator[Inert]:
    """A line for each check that the candidate must have passed on the host, what is missing first."""
    order = sorted(record.required_checks, key=lambda check: check.state is CheckState.SUCCESS)
    for check in order[:_MOST_REQUIRED]:
        yield Inert(f"- {coded(line(check.name, NAME))}: {markdown_inline(line(check.said, NAME))}")
    if len(order) > _MOST_REQUIRED:
        yield Inert(f"- and {len(order) - _MOST_REQUIRED} more")


def _remarks(record: RunRecord) -> Iterator[str]:
    """What must be known to read the numbers, the gravest first."""
    if record.justification:
        yield line(f"Why: {record.justification}", SENTENCE)
    if is_untested(record):
        yield UNTESTED
    if record.evidence is not None and not record.evidence.proof:
        yield NO_PROOF
    if changed := changed_words(record.plan):
        yield changed
    yield from (words for _, words in diagnoses(record))
    for notice in record.verdict.notices if record.verdict else ():
        yield line(notice.words, SENTENCE)


def diagnoses(record: RunRecord) -> Iterator[tuple[str, str]]:
    """For each scenario by its name: was it the service, or the generator that measured it?"""
    for one in record.evidence.scenarios if record.evidence else ():
        found = diagnosis(one, record.verdict)
        yield one.plan.name, line(f"{one.plan.name}, {found.word.text.lower()}: {found.words}", SENTENCE)
