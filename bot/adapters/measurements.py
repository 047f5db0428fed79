"""Reading what one scenario left behind, from its files alone, and holding them against their own closing line.

Nothing in these files can make the reader fail: what is missing, broken or contradictory is named in `truncated`.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bot.adapters.blocks import cutting, read_blocks, torn_blocks
from bot.adapters.completeness import FLIGHTS, lacking
from bot.adapters.endpoints import read_arrivals, read_endpoints, reconcile
from bot.adapters.hdrlog import Cut, Series, read_log
from bot.adapters.locust_child import files_of
from bot.adapters.loglines import last_words
from bot.adapters.observations import Line, Observations, number, read_observations, whole, words
from bot.adapters.series import read_costs, read_deployment, read_resources
from bot.adapters.steering import read_abort, read_extended, read_health, read_workers
from bot.core.evidence import Ending, Flights, ScenarioEvidence, Second
from bot.core.loadplan import ScenarioPlan
from bot.core.text import plain

_LONGEST: Final = 500
_LONGEST_KIND: Final = 100
_MOST_KINDS: Final = 20
_LAST_YEAR: Final = 4_000_000_000.0


def read_scenario(scenario: ScenarioPlan, folder: Path) -> ScenarioEvidence:
    """The evidence of that scenario; `NOT_RUN` when there is no file of it at all."""
    files = files_of(scenario, folder)
    flaws: list[str] = []
    seen = _observations(files.ndjson, flaws)
    end, t0 = _only(seen, "end"), _t0(seen)
    extended = read_extended(seen)
    measured = _measured(seen, end, t0, scenario.duration + extended)
    cut = cutting(scenario, measured)
    log = _log(files.hlog, cut, flaws)
    ending, detail = _ending(seen, flaws)
    if ending is Ending.NOT_RUN and (files.ndjson.exists() or files.hlog.exists()):
        ending, detail = Ending.CRASHED, last_words(files.log, scenario.name)
    if ending is Ending.NOT_RUN:
        flaws.clear()
    endpoints = read_endpoints(seen, log, end)
    arrivals = read_arrivals(seen, log, end, scenario.model)
    if end is not None:
        flaws += reconcile(endpoints, arrivals, end)
        flaws += lacking(seen, end, scenario, ending)
        torn = torn_blocks(seen, log, cut, t0)
        flaws += [torn] if torn else []
    return ScenarioEvidence(
        plan=scenario,
        ending=ending,
        ending_detail=plain(detail, _LONGEST),
        started_at=_moment(t0),
        measured=measured,
        arrivals=arrivals,
        endpoints=endpoints,
        resources=() if t0 is None else read_resources(seen, t0, measured),
        probe_costs=read_costs(seen),
        flights=_flights(end),
        deployment=read_deployment(seen, t0),
        refused_connects=_counted(seen.lines["refused"], "address"),
        user_errors=_counted([line for line in seen.lines["user-error"] if line.get("phase") != "warmup"], "text"),
        truncated=tuple(flaws),
        timeline=() if t0 is None else tuple(_timeline(seen, t0)),
        users_lowest=None if end is None else whole(end.get("users_lowest")),
        users_missing=None if end is None else whole(end.get("users_missing")),
        extended=extended,
        abort=read_abort(seen),
        blocks=read_blocks(seen, log, cut, t0),
        health=() if t0 is None else read_health(seen, t0, measured),
        workers=read_workers(end),
    )


def _observations(path: Path, flaws: list[str]) -> Observations:
    try:
        seen = read_observations(path)
    except OSError:
        flaws.append(f"{path.name} is missing or cannot be read")
        return Observations()
    if seen.broken:
        flaws.append(f"{seen.broken} lines of {path.name} cannot be decoded")
    if seen.cut:
        flaws.append(f"the last line of {path.name} is cut off")
    return seen


def _log(path: Path, cut: Cut, flaws: list[str]) -> Series:
    try:
        log = read_log(path, cut)
    except OSError:
        flaws.append(f"{path.name} is missing or cannot be read")
        return Series({}, 0)
    if log.broken:
        flaws.append(f"{log.broken} intervals of {path.name} cannot be decoded")
    return log


def _only(seen: Observations, kind: str) -> Line | None:
    found = seen.lines[kind]
    return found[-1] if found else None


def _ending(seen: Observations, flaws: list[str]) -> tuple[Ending, str]:
    """How it ended; what the bot had to do counts more than what the load said. NOT_RUN while nothing says anything."""
    if len(seen.lines["start"]) > 1:
        flaws.append("there is more than one opening line")
    if len(seen.lines["end"]) > 1:
        flaws.append("there is more than one closing line")
    if not seen.lines["end"] and any(seen.lines.values()):
        flaws.append("the closing line is missing")
    by_bot, end = _only(seen, "ended-by-bot"), _only(seen, "end")
    said = by_bot or end
    if said is None:
        return Ending.NOT_RUN, ""
    found = words(said.get("ending"))
    known = {each.value for each in Ending} - {Ending.NOT_RUN.value} - ({Ending.COMPLETED.value} if by_bot else set())
    return Ending(found) if found in known else Ending.CRASHED, words(said.get("detail"))


def _t0(seen: Observations) -> float | None:
    start = _only(seen, "start")
    found = None if start is None else number(start["t"])
    return found if found is not None and 0 < found < _LAST_YEAR else None


def _moment(t0: float | None) -> str:
    return "" if t0 is None else datetime.fromtimestamp(t0, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _measured(seen: Observations, end: Line | None, t0: float | None, planned: float) -> float:
    """Seconds really measured: as the closing line says, else up to the last second that was written."""
    told = None if end is None else number(end.get("measured"))
    if told is None and t0 is not None:
        ends = [line["t"] - t0 for line in seen.lines["second"] if line.get("phase") == "measured"]
        told = max(ends, default=0.0)
    return min(max(0.0, told or 0.0), planned)


def _flights(end: Line | None) -> Flights | None:
    given = None if end is None else end.get("flights")
    if not isinstance(given, dict):
        return None
    return Flights(**{name: whole(given.get(name)) or 0 for name in FLIGHTS})


def _counted(lines: list[Line], key: str) -> tuple[tuple[str, int], ...]:
    totals: Counter[str] = Counter()
    for line in lines:
        totals[plain(words(line.get(key)), _LONGEST)] += whole(line.get("count")) or 0
    return tuple(totals.most_common())


def _timeline(seen: Observations, t0: float) -> Iterator[Second]:
    for line in seen.lines["second"]:
        if words(line.get("phase")) == "measured":
            yield Second(
                at=line["t"] - t0,
                **{name: whole(line.get(name)) or 0 for name in ("due", "sent", "ok", "failed", "late")},
                **_quantiles(line),
                failures=_kinds(line.get("failures")),
            )


def _quantiles(line: Line) -> dict[str, Any]:
    return {name: number(line.get(name)) for name in ("p50", "p95", "p99", "service_p99", "lateness_p99")}


def _kinds(failures: Any) -> tuple[tuple[str, int], ...]:
    """How many requests failed in which way, whatever their endpoint."""
    totals: Counter[str] = Counter()
    for kinds in failures.values() if isinstance(failures, dict) else ():
        for kind, count in kinds.items() if isinstance(kinds, dict) else ():
            totals[plain(kind, _LONGEST_KIND)] += whole(count) or 0
    return tuple((kind, count) for kind, count in totals.most_common(_MOST_KINDS) if count)
