"""The measured window cut into blocks: latencies from the histogram log, failures from the lines of the seconds.

Requests belong to the second in which they ended; what ended after the window (the drain) belongs to the last block.
"""

import math
from typing import Final

from bot.adapters.hdrlog import LONGEST_NAME, Cut, Series
from bot.adapters.observations import Line, Observations, whole
from bot.core.evidence import Block, Blocks, Histogram
from bot.core.loadplan import ClosedModel, ScenarioPlan
from bot.core.text import plain

_USUAL: Final = 10.0
_MOST: Final = 120
_IN_SHORT: Final = 8


def cutting(scenario: ScenarioPlan, measured: float) -> Cut:
    """Blocks of 10 s; longer ones where these would be more than 120, shorter ones where they would be under 8.

    Always whole seconds, because the log holds seconds.
    """
    seconds = max(_USUAL, math.ceil(measured / _MOST)) if measured >= _IN_SHORT * _USUAL else measured // _IN_SHORT
    seconds = max(1.0, seconds)
    named = [goal.endpoint for goal in scenario.objectives] + [goal.endpoint for goal in scenario.relative]
    return Cut(
        series="service" if isinstance(scenario.model, ClosedModel) else "response",
        seconds=seconds,
        count=max(1, round(measured / seconds)),
        watched=frozenset(name for name in named if name is not None),
    )


def read_blocks(seen: Observations, log: Series, cut: Cut, t0: float | None) -> tuple[Blocks, ...]:
    """The blocks of all endpoints together (None), and of each one that has an objective of its own."""
    if t0 is None:
        return ()
    return tuple(
        Blocks(endpoint, cut.seconds, _blocks(cut, latencies, _failed(seen, cut, t0, endpoint)))
        for endpoint, latencies in sorted(log.blocks.items(), key=lambda item: item[0] or "")
    )


def torn_blocks(seen: Observations, log: Series, cut: Cut, t0: float | None) -> str | None:
    """Why the log cannot be cut into blocks, in words: it fills fewer of them than the lines of the seconds do.

    One fewer may be a matter of a block's edge.
    """
    if t0 is None:
        return None
    lines = (line for line in seen.lines["second"] if line.get("phase") != "warmup")
    busy = {
        cut.block(line["t"] - t0) for line in lines if (whole(line.get("ok")) or 0) + (whole(line.get("failed")) or 0)
    }
    filled = sum(each.total > 0 for each in log.blocks.get(None, ()))
    if filled >= len(busy) - 1:
        return None
    return f"the histogram log fills {filled} blocks of {cut.seconds:g} s, the lines of the seconds {len(busy)}"


def _blocks(cut: Cut, latencies: tuple[Histogram, ...], failed: list[int]) -> tuple[Block, ...]:
    totals = [each.total for each in latencies]
    return tuple(
        Block(number * cut.seconds, total - bad, bad, latency)
        for number, (total, bad, latency) in enumerate(zip(totals, _settled(failed, totals), latencies, strict=True))
    )


def _failed(seen: Observations, cut: Cut, t0: float, endpoint: str | None) -> list[int]:
    """How many requests failed in each block."""
    failed = [0] * cut.count
    for line in seen.lines["second"]:
        failed[cut.block(line["t"] - t0)] += _failures(line, endpoint)
    return failed


def _failures(line: Line, endpoint: str | None) -> int:
    given = line.get("failures")
    return sum(
        whole(number) or 0
        for name, kinds in (given.items() if isinstance(given, dict) else ())
        if endpoint is None or plain(name, LONGEST_NAME) == endpoint
        for number in (kinds.values() if isinstance(kinds, dict) else ())
    )


def _settled(failed: list[int], totals: list[int]) -> list[int]:
    """Failures moved to a neighbour where they are more than the requests; what fits nowhere is left out.

    Both files tell of the same seconds, yet one that ended on the very edge of a block may differ by a millisecond.
    """
    forward, rest = _carried(failed, totals)
    forward[-1] += rest
    return _carried(forward[::-1], totals[::-1])[0][::-1]


def _carried(failed: list[int], totals: list[int]) -> tuple[list[int], int]:
    kept, rest = [], 0
    for bad, total in zip(failed, totals, strict=True):
        kept.append(min(bad + rest, total))
        rest += bad - kept[-1]
    return kept, rest
