"""Run records of every kind, as a night would leave them: the input of renderer, storage and history tests.

Everything is derived from fixed seeds, so a record is the same on every machine and in every run.
"""

import dataclasses
import datetime as dt
import random
from collections.abc import Callable
from functools import cache
from typing import Any

from support.measured import (
    BASE,
    GOOD,
    HEALTHY,
    LEAKING,
    LEDGER_BEFORE,
    LEDGER_OID,
    OTHER,
    SATURATED,
    SHA,
    SLOW,
    TAG,
    TAG_OID,
    WEAK,
    Behaviour,
    candidate,
    check,
    checks_of,
    commits,
    evidence,
    health,
    load_plan,
    nightly_scenarios,
    quantile,
    scenario_evidence,
    scenario_plan,
    verdict,
)

from bot.core.evidence import Abort, Ending, Evidence, Past, PastNight, ScenarioEvidence, WorkerEvidence
from bot.core.limits import Comparison, Unit
from bot.core.loadplan import ClosedModel, OpenModel, RelativeObjective, Spacing, Stretch, Workers
from bot.core.promotion import LEDGER_REF, Move, Promotion, RefUpdate
from bot.core.reasons import Reason
from bot.core.record import (
    SCHEMA_VERSION,
    Attempt,
    CommitSummary,
    NightPoint,
    Nights,
    Outcome,
    Repository,
    Restored,
    RunKind,
    RunRecord,
    Trigger,
    Trouble,
)
from bot.core.verdict import Check, Notice, Result, Verdict


def trouble(nights: int = 3, count: int = 6) -> Trouble:
    suspects = tuple(
        CommitSummary(one.sha, one.author_name, one.subject, f"2026-11-{20 - number % 9:02d}T1{number % 10}:05:00Z")
        for number, one in enumerate(commits(count))
    )
    return Trouble("2026-11-19T02:00:00Z", nights, GOOD, "2026-11-18T02:21:40Z", suspects)


def _updates() -> tuple[RefUpdate, ...]:
    return (
        RefUpdate("refs/heads/main", BASE, SHA),
        RefUpdate(f"refs/tags/{TAG}", None, TAG_OID),
        RefUpdate(LEDGER_REF, LEDGER_BEFORE, LEDGER_OID),
    )


def record(reason: Reason, outcome: Outcome, sentence: str, **changes: Any) -> RunRecord:
    """A record with sensible values for all that is not named."""
    blank = RunRecord(
        schema_version=SCHEMA_VERSION,
        run_id="20261121-020000-7d3f0c41",
        kind=RunKind.PROMOTION,
        trigger=Trigger.NIGHTLY,
        actor="promotion-bot",
        outcome=outcome,
        reason_code=reason.code,
        reason=sentence,
        action=reason.action,
        started_at="2026-11-21T02:00:00Z",
        finished_at="2026-11-21T02:21:09Z",
        slot="2026-11-21",
        repository=Repository("https://github.com/acme/shop.git", "staging", "main", "https://github.com/acme/shop"),
        candidate=candidate(),
        plan=load_plan(),
        evidence=None,
        verdict=None,
        promotion=None,
        updates=(),
        notes_title=None,
        trouble=None,
        previous=None,
        attempts=(),
        timings=(
            ("fetch", 1.84),
            ("scenario load-1k", 138.2),
            ("scenario load-64k", 138.9),
            ("scenario soak", 921.4),
            ("judge", 0.21),
            ("push", 1.12),
            ("read back", 0.43),
        ),
        versions=(("promotion-bot", "0.1.0"), ("python", "3.11.2"), ("git", "2.39.5"), ("locust", "2.47.0")),
    )
    return dataclasses.replace(blank, **changes)


def _measured(
    *behaviours: Behaviour, sha: str = SHA, proof: bool = True
) -> tuple[Evidence, list[Check], tuple[Attempt, ...]]:
    taken = [_scenario(place, how, sha) for place, how in enumerate(behaviours)]
    checks = [one for scenario in taken for one in checks_of(scenario)]
    return evidence(*taken, proof=proof), checks, (Attempt(1, "2026-11-21T02:00:05Z", "measured"),)


@cache
def _scenario(place: int, how: Behaviour, sha: str) -> ScenarioEvidence:
    """The scenario of a night in that place; thousands of numbers, which are worked out once."""
    return scenario_evidence(nightly_scenarios()[place], how, sha, 7 + place)


def _replaced(checks: list[Check], changed: Check) -> list[Check]:
    same = (changed.scenario, changed.endpoint, changed.objective)
    return [changed if (one.scenario, one.endpoint, one.objective) == same else one for one in checks]


def _last_good() -> Verdict:
    _, checks, _ = _measured(dataclasses.replace(HEALTHY, median=0.0112), HEALTHY, HEALTHY)
    return verdict(*checks)


def promoted() -> RunRecord:
    taken, checks, attempts = _measured(HEALTHY, HEALTHY, HEALTHY)
    return record(
        Reason.PROMOTED,
        Outcome.PROMOTED,
        "All 14 checks passed, and the remote was read back.",
        evidence=taken,
        verdict=verdict(*checks),
        promotion=Promotion(TAG, TAG_OID, LEDGER_OID, BASE, SHA),
        updates=_updates(),
        notes_title="Nightly Release: 2026-11-21",
        previous=_last_good(),
        attempts=attempts,
    )


def blocked_slow() -> RunRecord:
    taken, checks, attempts = _measured(SLOW, HEALTHY, HEALTHY)
    observed = quantile(taken.scenarios[0].endpoints[0].response, 0.95)
    failed = check(
        "load-1k",
        "p95",
        observed,
        Result.FAIL,
        reason="load-1k, all endpoints: p95 < 1.5s failed: observed 1.71s (95% bounds 1.68s to 1.75s, 120000 samples).",
    )
    return record(
        Reason.SLO_FAILED,
        Outcome.BLOCKED,
        failed.reason,
        evidence=taken,
        verdict=verdict(*_replaced(checks, failed)),
        trouble=trouble(),
        previous=_last_good(),
        attempts=attempts,
    )


def blocked_leak() -> RunRecord:
    taken, checks, attempts = _measured(HEALTHY, HEALTHY, LEAKING)
    failed = check(
        "soak",
        "memory_growth",
        0.342,
        Result.FAIL,
        samples=901,
        spread=0.05,
        reason="soak, app: memory_growth < 10% failed: 34.2% over 15m (95% bounds 32.5% to 35.9%, 901 samples).",
    )
    return record(
        Reason.SLO_FAILED,
        Outcome.BLOCKED,
        failed.reason,
        evidence=taken,
        verdict=verdict(*_replaced(checks, failed)),
        trouble=trouble(nights=1, count=26),
        previous=_last_good(),
        attempts=attempts,
    )


def invalid() -> RunRecord:
    taken, checks, attempts = _measured(HEALTHY, HEALTHY, sha=OTHER)
    sentence = f"load-1k: staging reported {OTHER[:12]} before the load, not the candidate {SHA[:12]}."
    spoilt = [_void(one) for one in checks]
    for name in ("load-64k", "load-1k"):
        spoilt.insert(0, _deployment(name, sentence.replace("load-1k", name)))
    return record(
        Reason.STAGING_MISMATCH,
        Outcome.INVALID,
        sentence,
        plan=load_plan(*nightly_scenarios()[:2]),
        evidence=taken,
        verdict=verdict(*spoilt),
        trouble=trouble(nights=2, count=3),
        attempts=attempts,
    )


def _deployment(scenario: str, reason: str) -> Check:
    return Check(scenario, None, "deployment", SHA[:12], None, None, None, 25, Result.INVALID, reason)


def _void(one: Check) -> Check:
    reason = (
        one.reason.removesuffix(".") + ", but that proves nothing: staging did not prove that it ran the candidate."
    )
    return dataclasses.replace(one, result=Result.INVALID, reason=reason)


def inconclusive() -> RunRecord:
    plan = dataclasses.replace(scenario_plan(), duration=60.0)
    taken = scenario_evidence(plan, dataclasses.replace(SLOW, median=0.54))
    undecided = check(
        "load-1k",
        "p95",
        1.498,
        Result.INCONCLUSIVE,
        samples=60_000,
        spread=0.012,
        reason="load-1k, all endpoints: p95 < 1.5s is undecided: 1.48s to 1.516s straddles it; 310000 would do.",
    )
    return record(
        Reason.NOT_ENOUGH_EVIDENCE,
        Outcome.INCONCLUSIVE,
        undecided.reason,
        trigger=Trigger.MANUAL,
        actor="ada",
        plan=load_plan(plan, proof=False),
        evidence=evidence(taken, proof=False),
        verdict=verdict(*_replaced(checks_of(taken), undecided)),
        trouble=trouble(nights=1, count=2),
        attempts=tuple(Attempt(n, f"2026-11-21T02:0{4 * n - 4}:05Z", "inconclusive") for n in (1, 2)),
    )


def saturated() -> RunRecord:
    """The generator could not keep up: late and unsent arrivals."""
    taken, checks, attempts = _measured(SATURATED)
    short = check(
        "load-1k",
        "rate",
        0.966,
        Result.INVALID,
        spread=0.001,
        reason="load-1k: 96.6% of the arrivals were sent (limit >= 99%): the load generator was saturated.",
    )
    return record(
        Reason.MEASUREMENT_INVALID,
        Outcome.INVALID,
        short.reason,
        evidence=taken,
        plan=load_plan(nightly_scenarios()[0]),
        verdict=verdict(*_replaced(checks, short)),
        attempts=attempts,
    )


def refused() -> RunRecord:
    return record(
        Reason.NOT_FAST_FORWARD,
        Outcome.REFUSED,
        "main has commits that staging lacks (e2b4c6d8f0a1), so it cannot be fast-forwarded.",
        finished_at="2026-11-21T02:00:03Z",
        timings=(("fetch", 1.84),),
        trouble=trouble(nights=1, count=1),
    )


def up_to_date() -> RunRecord:
    return record(
        Reason.UP_TO_DATE,
        Outcome.UP_TO_DATE,
        f"main already is at {SHA[:12]}, the tip of staging.",
        finished_at="2026-11-21T02:00:03Z",
        candidate=None,
        plan=None,
        timings=(("fetch", 1.84),),
    )


def error() -> RunRecord:
    return record(
        Reason.REMOTE_UNREACHABLE,
        Outcome.ERROR,
        "git fetch from https://github.com/acme/shop.git failed: could not resolve host.",
        finished_at="2026-11-21T02:00:31Z",
        candidate=None,
        plan=None,
        timings=(("fetch", 30.0),),
        versions=(),
    )


def passed_gate() -> RunRecord:
    plan = nightly_scenarios()[0]
    taken = scenario_evidence(plan)
    return record(
        Reason.GATE_PASSED,
        Outcome.PASSED,
        "All 4 checks passed.",
        kind=RunKind.GATE,
        trigger=Trigger.MANUAL,
        actor="ada",
        slot=None,
        plan=load_plan(plan),
        evidence=evidence(taken),
        verdict=verdict(*checks_of(taken)),
    )


def dry_run() -> RunRecord:
    plan = nightly_scenarios()[0]
    taken = scenario_evidence(plan)
    return record(
        Reason.DRY_RUN,
        Outcome.DRY_RUN,
        "All 4 checks passed; with --dry-run nothing was written.",
        trigger=Trigger.MANUAL,
        actor="ada",
        plan=load_plan(plan),
        evidence=evidence(taken),
        verdict=verdict(*checks_of(taken)),
        updates=_updates(),
        dry_run=True,
    )


def weak_generator() -> RunRecord:
    """A healthy service, and a load process without enough CPU to measure it."""
    taken, checks, attempts = _measured(WEAK)
    sentence = (
        "load-1k: the generator could not keep up: only 96.6 % of 120,000 arrivals were sent (99.5 % must be); "
        "the load process main used 100 % of a core (p95 of its seconds); at most 90 % can be believed."
    )
    spoilt = Check("load-1k", None, "generator", ">= 99.5 %", 0.966, 0.966, 0.966, 120_000, Result.INVALID, sentence)
    return record(
        Reason.MEASUREMENT_INVALID,
        Outcome.INVALID,
        sentence,
        evidence=taken,
        plan=load_plan(nightly_scenarios()[0]),
        verdict=verdict(spoilt, *(_void(one) for one in checks)),
        attempts=attempts,
    )


def aborted() -> RunRecord:
    """A broken build: half of the requests fail, and nobody waits for the hour to end."""
    plan = dataclasses.replace(nightly_scenarios()[0], duration=3600.0)
    until = dataclasses.replace(plan, duration=112.0)
    words = "56,012 of 112,000 requests failed, more than the whole plan may have"
    taken = dataclasses.replace(
        scenario_evidence(until, dataclasses.replace(HEALTHY, errors=0.5)),
        plan=plan,
        ending=Ending.ABORTED,
        ending_detail=words,
        abort=Abort(112.0, "error_rate", None, "certain", words),
    )
    left = nightly_scenarios()[2]
    never = dataclasses.replace(
        scenario_evidence(left),
        ending=Ending.NOT_RUN,
        ending_detail="not measured: load-1k could no longer pass",
        measured=0.0,
        endpoints=(),
        timeline=(),
        blocks=(),
        health=(),
        resources=(),
        arrivals=None,
        deployment=(),
    )
    failed = check("load-1k", "error_rate", 0.5, Result.FAIL, samples=112_000, reason=f"load-1k: {words}.")
    return record(
        Reason.SLO_FAILED,
        Outcome.BLOCKED,
        failed.reason,
        plan=load_plan(plan, left),
        evidence=evidence(taken, never),
        verdict=verdict(failed),
        trouble=trouble(nights=1, count=3),
        attempts=(Attempt(1, "2026-11-21T02:00:05Z", "fail"),),
    )


def distributed() -> RunRecord:
    """Three load processes, one of them on another machine, on a ramp of random arrivals; one was lost."""
    whole = nightly_scenarios()[0]
    model = OpenModel(1000.0, 2000, (Stretch(60.0, 100.0, 1000.0),), Spacing.POISSON)
    plan = dataclasses.replace(whole, model=model, workers=Workers(2, 1))
    names = ("main", "worker-1", "worker-2", "10.0.0.7:worker-3")
    taken = scenario_evidence(plan)
    ramp = [min(1000.0, 100.0 + 15.0 * second.at) for second in taken.timeline]
    taken = dataclasses.replace(
        taken,
        timeline=tuple(
            dataclasses.replace(second, due=int(rate), sent=int(rate), ok=int(rate), failed=0, failures=())
            for second, rate in zip(taken.timeline, ramp, strict=True)
        ),
        health=tuple(health(name, plan.duration, 0.2 + 0.1 * n) for n, name in enumerate(names)),
        workers=(
            WorkerEvidence("worker-1", 132, 132, 0.0004, 0.0011, ()),
            WorkerEvidence("worker-2", 132, 132, -0.0002, 0.0009, ()),
            WorkerEvidence("10.0.0.7:worker-3", 97, 132, 0.212, 0.004, ("was lost after 97 s",)),
        ),
    )
    sentence = "load-1k: 10.0.0.7:worker-3 was lost after 97 s."
    lost = Check("load-1k", None, "workers", "3 whole", None, None, None, 361, Result.INVALID, sentence)
    return record(
        Reason.MEASUREMENT_INVALID,
        Outcome.INVALID,
        sentence,
        evidence=evidence(taken),
        plan=load_plan(plan),
        verdict=verdict(lost, *(_void(one) for one in checks_of(taken))),
    )


def closed() -> RunRecord:
    """So many users who wait: service times, and what they may hide."""
    plan = dataclasses.replace(
        nightly_scenarios()[0], model=ClosedModel(40), objectives=nightly_scenarios()[0].objectives[:3]
    )
    taken = scenario_evidence(plan)
    seconds = tuple(dataclasses.replace(second, service_p99=second.p99, lateness_p99=None) for second in taken.timeline)
    taken = dataclasses.replace(taken, arrivals=None, timeline=seconds, users_lowest=40)
    return record(
        Reason.GATE_PASSED,
        Outcome.PASSED,
        "All 3 checks passed.",
        kind=RunKind.GATE,
        trigger=Trigger.MANUAL,
        actor="ada",
        slot=None,
        plan=load_plan(plan),
        evidence=evidence(taken),
        verdict=verdict(*checks_of(taken)),
    )


def extended() -> RunRecord:
    """Undecided at the planned end, decided after another half of it, on the second attempt."""
    plan = dataclasses.replace(nightly_scenarios()[0], extend=0.5)
    longer = dataclasses.replace(plan, duration=180.0)
    taken = dataclasses.replace(scenario_evidence(longer), plan=plan, extended=60.0)
    return record(
        Reason.PROMOTED,
        Outcome.PROMOTED,
        "All 4 checks passed, and the remote was read back.",
        plan=dataclasses.replace(load_plan(plan), retry=1),
        evidence=evidence(taken),
        verdict=verdict(*checks_of(taken)),
        promotion=Promotion(TAG, TAG_OID, LEDGER_OID, BASE, SHA),
        updates=_updates(),
        attempts=(
            Attempt(
                number=1,
                started_at="2026-11-21T02:00:05Z",
                result="invalid",
                reason="load-1k: main waited.",
                evidence_sha256="ab" * 32,
                folder="attempt-1",
                checks=tuple(_void(one) for one in checks_of(taken)),
            ),
            Attempt(2, "2026-11-21T02:06:11Z", "pass"),
        ),
    )


def with_history() -> RunRecord:
    """Beside two months of nights: the last ones at another level, and tonight stands out."""
    whole = promoted()
    plan = load_plan()
    assert whole.evidence is not None
    assert whole.verdict is not None
    relative = RelativeObjective("p95", Comparison.BELOW, 1.2, 0.0, Unit.SECONDS, "< 1.2x baseline")
    first, *others = plan.scenarios
    first = dataclasses.replace(first, relative=(relative,))
    nights = past_nights(0.0237, 0.0262, 34)
    past = (
        Past("load-1k", None, "p95", nights),
        Past("load-1k", None, "p99", past_nights(0.0401, 0.0431, 34)),
        Past("load-1k", None, "error_rate", past_nights(0.0006, 0.0006, 34)),
    )
    (p95,) = (one for one in whole.verdict.checks if (one.scenario, one.objective) == ("load-1k", "p95"))
    limited = dataclasses.replace(p95, limit="< 1.2x baseline = 28.6 ms", baseline=0.0238, result=Result.FAIL)
    checks = tuple(
        dataclasses.replace(one, baseline=0.0238) if one is p95 else one for one in (limited, *whole.verdict.checks)
    )
    notices = (
        Notice(
            "load-1k", None, "p95", "stands-out", "load-1k: p95 29.7 ms stands out from the last 20 nights.", 0.0297
        ),
        Notice(
            "load-1k", None, "p95", "change-point", "load-1k: p95 has been at another level since 2026-11-12.", 0.03
        ),
        Notice("soak", None, "p95", "no-baseline", "soak: p95 < 1.2x baseline was not judged: 2 of 5 nights.", 0.03),
    )
    return dataclasses.replace(
        whole,
        plan=dataclasses.replace(plan, scenarios=(first, *others)),
        outcome=Outcome.BLOCKED,
        promotion=None,
        reason_code=Reason.SLO_FAILED.code,
        reason="load-1k: p95 29.7 ms exceeds < 1.2x baseline = 28.6 ms.",
        action=Reason.SLO_FAILED.action,
        evidence=dataclasses.replace(
            whole.evidence,
            past=past,
            scenarios=(dataclasses.replace(whole.evidence.scenarios[0], plan=first), *whole.evidence.scenarios[1:]),
        ),
        verdict=dataclasses.replace(whole.verdict, checks=checks, notices=notices, result=Result.FAIL),
        nights=tuple(Nights(each.scenario, each.endpoint, each.objective, shown_as(each.nights)) for each in past),
    )


def shown_as(nights: tuple[PastNight, ...]) -> tuple[NightPoint, ...]:
    """The same nights as a report shows them: three of them passed nothing, and stand out."""
    other = {7: Outcome.BLOCKED, 13: Outcome.INVALID, 19: Outcome.INCONCLUSIVE, 22: Outcome.BLOCKED}
    return tuple(
        NightPoint(
            night.run_id,
            night.at,
            other.get(place, Outcome.PROMOTED if night.released else Outcome.PASSED),
            night.observed * (1.3 if other.get(place) is Outcome.BLOCKED else 1.0),
        )
        for place, night in enumerate(nights)
    )


def past_nights(before: float, after: float, count: int) -> tuple[PastNight, ...]:
    """So many nights up to yesterday, the last nine at the level `after`; every third was released."""
    chance = random.Random(5)
    first = dt.date(2026, 11, 21) - dt.timedelta(days=count)
    return tuple(
        PastNight(
            run_id=f"{first + dt.timedelta(days=n):%Y%m%d}-020000-7d3f",
            at=f"{first + dt.timedelta(days=n)}T02:00:00Z",
            sha=f"{n:02x}" * 20,
            observed=round((before if n < count - 9 else after) * (1 + 0.03 * (chance.random() - 0.5)), 6),
            released=n % 3 == 0,
        )
        for n in range(count)
    )


def changed() -> RunRecord:
    """A gate with options on its command line."""
    whole = passed_gate()
    assert whole.plan is not None
    words = ("only scenario load-1k of 3: soak, load-64k skipped", "rate 50/s instead of 1000/s in load-1k")
    return dataclasses.replace(whole, plan=dataclasses.replace(whole.plan, changed=words))


def _by_hand(kind: RunKind, sentence: str, justification: str | None, **changes: Any) -> RunRecord:
    """What a person did besides the nights; nothing was measured."""
    return record(
        Reason.PROMOTED,
        Outcome.PROMOTED,
        sentence,
        kind=kind,
        trigger=Trigger.MANUAL,
        actor="ada",
        slot=None,
        plan=None,
        finished_at="2026-11-21T02:00:04Z",
        timings=(("fetch", 1.84), ("push", 1.12), ("read back", 0.43)),
        justification=justification,
        **changes,
    )


_STAGING = "refs/heads/staging"


def rolled_back() -> RunRecord:
    moved = Move(_STAGING, GOOD, "5" * 40)
    tag = "release/20261121-020003"
    return _by_hand(
        RunKind.ROLLBACK,
        f"main is at {SHA[:12]}, tagged {tag}; staging is at 555555555555.",
        "The checkout answers 500 since last night.",
        candidate=dataclasses.replace(candidate(), commits=()),
        promotion=Promotion(tag, TAG_OID, LEDGER_OID, BASE, SHA, (moved,)),
        updates=(RefUpdate("refs/heads/main", BASE, SHA), RefUpdate(_STAGING, moved.before, moved.after)),
        restored=Restored("release/20261119-022210", "9" * 40, "forward", trouble(count=12).suspects, (BASE,)),
    )


def rewound() -> RunRecord:
    whole = rolled_back()
    return dataclasses.replace(
        whole,
        reason=f"main is at {SHA[:12]}.",
        promotion=Promotion(None, None, LEDGER_OID, BASE, SHA),
        updates=(RefUpdate("refs/heads/main", BASE, SHA), RefUpdate(LEDGER_REF, LEDGER_BEFORE, LEDGER_OID)),
        restored=Restored("release/20261119-022210", SHA, "rewind", trouble(count=2).suspects, (BASE, OTHER)),
    )


def hotfix() -> RunRecord:
    moved = Move(_STAGING, GOOD, "5" * 40)
    return _by_hand(
        RunKind.HOTFIX,
        f"main is at {SHA[:12]}, tagged {TAG}; staging is at 555555555555.",
        "The certificate runs out at noon.",
        promotion=Promotion(TAG, TAG_OID, LEDGER_OID, BASE, SHA, (moved,)),
        updates=_updates(),
    )


def backported() -> RunRecord:
    return _by_hand(
        RunKind.BACKPORT,
        f"staging is at {SHA[:12]}.",
        None,
        promotion=Promotion(None, None, None, BASE, SHA),
        updates=(RefUpdate(_STAGING, BASE, SHA),),
    )


SAMPLES: dict[str, Callable[[], RunRecord]] = {
    "promoted": promoted,
    "blocked-slow": blocked_slow,
    "blocked-leak": blocked_leak,
    "invalid": invalid,
    "saturated": saturated,
    "inconclusive": inconclusive,
    "refused": refused,
    "up-to-date": up_to_date,
    "error": error,
    "passed-gate": passed_gate,
    "dry-run": dry_run,
    "weak-generator": weak_generator,
    "aborted": aborted,
    "distributed": distributed,
    "closed": closed,
    "extended": extended,
    "with-history": with_history,
    "rolled-back": rolled_back,
    "rewound": rewound,
    "hotfix": hotfix,
    "backported": backported,
}
