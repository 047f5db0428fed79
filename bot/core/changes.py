"""What one commit says it changes: Conventional Commits 1.0.0, read leniently and total on any text."""

import re
from enum import StrEnum
from typing import Final, NamedTuple


class Group(StrEnum):
    """The sections of release notes, in the order in which they are printed."""

    BREAKING = "breaking"
    FEATURES = "features"
    FIXES = "fixes"
    PERFORMANCE = "performance"
    SECURITY = "security"
    REVERTS = "reverts"
    DOCUMENTATION = "documentation"
    REFACTORING = "refactoring"
    TESTS = "tests"
    BUILD = "build"
    CHORES = "chores"
    OTHER = "other"


# Tens of thousands of these are made at once; a named tuple takes a third of a frozen dataclass's time.
class PullRequest(NamedTuple):
    """A pull request's number and the sign its host puts before it: `#`, or `!` for GitLab's merge requests."""

    number: int
    sign: str = "#"


class Change(NamedTuple):
    """One commit's message, understood; texts are raw data.

    `group` follows from the type alone. `conventional` says whether the subject had a known type; without one
    `description` is the whole subject. `breaking_texts` are the texts of its BREAKING CHANGE footers.
    """

    group: Group
    conventional: bool
    scope: str | None
    description: str
    breaking: bool
    breaking_texts: tuple[str, ...]
    pull_request: PullRequest | None


def parse(subject: str, body: str = "") -> Change:
    """Understand a commit message; whatever is not conventional goes to `Group.OTHER` as it is."""
    title, pull_request = split_pull_request(subject, body)
    texts = _breaking_texts(body) if "BREAKING" in body else ()
    found = _HEADER(title)
    if found is None:
        return _plain_change(title, texts, pull_request)
    name, scope, bang, description = found.groups()
    group = _TYPES.get(name.lower())
    if group is None:
        return Change(Group.OTHER, False, None, title, bool(bang or texts), texts, pull_request)
    scope = scope.strip() or None if scope else None
    return Change(group, True, scope, description, bool(bang or texts), texts, pull_request)


def split_pull_request(subject: str, body: str) -> tuple[str, PullRequest | None]:
    """The subject without the number that a squash merge appended, and that number.

    Knows `title (#12)` (GitHub, Gitea), `title (pull request #12)` (Bitbucket) and GitLab's `See merge request a/b!12`
    in the body.
    """
    if subject.endswith(")"):
        start = subject.rfind(" (")
        found = _SQUASHED(subject, start) if start > 0 else None
        if found is not None:
            return subject[:start], PullRequest(int(found[1]))
    return subject, _gitlab_request(body)


_TYPES: Final = {
    "feat": Group.FEATURES,
    "feature": Group.FEATURES,
    "fix": Group.FIXES,
    "bugfix": Group.FIXES,
    "hotfix": Group.FIXES,
    "perf": Group.PERFORMANCE,
    "security": Group.SECURITY,
    "sec": Group.SECURITY,
    "revert": Group.REVERTS,
    "docs": Group.DOCUMENTATION,
    "doc": Group.DOCUMENTATION,
    "refactor": Group.REFACTORING,
    "test": Group.TESTS,
    "tests": Group.TESTS,
    "build": Group.BUILD,
    "ci": Group.BUILD,
    "deps": Group.BUILD,
    "chore": Group.CHORES,
    "style": Group.CHORES,
    "release": Group.CHORES,
}
_HEADER: Final = re.compile(r"\s*([A-Za-z][\w-]*)\s?(?:\(([^()\n]*)\))?(!)?:\s+(\S.*)", re.ASCII | re.DOTALL).fullmatch
# The digits are few on purpose: no host has more, and a longer number is a commit's joke.
_SQUASHED: Final = re.compile(r" \((?:pull request )?#([1-9][0-9]{0,8})\)").fullmatch
_SEE_REQUEST: Final = re.compile(r"^See merge request [\w./-]{0,200}!([1-9][0-9]{0,8})\s*$", re.ASCII | re.MULTILINE)
_BREAKING: Final = re.compile(
    r"^BREAKING[ -]CHANGE(?:: | #)[ \t]*(.+(?:\n(?![ \t]*\n|[A-Za-z][\w-]*(?:: | #)|BREAKING[ -]CHANGE(?:: | #)).+)*)",
    re.ASCII | re.MULTILINE,
)


def _plain_change(title: str, texts: tuple[str, ...], pull_request: PullRequest | None) -> Change:
    """A subject without a type; git's own `Revert "…"` and `Reapply "…"` still are what they say."""
    if title.startswith('Revert "'):
        return Change(Group.REVERTS, True, None, title, bool(texts), texts, pull_request)
    return Change(Group.OTHER, False, None, title, bool(texts), texts, pull_request)


def _gitlab_request(body: str) -> PullRequest | None:
    if "See merge request " not in body:
        return None
    found = _SEE_REQUEST.search(body)
    return None if found is None else PullRequest(int(found[1]), "!")


def _breaking_texts(body: str) -> tuple[str, ...]:
    return tuple(" ".join(text.split()) for text in _BREAKING.findall(body.replace("\r\n", "\n")))
