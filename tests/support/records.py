"""Run records of every kind, as a night would leave them: the input of renderer, storage and history tests.

Everything is derived from fixed seeds, so a record is the same on every machine and in every run.
"""

import dataclasses
from collections.abc import Callable
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
    Behaviour,
    candidate,
    check,
    checks_of,
    commits,
    evidence,
    load_plan,
    nightly_scenarios,
    quantile,
    scenario_evidence,
    scenario_plan,
    verdict,
)

from bot.core.evidence import Evidence
from bot.core.promotion import LEDGER_REF, Promotion, RefUpdate
from bot.core.reasons import Reason
from bot.core.record import Attempt, CommitSummary, Outcome, Repository, RunKind, RunRecord, Trigger, Trouble
from bot.core.verdict import Check, Result, Verdict


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
        schema_version=1,
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
    plans = nightly_scenarios()
    taken = [scenario_evidence(plan, how, sha, seed) for seed, (plan, how) in enumerate(zip(plans, behaviours), 7)]  # noqa: B905 - a shorter list of behaviours means fewer scenarios
    checks = [one for scenario in taken for one in checks_of(scenario)]
    return evidence(*taken, proof=proof), checks, (Attempt(1, "2026-11-21T02:00:05Z", "measured"),)


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
    )


def changed() -> RunRecord:
    """A gate with options on its command line."""
    whole = passed_gate()
    assert whole.plan is not None
    words = ("only scenario load-1k of 3: soak, load-64k skipped", "rate 50/s instead of 1000/s in load-1k")
    return dataclasses.replace(whole, plan=dataclasses.replace(whole.plan, changed=words))


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
}
