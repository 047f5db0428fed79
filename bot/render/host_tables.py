"""Rows that are cut where a host's page is full, and the table of checks with its small bars."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Final, TypeAlias

from bot.render.checks import Bar, CheckRow
from bot.render.escape import Inert, markdown_inline
from bot.render.host_text import size
from bot.render.words import ALL_ENDPOINTS

Fill: TypeAlias = Callable[[Inert, int], str]
"""Writes a page around rows (a line each) and the number of those that are left out."""

CHECKS_HEAD: Final = Inert(
    "| Result | Check | Limit | Observed | Against the limit | 95 % bounds | Samples |\n"
    "| --- | --- | --- | ---: | --- | --- | ---: |\n"
)
_WIDTH: Final = 16
_FULL, _EMPTY, _LIMIT = "█", "░", "┃"


def fitted(fill: Fill, rows: Sequence[str], limit: int) -> str | None:
    """The page with as many of the rows, from the first on, as `limit` bytes allow; None where not even none fit."""
    bare = fill(Inert(""), len(rows))
    room = limit - size(bare)
    if room < 0:
        return None
    count = sum(used <= room for used in accumulate(size(row) for row in rows))
    return fill(Inert("".join(rows[:count])), len(rows) - count)


def check_lines(rows: Sequence[CheckRow]) -> tuple[str, ...]:
    """A line of the table for each check, in their order."""
    return tuple(map(_line, rows))


def _line(row: CheckRow) -> str:
    name = f"{row.scenario}: {row.objective}" + ("" if row.endpoint == ALL_ENDPOINTS else f", {row.endpoint}")
    cells = (row.word.text, name, row.limit, row.observed, _against(row), row.bounds, row.samples)
    result, *others = (cell if isinstance(cell, Inert) else markdown_inline(cell) for cell in cells)
    strong = result if row.result.severity == 0 else Inert(f"**{result}**")
    return f"| {' | '.join((strong, *others))} |\n"


def _against(row: CheckRow) -> Inert:
    words = markdown_inline(row.excess) if row.excess else Inert("")
    return Inert(f"`{drawn(row.bar)}` {words}".rstrip()) if row.bar else words


def drawn(bar: Bar) -> Inert:
    """What was observed as a bar, with a stroke where the limit is."""
    filled, limit = round(bar.fill * _WIDTH), min(_WIDTH - 2, round(bar.limit * _WIDTH))
    if bar.fill > bar.limit:
        filled = max(filled, limit + 2)  # however little it is, it stands out behind the stroke
    return Inert("".join(_signs(filled, limit)))


def _signs(filled: int, limit: int) -> Iterator[str]:
    for place in range(_WIDTH):
        yield _LIMIT if place == limit else _FULL if place < filled else _EMPTY
