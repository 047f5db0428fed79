"""Full ref names and full ids: what may reach git as one, and what git lists of them (invariant I6)."""

import re
from typing import Final

_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# The rules of git-check-ref-format, for names that begin with refs/.
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|[./]$")
_LONGEST: Final = 1000


def is_full_id(value: str) -> bool:
    """Whether it is a whole object id, SHA-1 or SHA-256."""
    return _FULL_ID.fullmatch(value) is not None


def is_full_ref(value: str) -> bool:
    """Whether it is a ref name that begins with refs/ and that git would accept."""
    return value.startswith("refs/") and len(value) <= _LONGEST and not _FORBIDDEN.search(value)


def parse_refs(out: bytes) -> dict[str, str]:
    """Ref names with their ids, from lines of id, one blank or tab, and name; lines of any other form are left out."""
    found: dict[str, str] = {}
    for line in out.decode("utf-8", "replace").split("\n"):
        sha, _, name = line.replace("\t", " ", 1).partition(" ")
        if is_full_id(sha) and name:
            found[name] = sha
    return found
