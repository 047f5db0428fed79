"""Checks of probes that look at more than one key, on the document itself."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from bot.settings.addresses import join
from bot.settings.findings import Finding, Loc, entries
from bot.settings.leaf import Document

_TARGETS: Final = ("pid", "pid_file", "command")
_TOKENS: Final = ("token_env", "token_file")
_NEEDS: Final = (("memory_growth", "memory"), ("cpu", "cpu"))
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def one_target(document: Document) -> Iterator[Finding]:
    """A process is named in exactly one way; only by its command line may there be several."""
    for loc, probe in _of_kind(document, "process"):
        given = [key for key in _TARGETS if key in probe]
        allowed = "exactly one of pid, pid_file and command"
        if len(given) > 1:
            yield Finding((*loc, given[1]), f"stands beside {given[0]}", allowed)
        elif not given:
            yield Finding((*loc, "pid"), "is missing, and so are pid_file and command", allowed)
        elif probe.get("each") is True and given != ["command"]:
            yield Finding((*loc, "each"), f"stands beside {given[0]}", "each together with command only")


def _of_kind(document: Document, kind: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
    return ((loc, probe) for loc, probe in entries(document, "probe") if probe.get("kind") == kind)


def queries_present(document: Document) -> Iterator[Finding]:
    """A Prometheus probe asks for something, and for everything that an objective needs."""
    wanted = {key for _, scenario in entries(document, "scenario") for key in _keys(scenario.get("slo"))}
    for loc, probe in _of_kind(document, "prometheus"):
        if "memory" not in probe and "cpu" not in probe:
            yield Finding((*loc, "memory"), "is missing, and so is cpu", "at least one of memory and cpu")
            continue
        for objective, query in _NEEDS:
            if objective in wanted and query not in probe:
                yield Finding((*loc, query), f"is missing, and {objective} needs it", "a query, as of every probe")


def _keys(slo: Any) -> list[str]:
    return list(slo) if isinstance(slo, dict) else []


def token_is_safe(document: Document) -> Iterator[Finding]:
    """One place of a token at most, and no other machine hears it in the clear."""
    for loc, probe in _of_kind(document, "prometheus"):
        given = [key for key in _TOKENS if key in probe]
        if len(given) > 1:
            yield Finding((*loc, given[1]), f"stands beside {given[0]}", "one of token_env and token_file")
        elif given and _in_the_clear(document, probe.get("url")):
            yield Finding(
                (*loc, given[0]), "would go over plain http to another machine", "a token together with https"
            )


def _in_the_clear(document: Document, url: Any) -> bool:
    staging = document.get("staging")
    base = staging.get("url") if isinstance(staging, dict) else None
    if not isinstance(url, str) or not isinstance(base, str):
        return False
    try:
        parts = urlsplit(join(base, url))
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


PROBE_CHECKS: Final = (one_target, queries_present, token_is_safe)
