"""The audit: target, tags, ledger and releases held against each other; every difference is named (I5, I14).

It reads nothing but facts and trusts none of them more than another: what the bot itself believes is no evidence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.core.audit_ledger import ledger_differences
from bot.core.audit_signatures import signature_differences
from bot.core.audit_tags import is_by_the_bot, tag_differences
from bot.core.audit_target import Break, target_differences
from bot.core.differences import Difference, Kind, Severity
from bot.core.hosting import Releases, Unseen
from bot.core.ledger import of_prefix
from bot.core.ledgerlog import Reading
from bot.core.selectors import RunSummary
from bot.core.tags import is_release
from bot.core.text import plain
from bot.core.trail import Gap, Sighting, Signature, TagFact, Trail

_ORDER: Final = tuple(Severity)
# Greater than every name of a tag.
_NEVER: Final = chr(0x10FFFF)
_RAGGED: Final = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What the installation calls things: the target branch, the beginning of release tags, and what it accepted.

    `accepted` are keys of differences that people looked into (see `Difference.key`).
    """

    target: str
    tag_prefix: str
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the remote: earlier sightings and runs of this installation, and how main got where it was.

    `gaps` holds the breaks that were looked into; `releases` what the host has, or why nobody could see it, None where
    there is no host.
    """

    sighting: Sighting = field(default_factory=Sighting)
    runs: tuple[RunSummary, ...] = ()
    gaps: Mapping[Break, Gap] = field(default_factory=dict)
    releases: Releases | Unseen | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What was looked at: counts, and the moments of the first and the last promotion (UTC ISO 8601).

    `signed` counts good signatures, None where signatures are not checked; `releases` those of the host, None where it
    was not seen.
    """

    promotions: int
    tags: int
    ledger_commits: int
    since: str | None
    until: str | None
    signed: int | None
    releases: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """All differences, the gravest first, and what was looked at: a clean audit is evidence of that much."""

    differences: tuple[Difference, ...]
    scope: Scope

    @property
    def is_clean(self) -> bool:
        """Whether nothing but notes was found."""
        return all(each.severity is Severity.NOTE for each in self.differences)

    @property
    def serious(self) -> tuple[Difference, ...]:
        """What nothing should be promoted over."""
        return tuple(each for each in self.differences if each.severity is Severity.SERIOUS)

    @property
    def broken_ledger(self) -> tuple[Difference, ...]:
        """What not even a hotfix, a rollback or a freeze should be written over: each grows the ledger."""
        return tuple(each for each in self.serious if each.kind.breaks_ledger)

    @property
    def warnings(self) -> tuple[Difference, ...]:
        """What people should see, and what stops nothing."""
        return tuple(each for each in self.differences if each.severity is Severity.WARNING)


def audit(trail: Trail, reading: Reading, terms: Terms, known: Known) -> Audit:
    """Hold everything against everything; `reading` is what the trail's ledger adds up to."""
    ours = of_prefix(terms.tag_prefix, reading.entries)
    found = (
        *ledger_differences(trail.steps, reading, known.sighting, known.runs),
        *_without_ledger(trail, terms, known.sighting),
        *tag_differences(trail.tags, reading.entries, terms.tag_prefix, known.sighting),
        *signature_differences(_releases(trail, terms)),
        *target_differences(trail.target, ours, terms.target, known.gaps),
        *_release_differences(trail, terms, known.releases),
    )
    judged = _accepted(found, frozenset(terms.accepted))
    unused = sorted(set(terms.accepted) - {each.key for each in found})
    vain = (
        Difference(Kind.ACCEPTED_IN_VAIN, key, f"{key!r} is accepted, and nothing like it was found.") for key in unused
    )
    ordered = sorted((*judged, *vain), key=lambda each: _ORDER.index(each.severity))
    return Audit(tuple(ordered), _scope(trail, reading, known))


def next_sighting(trail: Trail, reading: Reading, before: Sighting, rule: str) -> Sighting:
    """What to remember of this audit: every tag as it was first seen with its entry, and how far the ledger has grown.

    A difference is never learnt: what was seen first stays, so that it is found again the next time.
    """
    held = {tag.name: tag.oid for tag in trail.tags}
    released = {entry.tag: held[entry.tag] for entry in reading.entries if entry.tag in held}
    chain = [step.sha for step in trail.steps]
    is_grown = bool(chain) and (before.ledger is None or before.ledger in chain)
    return Sighting(
        ledger=chain[-1] if is_grown else before.ledger,
        tags=released | before.tags,
        verified=frozenset(tag.oid for tag in trail.tags if tag.signature is Signature.GOOD),
        rule=rule,
    )


def _accepted(found: Iterable[Difference], keys: Collection[str]) -> Iterator[Difference]:
    for each in found:
        yield replace(each, is_accepted=True) if each.key in keys else each


def _releases(trail: Trail, terms: Terms) -> tuple[TagFact, ...]:
    """The tags of releases; what else people tag under the same prefix is nobody's business, whatever it is called."""
    return tuple(tag for tag in trail.tags if is_release(terms.tag_prefix, tag.name))


def _without_ledger(trail: Trail, terms: Terms, sighting: Sighting) -> Iterator[Difference]:
    """A ledger that is gone: by the tags that it left, where this installation never saw it itself."""
    left = [tag.name for tag in _releases(trail, terms) if is_by_the_bot(tag)]
    if trail.steps or sighting.ledger is not None or not left:
        return
    others = f", and so do {len(left) - 1} before it" if left[1:] else ""
    sentence = f"There is no ledger, though tag {left[-1]} says that the bot made it{others}."
    yield Difference(Kind.LEDGER_MISSING, left[-1], sentence)


def _release_differences(trail: Trail, terms: Terms, releases: Releases | Unseen | None) -> Iterator[Difference]:
    if releases is None:
        return
    if isinstance(releases, Unseen):
        yield Difference(
            Kind.RELEASES_UNSEEN, releases.host, f"{releases.host} did not show its releases: {releases.why}"
        )
        return
    names, seen = {tag.name for tag in _releases(trail, terms)}, set(releases.tags)
    for name in sorted(each for each in names - seen if each > _beginning(names & seen, releases)):
        yield Difference(Kind.RELEASE_MISSING, name, f"{name} is tagged, and the host has no release of it.")
    gone = seen - {tag.name for tag in trail.tags}
    for name in map(plain, sorted(each for each in gone if each.startswith(terms.tag_prefix))):
        yield Difference(Kind.RELEASE_ORPHAN, name, f"The host has a release {name}, and there is no such tag.")


def _beginning(released: Collection[str], releases: Releases) -> str:
    """The tag from which on each should have a release; tags grow with time, and a host may be younger than its tags.

    Where the host showed its newest ones alone, they are those of the newest commits: the end of that list is ragged.
    """
    known = sorted(released)
    if not known:
        return _NEVER
    return known[len(known) // _RAGGED if releases.is_cut else 0]


def _scope(trail: Trail, reading: Reading, known: Known) -> Scope:
    times = [entry.at for entry in reading.entries]
    checked = any(tag.signature is not Signature.UNCHECKED for tag in trail.tags)
    return Scope(
        promotions=len(reading.entries),
        tags=len(trail.tags),
        ledger_commits=len({step.sha for step in trail.steps}),
        since=times[0] if times else None,
        until=times[-1] if times else None,
        signed=sum(tag.signature is Signature.GOOD for tag in trail.tags) if checked else None,
        releases=len(known.releases.tags) if isinstance(known.releases, Releases) else None,
    )
