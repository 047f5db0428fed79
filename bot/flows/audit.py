"""Look at target, tags and ledger as they are on the remote, and hold them against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.audit import Audit, Known, Terms, audit, next_sighting
from bot.core.audit_target import breaks
from bot.core.differences import Difference
from bot.core.gate import Refusal
from bot.core.hosting import Releases, Unseen
from bot.core.ledger import of_prefix
from bot.core.ledgerlog import read_steps
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.core.selectors import HistoryFilter, RunSummary
from bot.core.trail import Sighting
from bot.errors import BotError
from bot.flows import ports
from bot.flows.request import Effect
from bot.flows.run import Run

# Each break costs a look at the history between two commits; the newest tell most.
_MOST_BREAKS: Final = 20
_MOST_NAMED: Final = 3
_MOST_WARNINGS: Final = 5


# Hundreds of releases, each of which is a question: of a night, and of a person.
_NEWEST: Final = 1
_MANY: Final = 10


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is known beside the remote: promotions on record here, and the host's releases."""

    runs: tuple[RunSummary, ...]
    releases: Releases | Unseen | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One audit, and what is to be remembered of it."""

    audit: Audit
    sighting: Sighting


def look(git: ports.Repository, history: ports.History, terms: Terms, host: ports.Host) -> Audit:
    """Fetch and audit, the host's releases too; what was seen is remembered for the next time."""
    git.fetch()
    found = _settled(git, _Beside(_promoted(history), _releases(host, _MANY)), terms)
    git.auditable().remember(found.sighting)
    return found.audit


def glance(git: ports.Repository, history: ports.History, terms: Terms) -> Audit:
    """Audit what was fetched just now; where anything differs, it is fetched and looked at once more."""
    return _settled(git, _Beside(_promoted(history)), terms).audit


def check_ledger(git: ports.Repository, terms: Terms) -> None:
    """That the ledger, as fetched, may be built on; BotError(AUDIT_FAILED) names what is wrong with it."""
    refusal = refusal_of(_settled(git, _Beside(()), terms).audit.broken_ledger)
    if refusal is not None:
        raise BotError(refusal.reason, refusal.sentence)


def examine_trail(run: Run) -> Refusal | None:
    """A refusal where nothing should be written over what is there; every other difference is told as a warning.

    May fetch again: no branch is resolved before it.
    """
    request = run.request
    terms = Terms(request.repository.target, request.tag_prefix, request.accepted)
    with run.step("audit"):
        beside = _Beside(_known_runs(run), _releases(run.tools.host, _NEWEST))
        found = _settled(run.tools.repository, beside, terms)
        run.attempt(lambda: run.tools.repository.auditable().remember(found.sighting))
    stopping = _stopping(request.kind, found.audit)
    told = (*found.audit.serious, *found.audit.warnings)
    _tell(run, found.audit, tuple(each for each in told if each not in stopping))
    return refusal_of(stopping)


def _stopping(kind: RunKind, found: Audit) -> tuple[Difference, ...]:
    """What stops a run of that kind: people in a hurry are held up by nothing but a ledger that is not what it was."""
    match kind:
        case RunKind.GATE:
            return ()
        case RunKind.HOTFIX | RunKind.ROLLBACK:
            return found.broken_ledger
        case _:
            return found.serious


def check_signing(run: Run) -> None:
    """That the tag can be signed, before the load is sent that would be in vain otherwise."""
    if run.request.kind is not RunKind.GATE and run.request.effect is Effect.WRITE:
        run.tools.repository.check_signing()


def _settled(git: ports.Repository, beside: _Beside, terms: Terms) -> Looked:
    """Look, and look again where anything was seen: somebody's push may have been half done just then."""
    try:
        found = _once(git, beside, terms)
        if found.audit.is_clean:
            return found
    except BotError as error:
        # A cache that turns out broken is made anew, once.
        if error.reason is not Reason.GIT_FAILED:
            raise
    git.fetch()
    return _once(git, beside, terms)


def _once(git: ports.Repository, beside: _Beside, terms: Terms) -> Looked:
    facts = git.auditable()
    trail, sighting = facts.trail(), facts.sighting()
    reading = read_steps(trail.steps)
    moved = breaks(of_prefix(terms.tag_prefix, reading.entries), trail.target)[-_MOST_BREAKS:]
    gaps = {each: facts.gap(*each) for each in moved}
    found = audit(trail, reading, terms, Known(sighting, beside.runs, gaps, beside.releases))
    return Looked(found, next_sighting(trail, reading, sighting, facts.rule))


def _releases(host: ports.Host, most: int) -> Releases | Unseen | None:
    """What the host has; that nobody could see it is a difference like others, and stops nothing."""
    try:
        return host.releases(most)
    except BotError as error:
        return Unseen(host.name, error.sentence)


def _promoted(history: ports.History) -> tuple[RunSummary, ...]:
    return history.query(HistoryFilter(outcome=Outcome.PROMOTED.value))


def _known_runs(run: Run) -> tuple[RunSummary, ...]:
    """The promotions on record here; none where the history cannot be read, which others say loudly enough."""
    try:
        return _promoted(run.tools.history)
    except BotError:
        return ()


def _tell(run: Run, found: Audit, differences: Sequence[Difference]) -> None:
    """Say what does not stop the run, now and in its record."""
    sentences = [each.sentence for each in differences]
    more = len(sentences) - _MOST_WARNINGS
    told = (*sentences[:_MOST_WARNINGS], *((f"{more} more differences: see `promote audit`.",) if more > 0 else ()))
    run.know(differences=told)
    for sentence in told:
        run.tools.watcher.step("warning", sentence)
    run.journal("audited", found=[each.key for each in found.differences][: 10 * _MOST_WARNINGS])


def refusal_of(differences: Sequence[Difference]) -> Refusal | None:
    """The refusal that names them, the gravest first; None where there are none."""
    if not differences:
        return None
    named = " ".join(each.sentence for each in differences[:_MOST_NAMED])
    more = len(differences) - _MOST_NAMED
    return Refusal(Reason.AUDIT_FAILED, f"{named} And {more} more." if more > 0 else named)
