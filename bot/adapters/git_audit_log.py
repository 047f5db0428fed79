"""Reads what `git_commands.ledger_log` says: strict, because a line left out hides a deed."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.core.trail import LedgerChange, LedgerStep
from bot.errors import BotError, Reason

_ID: Final = r"(?:[0-9a-f]{64}|[0-9a-f]{40})"
_COMMIT: Final = re.compile(rf"commit ({_ID})\|((?:{_ID}(?: (?={_ID}))?)*)\|(.*)")
_CHANGE: Final = re.compile(rf":([0-7]{{6}}) ([0-7]{{6}}) ({_ID}) ({_ID}) [A-Z][0-9]*\t(.+)")
_ABSENT: Final = "000000"
_NOTE: Final = "100644"


def parse_steps(log: str, contents: Mapping[str, bytes]) -> tuple[LedgerStep, ...]:
    """The steps in the order of the log; `contents` are the blobs that `changed_blobs` names.

    Raises:
        BotError: GIT_FAILED, when a line is none of git's.
    """
    steps: list[LedgerStep] = []
    changes: list[LedgerChange] = []
    for line in _lines(log):
        commit = _COMMIT.fullmatch(line)
        if commit:
            changes = []
            steps.append(LedgerStep(commit[1], tuple(commit[2].split()), commit[3], ()))
            continue
        changes.append(_change(line, contents))
        last = steps[-1]
        steps[-1] = LedgerStep(last.sha, last.parents, last.author, tuple(changes))
    return tuple(steps)


def changed_blobs(log: str) -> frozenset[str]:
    """The ids of all blobs that the log mentions, whatever their side."""
    found = set()
    for change in filter(None, map(_CHANGE.fullmatch, _lines(log))):
        found |= {blob for mode, blob in ((change[1], change[3]), (change[2], change[4])) if mode == _NOTE}
    return frozenset(found)


def _lines(log: str) -> Iterator[str]:
    return (line for line in log.split("\n") if line)


def _change(line: str, contents: Mapping[str, bytes]) -> LedgerChange:
    change = _CHANGE.fullmatch(line)
    if change is None:
        raise BotError(Reason.GIT_FAILED, "git log gave something unreadable about the ledger.")
    return LedgerChange(change[5], _content(change[1], change[3], contents), _content(change[2], change[4], contents))


def _content(mode: str, blob: str, contents: Mapping[str, bytes]) -> bytes | None:
    """The note; what is no ordinary file (a link, a submodule, a program) has a content that no entry can have."""
    if mode == _ABSENT:
        return None
    return contents[blob] if mode == _NOTE else f"mode {mode} {blob}\n".encode()
