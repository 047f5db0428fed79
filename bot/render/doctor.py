"""What doctor found, for a terminal and as JSON; and the change of branch rules as people read it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from bot.core.doctor import Finding, Level, worst
from bot.core.doctor_fix import Change, diff, name_of
from bot.core.reasons import Reason
from bot.core.text import plain
from bot.render.words import counted

_STYLES: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
_LONGEST: Final = 1000
_NAMED: Final = 5
# So that the areas stand in line; names of probes and branches may be longer than most.
_NARROWEST_NAME, _WIDEST_NAME = 16, 24
_DIFF: Final = {"+": "green", "-": "red"}


def area_table(findings: Sequence[Finding]) -> Table:
    """The findings of one area: its name, then a line each, and below what to do, indented."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(width=6)
    table.add_column(min_width=_NARROWEST_NAME, max_width=_WIDEST_NAME, overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for each in findings:
        level = Text(f"  {each.level.value}", style=_STYLES[each.level])
        table.add_row(level, Text(plain(each.name)), Text(plain(each.seen, _LONGEST)))
        if each.action:
            table.add_row("", "", Text(f"-> {plain(each.action, _LONGEST)}", style="dim"))
    return table


def areas(findings: Iterable[Finding]) -> Iterator[Text | Table]:
    """Every area with its heading, as soon as its last finding is known."""
    for area, own in groupby(findings, key=lambda each: each.area):
        yield Text(area.value, style="bold")
        yield area_table(tuple(own))


def summary(findings: Sequence[Finding]) -> Text:
    """How many of which level, and what follows."""
    counts = {level: sum(each.level is level for each in findings) for level in Level}
    told = ", ".join(f"{counts[level]} {level.value}" for level in Level if counts[level])
    words = {
        Level.OK: "Ready for a night.",
        Level.WARN: f"{_warned(findings)}; see the warnings.",
        Level.FAIL: f"Not ready: {_failing(findings)}. [{Reason.NOT_READY.code}]",
    }
    grave = worst(findings)
    return Text(f"{words[grave]} {told}.", style=_STYLES[grave])


def _warned(findings: Sequence[Finding]) -> str:
    """Whether a night could promote."""
    return "No night can promote while the line is stopped" if _is_stopped(findings) else "Ready for a night"


def _is_stopped(findings: Sequence[Finding]) -> bool:
    return any(each.stops for each in findings)


def _failing(findings: Sequence[Finding]) -> str:
    """Which lines failed, because their areas may have left the screen by then."""
    names = [f"{each.area.value} {plain(each.name)}" for each in findings if each.level is Level.FAIL]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{counted(len(names), 'line')} marked fail ({', '.join(names[:_NAMED])}{more})"


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    """All of it as JSON."""
    grave = worst(findings)
    return {
        "ready": grave is not Level.FAIL and not _is_stopped(findings),
        "level": grave.value,
        "reason_code": Reason.NOT_READY.code if grave is Level.FAIL else None,
        "counts": {level.value: sum(each.level is level for each in findings) for level in Level},
        "findings": [asdict(each) for each in findings],
    }


def change_lines(change: Change) -> Iterator[Text]:
    """What would be written, in one sentence and then as a diff of the ruleset's own document."""
    verb = "Make the ruleset" if change.before is None else f"Make ruleset {change.before.number} stricter,"
    yield Text(f'{verb} "{plain(name_of(change.branch))}" for {plain(change.branch)}:', style="bold")
    for line in diff(change):
        yield Text(f"  {line}", style=_DIFF.get(line[:1], "dim"))
