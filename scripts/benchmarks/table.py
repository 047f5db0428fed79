"""Rows of results, and the table that they become."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, the number, what it is held against, and whether the promise was kept (None: no promise)."""

    what: str
    measured: str
    beside: str
    promise: str = ""
    kept: bool | None = None


def show(title: str, rows: Iterable[Row]) -> bool:
    """Print the rows; whether every promise was kept."""
    rows = list(rows)
    table = Table(title=Text(title), title_justify="left")
    for name in ("what", "measured", "beside it", "promise", ""):
        table.add_column(name, overflow="fold")
    for row in rows:
        mark = "" if row.kept is None else "kept" if row.kept else "MISSED"
        table.add_row(row.what, row.measured, row.beside, row.promise, mark)
    Console().print(table)
    return all(row.kept is not False for row in rows)
