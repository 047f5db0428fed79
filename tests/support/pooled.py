"""A pool of users that carries out arrivals, simulated request by request, as the seconds that the abort rule sees."""

import heapq
from itertools import pairwise

import numpy as np

from bot.core.ticks import Tally, Tick

LATE_S = 0.010


def pooled_seconds(rate, pool, service, seconds, limits):
    """The ticks of `seconds` s of even arrivals at `rate`, given to whichever of `pool` users is free first.

    `service(start)` is how long a request takes that is sent at `start`; `limits` are latency limits in seconds.
    """
    due = (np.arange(int(rate * seconds)) + 0.5) / rate
    start, end = _carried_out(due, pool, service)
    edges = np.arange(seconds + 1)

    def each_second(moments, among=None):
        return np.histogram(moments if among is None else moments[among], edges)[0]

    falls_due, began, late = each_second(due), each_second(start), each_second(start, start - due > LATE_S)
    ended = each_second(end)
    over = [each_second(end, end - due > limit) for limit in limits]
    over_service = [each_second(end, end - start > limit) for limit in limits]
    busy = _busiest(start, end, seconds)
    return [
        Tick(
            float(at + 1),
            int(falls_due[at]),
            int(began[at]),
            int(late[at]),
            {None: Tally(int(ended[at]), 0)},
            tuple(int(column[at]) for column in over),
            over_service=tuple(int(column[at]) for column in over_service),
            exhausted=bool(busy[at] >= pool),
        )
        for at in range(seconds)
    ]


def _carried_out(due, pool, service):
    free = [0.0] * pool
    start, end = np.empty_like(due), np.empty_like(due)
    for number, moment in enumerate(due):
        start[number] = begun = max(moment, free[0])
        end[number] = begun + service(begun)
        heapq.heapreplace(free, end[number])
    return start, end


def _busiest(start, end, seconds):
    """The most users that were busy at once, second by second, those included that were busy when it began."""
    moments = np.concatenate([end, start])
    change = np.concatenate([np.full(end.size, -1), np.full(start.size, 1)])
    order = np.lexsort((change, moments))
    level = np.concatenate([[0], np.cumsum(change[order])])
    cuts = np.searchsorted(moments[order], np.arange(seconds + 1))
    return [level[first : last + 1].max() for first, last in pairwise(cuts)]
