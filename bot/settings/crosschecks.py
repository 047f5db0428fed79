"""Checks that look at more than one key. They read the document itself, so that no other error hides theirs.

Each takes the document and yields findings; whatever has the wrong type is left to the schema.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from bot.core.relative import is_relative
from bot.settings.findings import Finding, Loc, entries
from bot.settings.hostchecks import HOST_CHECKS
from bot.settings.hotfix import unknown_scenarios
from bot.settings.leaf import Document
from bot.settings.loadchecks import LOAD_CHECKS
from bot.settings.probechecks import PROBE_CHECKS
from bot.settings.transport import transport_fits
from bot.settings.words import looks_secret, quote

_SECTIONS: Final = (
    "repository",
    "staging",
    "generator",
    "gate",
    "baseline",
    "hotfix",
    "schedule",
    "state",
    "notes",
    "audit",
    "host",
)
_OPEN_ONLY: Final = ("pool", "arrivals", "mix")
_NEEDS_PROBE: Final = ("memory_growth", "cpu")


def cross_findings(document: Document) -> Iterator[Finding]:
    """The findings of every check."""
    for check in _CHECKS:
        yield from check(document)


def _slos(document: Document) -> Iterator[tuple[Loc, dict[str, Any], dict[str, Any]]]:
    """Place and content of every `slo` table, with the scenario around it."""
    for loc, scenario in entries(document, "scenario"):
        slo = scenario.get("slo")
        if isinstance(slo, dict):
            yield (*loc, "slo"), slo, scenario


def _unique_names(document: Document) -> Iterator[Finding]:
    for section in ("scenario", "probe"):
        named = [(loc, entry["name"]) for loc, entry in entries(document, section) if _is_text(entry.get("name"))]
        counts = Counter(name.casefold() for _, name in named)
        seen: set[str] = set()
        for loc, name in named:
            if counts[name.casefold()] > 1 and name.casefold() in seen:
                yield Finding(
                    (*loc, "name"), f"{quote(name)} is taken already", f"a name of its own for each {section}"
                )
            seen.add(name.casefold())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _one_model(document: Document) -> Iterator[Finding]:
    for loc, scenario in entries(document, "scenario"):
        given = [key for key in ("rate", "users") if key in scenario]
        if not given:
            yield Finding((*loc, "rate"), "is missing, and so is users", "exactly one of rate and users")
        elif len(given) > 1:
            yield Finding((*loc, "users"), "stands beside rate", "exactly one of rate and users")
        elif "users" in given:
            for key in _OPEN_ONLY:
                if key in scenario:
                    yield Finding((*loc, key), "stands beside users", f"{key} together with rate only")


def _objectives_present(document: Document) -> Iterator[Finding]:
    for loc, slo, _ in _slos(document):
        if not slo:
            yield Finding(loc, "is empty: without an objective nothing is judged", "at least one objective")
        for name, endpoint in slo.items():
            if not isinstance(endpoint, dict):
                continue
            method, _, rest = name.partition(" ")
            if not (method and rest.strip()):
                yield Finding((*loc, name), "is not an endpoint", 'method, blank and name, such as "GET /checkout"')
            elif not endpoint:
                yield Finding(
                    (*loc, name), "is empty: without an objective nothing is judged", "at least one objective"
                )


def _something_absolute(document: Document) -> Iterator[Finding]:
    for loc, slo, _ in _slos(document):
        tables = [slo, *(each for each in slo.values() if isinstance(each, dict))]
        given = [each for table in tables for each in table.values() if not isinstance(each, dict)]
        texts = [text for each in given for text in (each if isinstance(each, list) else [each])]
        if texts and all(isinstance(text, str) and is_relative(text) for text in texts):
            wrong = "is all relative to past nights: while there are none, nothing would be judged"
            yield Finding(loc, wrong, 'at least one limit in numbers, such as p95 = ["< 1.5s", "< 1.2x baseline"]')


def _objectives_can_be_judged(document: Document) -> Iterator[Finding]:
    for loc, slo, scenario in _slos(document):
        if not document.get("probe"):
            for key in _NEEDS_PROBE:
                if key in slo:
                    yield Finding((*loc, key), "needs a probe and there is none", "this objective beside a [[probe]]")
        if "rate" in slo and "rate" not in scenario:
            yield Finding((*loc, "rate"), "needs the open model", "this objective in a scenario with rate")


def _two_branches(document: Document) -> Iterator[Finding]:
    repository = document.get("repository")
    if not isinstance(repository, dict):
        return
    if repository.get("source", "staging") == repository.get("target", "main"):
        yield Finding(("repository", "target"), "is the source branch as well", "a branch other than source")


def _one_kind_of_signature(document: Document) -> Iterator[Finding]:
    repository = document.get("repository")
    if not isinstance(repository, dict) or "allowed_signers" not in repository:
        return
    if str(repository.get("signing_key", "")).startswith("gpg:"):
        wrong = "lists SSH keys, and signing_key is a GPG key"
        yield Finding(("repository", "allowed_signers"), wrong, "this key beside an SSH key, or alone")


def _no_empty_section(document: Document) -> Iterator[Finding]:
    if document.get("scenario") == []:
        yield Finding(("scenario",), "is empty", "at least one [[scenario]]")
    for section in _SECTIONS:
        if document.get(section) == {}:
            yield Finding((section,), "is empty", "leave the table out, or give it a key")


def _no_secret(document: Document) -> Iterator[Finding]:
    """Walk without recursion: dotted keys may nest deeper than the interpreter's stack."""
    pending: list[tuple[Loc, Any]] = [((), document)]
    while pending:
        loc, value = pending.pop()
        if isinstance(value, dict):
            pending += [((*loc, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            pending += [((*loc, number), each) for number, each in enumerate(value)]
        elif isinstance(value, str) and looks_secret(value):
            yield Finding(loc, "looks like a secret", "the name of an environment variable or file that holds it")


_CHECKS: Final[tuple[Callable[[Document], Iterator[Finding]], ...]] = (
    _unique_names,
    _one_model,
    _objectives_present,
    _something_absolute,
    _objectives_can_be_judged,
    *PROBE_CHECKS,
    _two_branches,
    _one_kind_of_signature,
    transport_fits,
    *HOST_CHECKS,
    _no_empty_section,
    *LOAD_CHECKS,
    unknown_scenarios,
    _no_secret,
)
