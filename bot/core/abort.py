"""When a load need not go on, because it can no longer pass: a rule for one second after the other.

Two rules, for the error rate and, alike, for the share of requests beyond a latency limit (of a p95 five in a hundred
may be, so that is one more share that must stay small):

certain: more requests failed already than the whole plan, extension included, may have; however well the rest goes,
    the judge would still find a violation.
sustained: in each of the last eight stretches of five seconds the share was beyond doubt (one-sided exact bound, one
    error in 10,000 each) at least twice what the limit allows, a good part of the whole run's allowance is spent, and
    going on like that would spend all of it. A hiccup of half a minute never fills eight stretches. Where all users of
    the pool wait for the service, answers come in bursts: a stretch almost without any is passed over then, but at
    least four must have told something.

What counts is told by `bot.core.seen`.
"""

import math
from typing import Final

from bot.core.evidence import Abort
from bot.core.loadplan import ClosedModel, OpenModel
from bot.core.proportions import incomplete_beta
from bot.core.quantiles import TAIL
from bot.core.seen import STRETCH, STRETCHES, Seen, Share, Stretch, counted_in, stretch
from bot.core.wording import amount, counted, percent, whole

_TELLING: Final = 4
_DOUBT: Final = 1e-4
_SPENT: Final = 0.25
_FEWEST: Final = 20
_SEVERAL: Final = 1.01


def abort(seen: Seen) -> Abort | None:
    """Why the load need not go on, None while it may still pass or the window is over anyway."""
    if seen.at >= seen.plan.duration * (1 + seen.plan.extend):
        return None
    for index, share in enumerate(seen.shares):
        found = _certain(seen, index, share) or _sustained(seen, index, share)
        if found:
            return found
    return None


def _certain(seen: Seen, index: int, share: Share) -> Abort | None:
    planned = planned_requests(seen)
    bad = seen.bad[index]
    if planned is None or bad <= share.allowed * planned:
        return None
    # The judge goes by 95 % bounds: what it would call undecided is not certain.
    if not _beyond_doubt(bad, max(bad, planned), share.allowed, TAIL):
        return None
    words = (
        f"{_what(share, bad)} after {seen.at:.0f} s; of all {whole(planned)} that were planned at most "
        f"{whole(math.floor(share.allowed * planned))} may ({_limit(share)})"
    )
    return _because(seen, share, "certain", words)


def planned_requests(seen: Seen) -> int | None:
    """The most requests that the whole plan can come to; None where nothing plans them (closed model).

    Random arrivals may be some more than planned. Where arrivals make several requests, as many again as so far are
    allowed for, because tasks that fail early are shorter than others.
    """
    plan = seen.plan
    if not isinstance(plan.model, OpenModel):
        return None
    arrivals = plan.model.arrivals(plan.duration * (1 + plan.extend))
    each = seen.requests / seen.sent if seen.sent else 1.0
    several = 2 * each if each > _SEVERAL else 1.0
    return math.ceil(several * (arrivals + 5 * math.sqrt(arrivals) + 1))


def _sustained(seen: Seen, index: int, share: Share) -> Abort | None:
    stretches = _breaching(seen, share)
    if not stretches or not _hopeless(seen, index, share):
        return None
    bad, total = sum(each.bad for each in stretches), sum(each.total for each in stretches)
    quiet = any(_says_little(each) for each in stretches)
    words = (
        f"{_what(share, bad)}, {percent(bad / total)} of {counted(total, 'request')}, within the last "
        f"{STRETCH * len(stretches):.0f} s, and clearly too many in each {STRETCH:.0f} s of them"
        f"{' in which answers came' if quiet else ''}{_all_busy(stretches)} ({_limit(share)})"
    )
    return _because(seen, share, "sustained", words)


def _breaching(seen: Seen, share: Share) -> list[Stretch]:
    """The stretches up to now that all have too many bad requests; none where there are not enough of them.

    The newest one comes first: as a rule it already says that all is well.
    """
    found: list[Stretch] = []
    telling = 0
    while len(found) < STRETCHES or telling < _TELLING:
        now = stretch(share, seen, len(found))
        if not (_breached(share, now.bad, now.total) or (now.held_up and _says_little(now))):
            return []
        telling += not _says_little(now)
        found.append(now)
    return found


def _says_little(one: Stretch) -> bool:
    return one.total < _FEWEST


def _breached(share: Share, bad: int, total: int) -> bool:
    if total < _FEWEST or bad <= share.clearly * total:
        return False
    return _beyond_doubt(bad, total, share.clearly, _DOUBT)


def _beyond_doubt(bad: int, total: int, share: float, doubt: float) -> bool:
    """Whether so many of a binomial(total, share) are as unlikely as `doubt`: the exact lower bound is above it."""
    return incomplete_beta(bad, total - bad + 1, share) < doubt


def _hopeless(seen: Seen, index: int, share: Share) -> bool:
    """Whether a good part of the allowance is spent, and going on at no more than `clearly` spends all of it."""
    bad, expected = seen.bad[index], _expected(seen, index)
    allowance = share.allowed * expected
    return bad >= _SPENT * allowance and bad + share.clearly * (expected - seen.total[index]) > allowance


def _expected(seen: Seen, index: int) -> float:
    """How many requests of that share's kind the plan comes to, if their part of the whole stays as it is.

    While the pool is held up they come to no more than at the pace of that time.
    """
    plan, total = seen.plan, seen.total[index]
    if isinstance(plan.model, ClosedModel):
        grows = plan.duration / seen.at
    else:
        grows = plan.model.arrivals(plan.duration) / max(1.0, plan.model.arrivals(seen.at))
    planned = total * max(1.0, grows)
    if not all(tick.held_up for tick in seen.recent):
        return planned
    lately = sum(counted_in(seen.shares[index], tick)[1] for tick in seen.recent)
    pace = lately / (seen.at - seen.recent[0].at + 1)
    return min(planned, total + pace * max(0.0, plan.duration - seen.at))


# --- words


def _what(share: Share, bad: int) -> str:
    where = "" if share.objective.endpoint is None else f" of {share.objective.endpoint}"
    if share.over is None:
        return f"{counted(bad, 'request')}{where} failed"
    limit = share.objective.limit
    return f"{counted(bad, 'request')}{where} took longer than {amount(limit.unit, limit.value)}"


def _all_busy(stretches: list[Stretch]) -> str:
    return ", while all users of its pool were busy" if all(each.held_up for each in stretches) else ""


def _limit(share: Share) -> str:
    return f"{share.objective.key} {share.objective.limit.text}"


def _because(seen: Seen, share: Share, rule: str, words: str) -> Abort:
    return Abort(seen.at, share.objective.key, share.objective.endpoint, rule, words)
