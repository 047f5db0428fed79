"""How often the comparison with past nights blocks in vain, and how soon it finds a change: on simulated histories."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from support.histories import RULE, Told, chain_of_nights, false_alarms, found_by, within

from benchmarks.table import Row

_RUNS: Final = 2500
_FEWER: Final = 400
_ALONE: Final = replace(RULE, anchor=0)


def rows() -> Iterator[Row]:
    """30 healthy nights (deviation 4 %, one in twenty 15 % higher), then healthy ones, a step, or a drift."""
    failed, blocked = false_alarms(_RUNS)
    yield Row("healthy night: 1.2x baseline fails", f"{failed:.2%}", "", "<= 3 %", failed <= 0.03)
    beside = "limit, night that stands out or change point, all of them blocking"
    yield Row("healthy night: anything blocks", f"{blocked:.2%}", beside, "<= 3 %", blocked <= 0.03)
    row, share = chain_of_nights(_RUNS)
    beside = f"longest row {row}; a blocked night is no history"
    yield Row(f"{_RUNS} healthy nights one after the other: blocked", f"{share:.2%}", beside, "<= 3 %", share <= 0.03)
    yield from _steps()
    yield from _drifts()


def _steps() -> Iterator[Row]:
    first = within(found_by(_RUNS, lambda _: 1.3, _failed, 1), 1)
    yield Row("+30 %: 1.2x baseline fails on the first night", f"{first:.1%}", "", ">= 95 %", first >= 0.95)
    third = within(found_by(_RUNS, lambda _: 1.2, _noticed, 3), 3)
    beside = "limit or change point"
    yield Row("+20 %: found by the third night", f"{third:.1%}", beside, ">= 85 %", third >= 0.85)
    for step in (1.1, 1.15):
        found = found_by(_FEWER, lambda _, step=step: step, _noticed, 10)
        yield Row(f"+{step - 1:.0%}: found by the tenth night", f"{within(found, 10):.1%}", beside)


def _drifts() -> Iterator[Row]:
    for drift in (0.005, 0.01, 0.02):

        def level(night: int, drift: float = drift) -> float:
            return (1 + drift) ** night

        found, alone = (found_by(_FEWER, level, _failed, 40, rule=rule) for rule in (RULE, _ALONE))
        promised = drift == 0.02
        yield Row(
            f"{drift:.1%} slower every night: 1.2x baseline fails within 40",
            f"{within(found, 40):.1%}, half of them within {_half(found)}",
            f"without the anchor {within(alone, 40):.1%}, half of them within {_half(alone)}",
            "all" if promised else "",
            within(found, 40) == 1 if promised else None,
        )


def _half(nights: list[int | None]) -> int:
    return sorted(41 if night is None else night for night in nights)[len(nights) // 2]


def _failed(told: Told) -> bool:
    return told.failed


def _noticed(told: Told) -> bool:
    return told.failed or told.changed
