"""One look: was it the service, or the generator that measured it? Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.core.evidence import Ending, Histogram, ScenarioEvidence
from bot.core.generator import Pace, pace
from bot.core.health import SIGNS, readings
from bot.core.loadplan import OpenModel
from bot.core.quantiles import PERMILLE, coherent, merge
from bot.core.verdict import Check, Result, Verdict
from bot.core.wording import percent, seconds
from bot.render.figures import quantile
from bot.render.text import NAME, line
from bot.render.words import Tone, Word, objective_name

_P99: Final = 990
_MICROSECONDS: Final = 1e6
_MOST_NAMED: Final = 3
# A pool that is exhausted although the service needs less than half of it was held up by the generator itself.
_BUSY: Final = 0.5

NOT_MEASURED: Final = Word("Not measured", Tone.WARN)
WEAK_GENERATOR: Final = Word("Weak generator", Tone.WARN)
SLOW_SERVICE: Final = Word("Slow service", Tone.BAD)
FAILING_SERVICE: Final = Word("Failing service", Tone.BAD)
MISSED: Final = Word("Limits missed", Tone.BAD)
DOUBTFUL: Final = Word("Proves nothing", Tone.WARN)
OPEN: Final = Word("Undecided", Tone.WARN)
WELL: Final = Word("All well", Tone.GOOD)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a scenario's numbers tell of, in a word and in a sentence."""

    word: Word
    words: str


def diagnosis(one: ScenarioEvidence, verdict: Verdict | None) -> Diagnosis:
    """Whether the service or the generator is to be looked at, with the numbers that tell them apart."""
    checks = [check for check in (verdict.checks if verdict else ()) if check.scenario == one.plan.name]
    if one.ending is Ending.NOT_RUN or not any(row.ok + row.failed for row in one.endpoints):
        return Diagnosis(
            NOT_MEASURED, f"{line(one.ending_detail).removeprefix('not measured: ') or 'no request is on record'}."
        )
    kept = pace(one)
    if kept.trouble and not _is_overrun(one, kept):
        return Diagnosis(
            WEAK_GENERATOR,
            f"{_generator(one)}: response times tell of it, not of the service ({_service(one)}).",
        )
    missed = _missed(checks, Result.FAIL)
    if kept.trouble or any(key in PERMILLE for key in missed):
        return Diagnosis(SLOW_SERVICE, f"{_slow(one, kept, missed)}; {_punctual(one, kept)}.")
    if "error_rate" in missed:
        return Diagnosis(FAILING_SERVICE, f"{_failures(one)}; {_punctual(one, kept)}.")
    return _fast_enough(one, kept, checks, missed)


def _fast_enough(one: ScenarioEvidence, kept: Pace, checks: list[Check], missed: list[str]) -> Diagnosis:
    facts = f"{_service(one)}; {_punctual(one, kept)}"
    if missed:
        return Diagnosis(MISSED, f"{_named(missed)} missed; {facts}.")
    if not checks:
        return Diagnosis(OPEN, f"not judged; {facts}.")
    for word, result in ((DOUBTFUL, Result.INVALID), (OPEN, Result.INCONCLUSIVE)):
        found = _missed(checks, result)
        if found:
            said = "cannot be believed" if result is Result.INVALID else "could not be decided"
            return Diagnosis(word, f"{_named(found)} {said}; {facts}.")
    return Diagnosis(WELL, f"{facts}.")


def _missed(checks: list[Check], result: Result) -> list[str]:
    """The objectives that came to that, each once; those of the run itself first, because they spoil the others."""
    found = dict.fromkeys(check.objective for check in checks if check.result is result)
    own = [key for key in found if key not in PERMILLE and key != "error_rate"]
    return [*own, *(key for key in found if key not in own)]


def _named(keys: list[str]) -> str:
    more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    return ", ".join(line(objective_name(key), NAME) for key in keys[:_MOST_NAMED]) + more


def _is_overrun(one: ScenarioEvidence, kept: Pace) -> bool:
    """Whether arrivals waited because the service held every user of the pool, by Little's law."""
    model, arrivals = one.plan.model, one.arrivals
    if not kept.exhausted or arrivals is None or not isinstance(model, OpenModel):
        return False
    return model.rate * _mean(_whole(one)) >= _BUSY * arrivals.pool_size


def _mean(histogram: Histogram) -> float:
    if not coherent(histogram) or not histogram.total:
        return 0.0
    pairs = zip(histogram.values, histogram.counts, strict=True)
    return sum(value * count for value, count in pairs) / histogram.total / _MICROSECONDS


def _whole(one: ScenarioEvidence) -> Histogram:
    return merge(row.service for row in one.endpoints if coherent(row.service))


def _service(one: ScenarioEvidence) -> str:
    return f"service time p99 {_time(quantile(_whole(one), _P99))}"


def _slow(one: ScenarioEvidence, kept: Pace, missed: list[str]) -> str:
    told = [_service(one)]
    times = [key for key in missed if key in PERMILLE]
    if times:
        told.append(f"{_named(times)} missed")
    if kept.trouble and one.arrivals:
        told.append(f"all {one.arrivals.pool_size:,} users of the pool were busy, so arrivals waited")
    if "error_rate" in missed:
        told.append(_failures(one))
    return ", ".join(told)


def _failures(one: ScenarioEvidence) -> str:
    failed, whole = sum(row.failed for row in one.endpoints), sum(row.ok + row.failed for row in one.endpoints)
    kinds: Counter[str] = Counter()
    for row in one.endpoints:
        kinds.update(dict(row.failures))
    mostly = f", mostly {line(kinds.most_common(1)[0][0], NAME)}" if kinds else ""
    return f"{percent(failed / whole)} of the requests failed{mostly}"


def _punctual(one: ScenarioEvidence, kept: Pace) -> str:
    if kept.trouble:
        return _generator(one)
    return f"the generator {'was on time' if one.arrivals else 'was well'} ({_generator(one)})"


def _generator(one: ScenarioEvidence) -> str:
    return ", ".join(_vital_signs(one)) or "nothing is known of the generator"


def _vital_signs(one: ScenarioEvidence) -> Iterator[str]:
    """Lateness and CPU always, where they are known; what else is beyond its limit only then."""
    if one.arrivals:
        late = quantile(one.arrivals.lateness, _P99)
        if late is not None:
            yield f"lateness p99 {_time(late)}"
        if one.arrivals.unsent:
            yield f"{one.arrivals.unsent:,} arrivals never sent"
    told = [found for process in one.health for found in readings(process, one.plan.generator) if found]
    worst = {found.name: found for found in sorted(told, key=lambda found: found.value)}
    for name in SIGNS:
        found = worst.get(name)
        if found and (name == "CPU" or not found.is_well):
            yield f"{name} {found.observed}"


def _time(value: float | None) -> str:
    return "unknown" if value is None else seconds(value)
