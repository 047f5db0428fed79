"""Checks of the load that look at more than one key: shapes, tags, who sends it, which nights count.

Like all cross-checks they read the document itself; a value that is wrong by itself is left to the schema.
"""

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any, Final

from bot.core.loadplan import Spacing
from bot.settings.arrivals import REQUIRED, Arrivals, Shape, foreign_to, known_to
from bot.settings.course import spike_trouble
from bot.settings.findings import Finding, Loc, entries
from bot.settings.gate import Baseline
from bot.settings.generator import Generator
from bot.settings.leaf import Document, leaf_of
from bot.settings.scenario import Scenario
from bot.settings.table import Table, fields_of
from bot.settings.words import listing

_COMMON: Final = ("shape", "spacing", "seed")


def _read(table: type[Table], key: str, given: dict[str, Any]) -> Any:
    """The value of a key once read, its default where it is absent, None where it is wrong by itself."""
    field = fields_of(table)[key]
    if key not in given:
        return None if field.is_required() else field.get_default()
    leaf = leaf_of(field)
    try:
        return leaf.parse(given[key]) if leaf else None
    except ValueError:
        return None


def _allowed(key: str) -> str:
    leaf = leaf_of(fields_of(Arrivals)[key])
    return leaf.allowed if leaf else ""


def _tables(document: Document) -> Iterator[tuple[Loc, dict[str, Any], dict[str, Any]]]:
    """Place and content of every `arrivals` table, with the scenario around it."""
    for loc, scenario in entries(document, "scenario"):
        if isinstance(scenario.get("arrivals"), dict):
            yield (*loc, "arrivals"), scenario["arrivals"], scenario


def _shapes_complete(document: Document) -> Iterator[Finding]:
    for loc, arrivals, _ in _tables(document):
        if not arrivals:
            yield Finding(loc, "is empty", "leave the table out, or give it a key")
        shape = _read(Arrivals, "shape", arrivals)
        if shape is None:
            continue
        for key in REQUIRED[shape]:
            if key not in arrivals:
                yield Finding((*loc, key), "is missing", _allowed(key))
        for key in foreign_to(shape):
            if key in arrivals:
                yield Finding((*loc, key), f"is no key of shape {shape}", listing((*_COMMON, *known_to(shape))))


def _seeds(document: Document) -> Iterator[Finding]:
    for loc, arrivals, _ in _tables(document):
        if "seed" in arrivals and _read(Arrivals, "spacing", arrivals) is Spacing.EVEN:
            yield Finding((*loc, "seed"), "does nothing at even distances", 'seed together with spacing = "poisson"')


def _shapes_possible(document: Document) -> Iterator[Finding]:
    for loc, arrivals, scenario in _tables(document):
        shape = _read(Arrivals, "shape", arrivals)
        rate, duration = _read(Scenario, "rate", scenario), _read(Scenario, "duration", scenario)
        match shape:
            case Shape.RAMP:
                yield from _below(loc, "from", arrivals, rate)
                yield from _within(loc, arrivals, duration)
            case Shape.STEPS:
                yield from _highest(loc, arrivals, rate)
            case Shape.SPIKE:
                yield from _below(loc, "base", arrivals, rate)
                yield from _spike(loc, arrivals, duration)


def _below(loc: Loc, key: str, arrivals: dict[str, Any], rate: float | None) -> Iterator[Finding]:
    low = _read(Arrivals, key, arrivals)
    if rate is not None and low is not None and low >= rate:
        yield Finding((*loc, key), f"is not below rate ({rate:g})", "arrivals per second below rate, the highest one")


def _within(loc: Loc, arrivals: dict[str, Any], duration: float | None) -> Iterator[Finding]:
    over = _read(Arrivals, "over", arrivals)
    if over is not None and duration is not None and over > duration:
        yield Finding((*loc, "over"), "is longer than duration", "at most duration, or left out")


def _highest(loc: Loc, arrivals: dict[str, Any], rate: float | None) -> Iterator[Finding]:
    rates = _read(Arrivals, "rates", arrivals)
    if rates is None:
        return
    if min(rates) == max(rates):
        yield Finding((*loc, "rates"), "are all equal", 'different rates, or shape = "constant"')
    elif rate is not None and max(rates) != rate:
        words = f"has {max(rates):g} as its highest, and rate is {rate:g}"
        yield Finding((*loc, "rates"), words, "the highest of them equal to rate")


def _spike(loc: Loc, arrivals: dict[str, Any], duration: float | None) -> Iterator[Finding]:
    at, lasts = _read(Arrivals, "at", arrivals), _read(Arrivals, "for", arrivals)
    trouble = None if None in (at, lasts, duration) else spike_trouble(at, lasts, duration or 0.0)
    if trouble:
        yield Finding((*loc, "for"), trouble, "a spike within duration, and shorter than it")


def _tags_apart(document: Document) -> Iterator[Finding]:
    for loc, scenario in entries(document, "scenario"):
        wanted, unwanted = (_read(Scenario, key, scenario) or () for key in ("tags", "exclude_tags"))
        if set(wanted) & set(unwanted):
            yield Finding((*loc, "exclude_tags"), "has a tag that stands in tags as well", "each tag in one of the two")


def _workers_reachable(document: Document) -> Iterator[Finding]:
    given = document.get("generator", {})
    if not isinstance(given, dict) or _read(Generator, "expect_workers", given) != 0:
        return
    bind = _read(Generator, "bind", given)
    if bind is not None and not ip_address(bind).is_loopback:
        words = "is open to other machines, and no worker is expected from one"
        yield Finding(("generator", "bind"), words, "a loopback address, or expect_workers above 0")
    numbers: list[tuple[Loc, Any]] = [(("generator", "workers"), _read(Generator, "workers", given))]
    numbers += [((*loc, "workers"), _read(Scenario, "workers", each)) for loc, each in entries(document, "scenario")]
    for loc, number in numbers:
        if number == 0:
            yield Finding(loc, "leaves nobody to send the load", "1 or more, or [generator] expect_workers above 0")


def _baseline_possible(document: Document) -> Iterator[Finding]:
    given = document.get("baseline")
    if not isinstance(given, dict):
        return
    nights, least = (_read(Baseline, key, given) for key in ("nights", "least"))
    if nights is not None and least is not None and least > nights:
        key = "least" if "least" in given else "nights"
        yield Finding(("baseline", key), f"asks for {least} nights of {nights} that count", "least up to nights")


LOAD_CHECKS: Final[tuple[Callable[[Document], Iterator[Finding]], ...]] = (
    _shapes_complete,
    _shapes_possible,
    _seeds,
    _tags_apart,
    _workers_reachable,
    _baseline_possible,
)
