"""Who contributed: one person per e-mail address, by the latest name, co-authors included; addresses never leave."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from bot.core.candidate import Commit


@dataclass(frozen=True, slots=True)
class Contributor:
    """One contributor: raw name, number of commits, whether these are the first ones, and whether it is a bot."""

    name: str
    commits: int
    first_time: bool
    bot: bool


def contributors(commits: Iterable[Commit], known_emails: frozenset[str] | None) -> tuple[Contributor, ...]:
    """Authors and co-authors of the commits (newest first), most commits first, then by name.

    `known_emails` are the addresses of everybody who contributed earlier; None, or a commit without an address, claims
    no first-timer. Addresses that share a name are one person.
    """
    known = None if known_emails is None else frozenset(email.strip().lower() for email in known_emails)
    people: dict[str, _Person] = {}
    for person in _by_email(commits).values():
        same = people.setdefault(person.name.casefold(), _Person(person.name))
        same.commits += person.commits
        same.emails |= person.emails
    ordered = sorted(people.values(), key=lambda person: (-person.commits, person.name.casefold()))
    return tuple(_contributor(person, known) for person in ordered)


@lru_cache(maxsize=4096)
def name_of(name: str, email: str) -> str:
    """A name that may be printed: an e-mail address in its place is cut down to what is before the @."""
    shown = name.strip() or email.strip()
    return shown.partition("@")[0] if "@" in shown and _ADDRESS(shown) else shown


@dataclass(slots=True)
class _Person:
    name: str
    commits: int = 0
    emails: set[str] = field(default_factory=set)


_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+").fullmatch
_TRAILER: Final = re.compile(
    r"^co-authored-by:[ \t]*([^<>\n]{0,200})<([^<>\s]{1,200})>\s*$", re.IGNORECASE | re.MULTILINE
)


def _by_email(commits: Iterable[Commit]) -> dict[str, _Person]:
    people: dict[str, _Person] = {}
    # The same few people all the time: count first, understand each name and address once.
    for (name, email), times in Counter(hand for commit in commits for hand in _hands(commit)).items():
        address = email.strip().lower()
        person = people.get(address or name)
        if person is None:
            person = people[address or name] = _Person(name_of(name, email), 0, {address})
        person.commits += times
    return people


def _hands(commit: Commit) -> Iterator[tuple[str, str]]:
    yield commit.author_name, commit.author_email
    if "uthored-" in commit.body or "UTHORED-" in commit.body:
        own = commit.author_email.strip().lower()
        seen = {own: True}
        for name, email in _TRAILER.findall(commit.body):
            if seen.setdefault(email.lower(), False) is False:
                seen[email.lower()] = True
                yield name, email


def _contributor(person: _Person, known: frozenset[str] | None) -> Contributor:
    bot = "[bot]" in person.name or any("[bot]@" in email for email in person.emails)
    new = known is not None and "" not in person.emails and not person.emails & known
    return Contributor(person.name, person.commits, new and not bot, bot)
