"""Latency over time as a heat map: how many of the requests of each moment took how long. Pure."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from bot.core.blocks import blocks_of
from bot.core.evidence import Block, Blocks, Histogram, ScenarioEvidence
from bot.core.loadplan import OpenModel
from bot.render.bounds import drawn_bounds, limits_of
from bot.render.panel import Cell, Panel, Scale, Shade

_MS: Final = 1e-3
_LEAST: Final = 0.01
# Of the rows of the map: some two dozen, whatever lies between the fastest and the slowest request.
_ROWS: Final = 26
_FINEST: Final = 1.12
# What a shade stands for, at least, as shares of the requests of one moment.
_SHARES: Final = (0.0, 0.001, 0.01, 0.03, 0.10, 0.30)
_LABELS: Final = ("< 0.1%", "0.1%", "1%", "3%", "10%", "30%")
_DARKNESS: Final = (0.10, 0.22, 0.38, 0.56, 0.76, 1.0)


def heat_panel(one: ScenarioEvidence) -> Panel:
    """The blocks of all endpoints together; an empty panel where they are not on record."""
    found = blocks_of(one, None)
    blocks = [block for block in found.blocks if block.latency.counts] if found else []
    edges = _edges([block.latency for block in blocks])
    spans = [(block.at, end) for block, end in zip(blocks, _ends(blocks, one.measured, found), strict=True)]
    columns = [_column(block.latency, edges) for block in blocks]
    cells: list[list[Cell]] = [[] for _ in _SHARES]
    for row, (low, high) in enumerate(pairwise(edges)):
        for shade, start, end in _joined([column[row] for column in columns], spans):
            cells[shade].append(Cell(start, end, low, high))
    shades = tuple(
        Shade(label, darkness, tuple(mine)) for label, darkness, mine in zip(_LABELS, _DARKNESS, cells, strict=True)
    )
    title = "Response times over time" if isinstance(one.plan.model, OpenModel) else "Service times over time"
    near = [(key, limit) for key, limit in limits_of(one, "p50", "p90", "p95", "p99") if limit.value > 0]
    bounds = drawn_bounds(near, 1e3)
    told = f"{title}: the darker, the more requests of that moment took that long{_span(edges)}."
    return Panel(title, "ms", one.measured, (), bounds, Scale.LOG, told, shades=shades)


def _span(edges: Sequence[float]) -> str:
    return f"; {edges[0]:,.3g} to {edges[-1]:,.3g} ms" if edges else ""


def _edges(found: Sequence[Histogram]) -> list[float]:
    """The rows' edges in milliseconds, at equal ratios from the fastest to the slowest request."""
    values = [value for one in found for value in (min(one.values), max(one.values))]
    if not values:
        return []
    low, high = max(_LEAST, min(values) * _MS), max(_LEAST, max(values) * _MS)
    ratio = max(_FINEST, (high / low) ** (1 / _ROWS))
    rows = max(1, math.ceil(math.log(high / low) / math.log(ratio) + 1e-9))
    # The lowest edge is just below the fastest request, because a value lies in the row that ends with it.
    return [float(f"{low * 0.999 * ratio**row:.6g}") for row in range(rows + 1)]


def _ends(blocks: Sequence[Block], measured: float, found: Blocks | None) -> list[float]:
    if not blocks or found is None:
        return []
    return [*(min(measured, block.at + found.seconds) for block in blocks[:-1]), measured]


def _column(latency: Histogram, edges: Sequence[float]) -> list[int | None]:
    """The shade of each row of one moment, None where no request fell into it."""
    counts = [0] * (len(edges) - 1)
    for value, count in zip(latency.values, latency.counts, strict=True):
        row = bisect_left(edges, max(_LEAST, value * _MS)) - 1
        counts[min(max(row, 0), len(counts) - 1)] += count
    whole = max(1, latency.total)
    return [bisect_right(_SHARES, count / whole) - 1 if count > 0 else None for count in counts]


def _joined(shades: Sequence[int | None], spans: Sequence[tuple[float, float]]) -> Iterator[tuple[int, float, float]]:
    """The cells of one row as (shade, start, end), neighbours of one shade in one."""
    last: tuple[int, float, float] | None = None
    for shade, (start, end) in zip(shades, spans, strict=True):
        if last and shade == last[0] and last[2] == start:
            last = (shade, last[1], end)
            continue
        if last:
            yield last
        last = None if shade is None else (shade, start, end)
    if last:
        yield last
