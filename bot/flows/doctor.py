"""Everything a night needs, looked at one thing after the other; nothing is changed, and no failure hides another."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from bot.core.doctor import (
    Area,
    Finding,
    Level,
    judge_clock,
    judge_deployment,
    judge_files,
    judge_reached,
    judge_space,
)
from bot.core.doctor_git import judge_bench, judge_branches, judge_push, judge_standing, judge_trail
from bot.core.doctor_machine import judge_lock, judge_sample, judge_store, judge_versions, most_connections
from bot.core.doctor_schedule import judge_schedule
from bot.core.freeze import examine_freeze
from bot.core.gate import examine
from bot.core.quarantine import examine_quarantine
from bot.core.selectors import HistoryFilter
from bot.core.tampering import examine_rewind
from bot.errors import BotError, Reason
from bot.flows.audit import glance
from bot.flows.doctor_host import host_looks
from bot.flows.doctor_kit import Ground, Kit, Look, Subject
from bot.flows.line import standing_now
from bot.flows.ports.doctor import Rehearsal, Sampler
from bot.flows.quarantined import cases

_RECENT: Final = 200
_REFUSED: Final = "See that what it asked for is there, and grant the permission that is named."


def examine_all(kit: Kit, subject: Subject) -> Iterator[Finding]:
    """Every finding, in the order of the areas."""
    ground = Ground()
    yield from _all(kit, Area.MACHINE, _machine(kit, subject))
    yield from _all(kit, Area.STATE, _state(kit))
    yield from _all(kit, Area.GIT, _git(kit, subject, ground))
    yield from _all(kit, Area.STAGING, _staging(kit, subject, ground))
    yield from _all(kit, Area.PROBES, {each.name: partial(_sample, each) for each in kit.samplers})
    yield from _all(kit, Area.SCHEDULE, {"history": lambda: _schedule(kit, subject)})
    yield from _all(kit, Area.HOST, host_looks(kit, subject, ground))


def _all(kit: Kit, area: Area, looks: dict[str, Look]) -> Iterator[Finding]:
    for name, look in looks.items():
        yield from _looked(kit, area, name, look)


def _looked(kit: Kit, area: Area, name: str, look: Look) -> tuple[Finding, ...]:
    """What one look finds; that it failed is a finding as well."""
    try:
        with kit.bounded(name):
            return tuple(look())
    except BotError as error:
        return (Finding(area, name, Level.FAIL, error.sentence, _advice(error)),)


def _advice(error: BotError) -> str:
    """What to do: whoever reads this need not be sent to doctor."""
    return _REFUSED if error.action == Reason.HOST_REFUSED.action else error.action


def _machine(kit: Kit, subject: Subject) -> dict[str, Look]:
    return {
        "tools": lambda: judge_versions(kit.versions),
        "git": lambda: [Finding(Area.MACHINE, "git", Level.OK, kit.git_version())],
        "files": lambda: [judge_files(kit.machine.open_files(), most_connections(subject.plan))],
    }


def _state(kit: Kit) -> dict[str, Look]:
    there = kit.premises
    return {
        "folder": lambda: [Finding(Area.STATE, "folder", Level.OK, there.folder())],
        "space": lambda: [judge_space(there.free())],
        "lock": lambda: [judge_lock(there.lock())],
        "history": lambda: [judge_store(there.store())],
    }


def _git(kit: Kit, subject: Subject, ground: Ground) -> dict[str, Look]:
    looks: dict[str, Look] = {"remote": lambda: _fetched(kit, subject, ground)}
    looks |= {"branches": lambda: _branches(kit, ground)}
    if kit.rehearsal is not None:
        rehearsal = kit.rehearsal
        looks["push"] = lambda: _rehearsed(rehearsal, subject, ground)
    return looks | {
        "signing": lambda: _signing(kit, subject),
        "trail": lambda: _trail(kit, subject, ground),
        "line": lambda: _line(kit, ground),
        "back-merge": lambda: [judge_bench(kit.bench.begun(), str(kit.bench.path))],
    }


def _fetched(kit: Kit, subject: Subject, ground: Ground) -> Iterator[Finding]:
    kit.repository.fetch()
    facts = kit.repository.branch_facts()
    ground.facts = facts
    if not facts.incomplete:
        ground.waiting = kit.repository.commits(facts.target_sha, facts.source_sha)
    yield Finding(Area.GIT, "remote", Level.OK, f"{subject.remote} answers, and has {facts.source} and {facts.target}")


def _branches(kit: Kit, ground: Ground) -> Iterator[Finding]:
    if ground.facts is not None:
        entries = kit.repository.ledger()
        refusal = examine_rewind(ground.facts, entries) or examine(ground.facts, entries)
        yield judge_branches(ground.facts, refusal, len(ground.waiting))


def _rehearsed(rehearsal: Rehearsal, subject: Subject, ground: Ground) -> Iterator[Finding]:
    if ground.facts is not None:
        yield judge_push(rehearsal.push(ground.facts.target_sha), subject.terms.target)


def _signing(kit: Kit, subject: Subject) -> Iterator[Finding]:
    kit.repository.check_signing()
    seen = f"release tags can be signed with {subject.signing}" if subject.signing else "release tags are not signed"
    yield Finding(Area.GIT, "signing", Level.OK, seen)


def _trail(kit: Kit, subject: Subject, ground: Ground) -> Iterator[Finding]:
    if ground.facts is not None:
        yield judge_trail(glance(kit.repository, kit.history, subject.terms))


def _line(kit: Kit, ground: Ground) -> Iterator[Finding]:
    if ground.facts is None:
        return
    now, tip = standing_now(kit.repository, kit.clock), ground.facts.source_sha
    stopped = (examine_freeze(now), examine_quarantine(tip, cases(kit.repository, now, tip)))
    yield judge_standing(now, [each for each in stopped if each is not None])


def _staging(kit: Kit, subject: Subject, ground: Ground) -> dict[str, Look]:
    return {
        "service": lambda: _reached(kit),
        "commit": lambda: [_deployed(kit, subject, ground)],
    }


def _reached(kit: Kit) -> Iterator[Finding]:
    reached = kit.front.reach()
    yield judge_reached(reached)
    if reached.status is not None:
        yield judge_clock(reached.ahead)


def _deployed(kit: Kit, subject: Subject, ground: Ground) -> Finding:
    tip = ground.facts.source_sha if ground.facts else None
    return judge_deployment(kit.staging.check(tip or "") if subject.plan.proof else None, tip)


def _sample(sampler: Sampler) -> Iterator[Finding]:
    yield from map(judge_sample, sampler.read())


def _schedule(kit: Kit, subject: Subject) -> Iterator[Finding]:
    runs = kit.history.query(HistoryFilter(limit=_RECENT))
    yield from judge_schedule(subject.schedule, runs, kit.clock.now(), subject.late)
