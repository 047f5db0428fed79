"""Whether a scenario's measurement can be trusted at all: its own checks, and what they do to the others."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.core.bounds import exactly
from bot.core.evidence import Ending, EndpointEvidence, ScenarioEvidence
from bot.core.finding import Finding, invalid, stated
from bot.core.loadplan import ClosedModel
from bot.core.quantiles import PERMILLE
from bot.core.series import measurable
from bot.core.silence import standstill
from bot.core.text import plain
from bot.core.thresholds import THRESHOLDS
from bot.core.verdict import Check, Result
from bot.core.wording import LARGEST_COUNT, counted, listed, percent, whole

COMPLETION: Final = "completion"
DEPLOYMENT: Final = "deployment"
WORKERS: Final = "workers"
ABORT: Final = "abort"

_LONGEST: Final = 400

_ENDINGS: Final = {
    Ending.COMPLETED: "the load process completed",
    Ending.LOCUSTFILE_ERROR: "the locustfile failed",
    Ending.CRASHED: "the load process crashed",
    Ending.DEADLINE: "the load process was stopped at its deadline",
    Ending.NOT_RUN: "the load was never run",
    Ending.ABORTED: "the load was stopped early",
}
# A failure seen in part of the planned time is a failure: the missing rest can only add to it.
_STANDS_ALONE: Final = frozenset({"error_rate", "requests", "restart", ABORT, *PERMILLE})
# What is said of the part that was measured, and not of what the plan wanted to know.
_OF_THE_PART: Final = frozenset(
    {COMPLETION, DEPLOYMENT, WORKERS, ABORT, "requests", "tasks", "allow_hosts", "generator"}
)


def judge_completion(evidence: ScenarioEvidence) -> Finding:
    """INVALID unless the load process said that it did all that was planned and its files agree with that.

    A load that the bot itself stopped is INCONCLUSIVE: its part is whole, the rest was never measured.
    """
    part = _stopped(evidence)
    cut = () if part else (_ending(evidence), _measured(evidence))
    found = (*cut, _users(evidence), _truncated(evidence))
    troubles = [trouble for trouble in found if trouble]
    troubles += _contradictions(evidence)
    requests = _made(evidence)
    if troubles:
        return invalid("the run is not complete: " + "; ".join(troubles[:4]), requests)
    words = f"the load ran for {evidence.measured:g} s of {evidence.planned:g} s"
    if part:
        words += ", because it was stopped; what was not measured is reported as not measured"
        words += _cut_off(evidence) + _raised(evidence)
        return stated(Result.INCONCLUSIVE, words, requests)
    return stated(Result.PASS, words + _extension(evidence) + _raised(evidence), requests)


def judge_abort(evidence: ScenarioEvidence) -> Finding | None:
    """FAIL where the bot stopped the load because it could no longer pass, otherwise nothing to say.

    A load that was done before the order reached it was measured whole, and is judged by that.
    """
    why = evidence.abort
    if why is None or evidence.ending is Ending.COMPLETED:
        return None
    words = f"the load was stopped {why.at:.0f} s after its measured time began, of {evidence.planned:g} s: "
    return stated(Result.FAIL, words + plain(why.words, _LONGEST), _made(evidence))


def _stopped(evidence: ScenarioEvidence) -> bool:
    """Whether the load ended early because the bot said so, and said so itself."""
    return evidence.ending is Ending.ABORTED and evidence.abort is not None and measurable(evidence.measured)


def _cut_off(evidence: ScenarioEvidence) -> str:
    number = 0 if evidence.flights is None else _counted(evidence.flights.cut_off)
    return f"; {counted(number, 'request')} in flight when it was stopped count neither way" if number else ""


def _extension(evidence: ScenarioEvidence) -> str:
    more = evidence.extended
    return f", {more:g} s of them because an objective was undecided at the planned end" if more else ""


def _ending(evidence: ScenarioEvidence) -> str | None:
    if evidence.ending is Ending.COMPLETED:
        return None
    detail = plain(evidence.ending_detail)
    return _ENDINGS[evidence.ending] + (f" ({detail})" if detail else "")


def _measured(evidence: ScenarioEvidence) -> str | None:
    planned = evidence.planned
    if measurable(planned) and measurable(evidence.measured):
        return None if evidence.measured >= THRESHOLDS.least_measured(planned) else _short(evidence)
    return _short(evidence)


def _short(evidence: ScenarioEvidence) -> str:
    return f"{evidence.measured:g} s were measured of {evidence.planned:g} s planned"


def _users(evidence: ScenarioEvidence) -> str | None:
    model, lowest = evidence.plan.model, evidence.users_lowest
    if not isinstance(model, ClosedModel) or evidence.ending not in (Ending.COMPLETED, Ending.ABORTED):
        return None
    if evidence.users_missing is not None:
        missing = evidence.users_missing
        return f"{counted(missing, 'user')} were missing of what its LoadTestShape wanted" if missing else None
    if lowest is None:
        return "how many users were alive is not on record"
    return f"only {whole(lowest)} of {counted(model.users, 'user')} were alive" if lowest < model.users else None


def _truncated(evidence: ScenarioEvidence) -> str | None:
    return f"its files are truncated ({listed(evidence.truncated)})" if evidence.truncated else None


def _contradictions(evidence: ScenarioEvidence) -> list[str]:
    return [
        f"{plain(endpoint.endpoint)} counts {whole(endpoint.ok)} ok and {whole(endpoint.failed)} failed requests, "
        f"but recorded {whole(recorded)} {kind} times"
        for endpoint in evidence.endpoints
        for kind, recorded in _recorded(evidence, endpoint)
        if not _agrees(endpoint, recorded)
    ]


def _recorded(evidence: ScenarioEvidence, endpoint: EndpointEvidence) -> tuple[tuple[str, int], ...]:
    service = ("service", endpoint.service.total)
    # Ordinary Locust files of the closed model have no due time to count a response from.
    return (
        (service,) if isinstance(evidence.plan.model, ClosedModel) else (("response", endpoint.response.total), service)
    )


def _agrees(endpoint: EndpointEvidence, recorded: int) -> bool:
    return endpoint.ok >= 0 and endpoint.failed >= 0 and recorded == endpoint.ok + endpoint.failed


def judge_requests(evidence: ScenarioEvidence) -> Finding | None:
    """INVALID when not one request was made, FAIL when all of them were held back for long (closed model)."""
    if _made(evidence):
        return _standstill(evidence)
    return invalid("not one request was made in the measured time, so nothing was measured")


def _standstill(evidence: ScenarioEvidence) -> Finding | None:
    found = standstill(evidence)
    if found is None:
        return None
    begin, end, held = found
    words = (
        f"nothing was answered from {begin:.0f} s to {end:.0f} s of the window, while {counted(held, 'request')} waited"
    )
    return stated(Result.FAIL, words, _made(evidence))


def judge_allow_hosts(evidence: ScenarioEvidence) -> Finding | None:
    """INVALID when the load wanted to connect to an address that is not allowed (invariant I25)."""
    if not evidence.refused_connects:
        return None
    addresses = listed(address for address, _ in evidence.refused_connects)
    return invalid(f"the load tried to reach {addresses}, which allow_hosts does not name")


def judge_tasks(evidence: ScenarioEvidence) -> Finding | None:
    """INVALID when more than 1 % of the load is not on record as requests.

    Arrivals may have ended in an exception of the locustfile, or without any request; requests may never have been
    reported; or nothing at all says what became of arrivals that were started.
    """
    return _raising(evidence) or _empty(evidence) or _unreported(evidence) or _vanished(evidence)


def _unreported(evidence: ScenarioEvidence) -> Finding | None:
    flights = evidence.flights
    if flights is None:
        return None
    sent = _counted(flights.sent)
    missing = max(0, sent - _counted(flights.reported))
    if missing <= THRESHOLDS.unreported * sent:
        return None
    words = (
        f"{whole(missing)} of {counted(sent, 'request')} were sent and never reported: "
        "catch_response needs a with block, which ends in the report"
    )
    return Finding(Result.INVALID, exactly(missing / sent, sent), words)


def _vanished(evidence: ScenarioEvidence) -> Finding | None:
    arrivals = evidence.arrivals
    if arrivals is None or evidence.ending is not Ending.COMPLETED:
        return None
    started = _counted(arrivals.started)
    known = _made(evidence) + _counted(arrivals.empty) + _raised_count(evidence)
    if started - known <= THRESHOLDS.unreported * started:
        return None
    words = f"of {whole(started - known)} of {counted(started, 'arrival')} no request is on record"
    return Finding(Result.INVALID, exactly((started - known) / started, started), words)


def _empty(evidence: ScenarioEvidence) -> Finding | None:
    arrivals = evidence.arrivals
    if arrivals is None:
        return None
    started, empty = _counted(arrivals.started), _counted(arrivals.empty)
    if arrivals.empty >= 0 and empty <= THRESHOLDS.empty * started:
        return None
    words = f"{whole(arrivals.empty)} of {counted(started, 'arrival')} sent no request"
    return Finding(Result.INVALID, exactly(empty / started if started else 1.0, started), words)


def _raising(evidence: ScenarioEvidence) -> Finding | None:
    raised = _raised_count(evidence)
    arrivals = _started(evidence)
    if raised <= THRESHOLDS.task_errors * arrivals:
        return None
    share = raised / arrivals if arrivals else 1.0
    what = listed((text for text, _ in evidence.user_errors), 1)
    words = f"{percent(share)} of {counted(arrivals, 'arrival')} ended in an exception of the locustfile ({what})"
    return Finding(Result.INVALID, exactly(share, arrivals), words)


def _raised(evidence: ScenarioEvidence) -> str:
    raised = _raised_count(evidence)
    if not raised:
        return ""
    return f"; {counted(raised, 'task')} raised ({listed((text for text, _ in evidence.user_errors), 1)})"


def _raised_count(evidence: ScenarioEvidence) -> int:
    return sum(_counted(count) for _, count in evidence.user_errors)


def _counted(number: int) -> int:
    return min(max(0, number), LARGEST_COUNT)


def _made(evidence: ScenarioEvidence) -> int:
    return sum(_counted(endpoint.ok) + _counted(endpoint.failed) for endpoint in evidence.endpoints)


def _started(evidence: ScenarioEvidence) -> int:
    if evidence.arrivals is not None:
        return _counted(evidence.arrivals.started)
    # The closed model counts no arrivals: a task either sent requests or raised before it did.
    return _made(evidence) + _raised_count(evidence)


def cascade(checks: Iterable[Check], foremost: str = COMPLETION) -> tuple[Check, ...]:
    """The checks of one scenario, made INVALID where its deployment or completion is; the cause then comes first.

    Where the load was stopped early, what fails on the part fails; what does not was not measured to the end.
    Where the deployment is not proved nothing stands, not even a failure. An incomplete run, or one without all of its
    workers, proves no success, but a failure of latency, of requests or of the service itself stands. Where both are
    so, `foremost` is the cause: a load that never began leaves no moment at which to prove the deployment, but a
    refuted one is why no load was sent.
    """
    every = tuple(checks)
    bad = {check.objective for check in every if check.result is Result.INVALID}
    if DEPLOYMENT in bad:
        cause = foremost if COMPLETION in bad else DEPLOYMENT
        why = "staging did not prove that it ran the candidate"
        return _first(cause, (check if check.result is Result.INVALID else _void(check, why) for check in every))
    if bad & {COMPLETION, WORKERS}:
        why = "the run is not complete"
        # A worker that is gone is why the run ended, and not what followed from it.
        return _first(
            WORKERS if WORKERS in bad else COMPLETION,
            (check if _stands(check) else _void(check, why) for check in every),
        )
    if any(check.objective == ABORT and check.result is Result.FAIL for check in every):
        return _first(ABORT, map(_unfinished, every))
    return every


def _unfinished(check: Check) -> Check:
    if check.objective in _OF_THE_PART or check.result not in (Result.PASS, Result.INCONCLUSIVE):
        return check
    words = f"{check.reason.removesuffix('.')}, but that was not measured to the end: the load was stopped early."
    return replace(check, result=Result.INCONCLUSIVE, reason=words)


def _first(cause: str, checks: Iterable[Check]) -> tuple[Check, ...]:
    # Whoever reads only the first sentence must read the cause, not what followed from it.
    return tuple(sorted(checks, key=lambda check: check.objective != cause))


def _stands(check: Check) -> bool:
    return check.result is Result.INVALID or (check.result is Result.FAIL and check.objective in _STANDS_ALONE)


def _void(check: Check, why: str) -> Check:
    return replace(
        check, result=Result.INVALID, reason=f"{check.reason.removesuffix('.')}, but that proves nothing: {why}."
    )
