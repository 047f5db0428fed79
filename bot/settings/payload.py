"""The options of the bundled load file: the one whose options are known before it runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeGuard

from bot.core.payload_options import problems_of
from bot.settings.findings import Finding, entries
from bot.settings.leaf import Document, Place
from bot.settings.locustfiles import bundled_folders, find_locustfile
from bot.settings.options import check_options
from bot.settings.words import looks_secret

_NAME: Final = "payload.py"
_ALLOWED: Final = "payload, method, path, expect, endpoints (a list of tables of these, with weight and name)"
_LONGEST: Final = 1000


def payload_findings(document: Document, place: Place) -> Iterator[Finding]:
    """What is wrong with the options of each scenario that sends what the bundled load file sends."""
    for loc, scenario in entries(document, "scenario"):
        options = scenario.get("options")
        if _is_plain(options) and _is_bundled(scenario.get("locustfile"), place):
            wrong = "; ".join(map(_shown, problems_of(options)))
            if wrong:
                yield Finding((*loc, "options"), wrong[:_LONGEST], _ALLOWED)


def _is_plain(options: Any) -> TypeGuard[dict[str, Any]]:
    """Whether it is a table that could reach the load file; if not, the schema says so."""
    try:
        return bool(check_options(options))
    except ValueError:
        return False


def _is_bundled(name: Any, place: Place) -> bool:
    """Whether that name means the bundled file, and not one that stands in its place."""
    if not isinstance(name, str):
        return False
    try:
        found = find_locustfile(Path(name), place).resolve()
    except (ValueError, OSError):
        return False
    return any(found == folder / _NAME for folder in bundled_folders())


def _shown(problem: str) -> str:
    return "(not shown: it looks like a secret)" if looks_secret(problem) else problem
