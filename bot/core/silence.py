"""Whether a service stood still in the closed model, where users that wait send nothing that could be slow."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.core.evidence import ScenarioEvidence, Second
from bot.core.loadplan import ClosedModel

_SHORTEST_S: Final = 10.0
_SHARE: Final = 0.2
# A request that was held back all the time waited about as long as nothing was answered.
_HELD: Final = 0.8
_MINORITY: Final = 0.5


def standstill(evidence: ScenarioEvidence) -> tuple[float, float, int] | None:
    """(from, to, requests held back) of the longest time without an answer, in seconds of the window; None if harmless.

    It counts from 10 s and a fifth of the window on, when requests of at least half of the users waited through it, and
    most requests are faster: users that merely think have nothing in flight, and where every request takes so long
    nothing stood still.
    """
    model = evidence.plan.model
    if not isinstance(model, ClosedModel) or not evidence.timeline:
        return None
    begin, end = max(_silences(evidence.timeline, evidence.measured), key=lambda found: found[1] - found[0])
    # Seconds are whole: of ten, one at either end may hold the last answer before it or the first one after.
    if end - begin < max(_SHORTEST_S, _SHARE * evidence.measured) - 1.0:
        return None
    held, every = _waited(evidence, _HELD * (end - begin))
    return (begin, end, held) if held >= _MINORITY * model.users and held < _MINORITY * every else None


def _silences(timeline: Sequence[Second], measured: float) -> Iterator[tuple[float, float]]:
    last = 0.0
    for second in sorted(timeline, key=lambda each: each.at):
        if second.ok + second.failed:
            yield last, max(last, second.at - 1.0)
            last = second.at
    yield last, max(last, measured)


def _waited(evidence: ScenarioEvidence, seconds: float) -> tuple[int, int]:
    """How many requests took at least that long, and how many there are."""
    held = every = 0
    for endpoint in evidence.endpoints:
        service = endpoint.service
        held += sum(count for us, count in zip(service.values, service.counts, strict=True) if us >= seconds * 1e6)
        every += service.total
    return held, every
