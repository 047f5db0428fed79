"""Reads what `git push --porcelain --atomic` said; whatever is not clear is UNKNOWN, never a success (I10)."""

import re
from typing import Final

from bot.adapters.git_exchange import Completed
from bot.adapters.git_text import clean_lines, telling_line
from bot.core.promotion import LEDGER_REF, PushOutcome, PushReport, RefResult, RefUpdate
from bot.core.text import plain

_FLAGS: Final = frozenset(" +-*!=")
_GOOD: Final = frozenset(" *=")
_LONGEST_DETAIL: Final = 600

# Matched as a whole line: the bare word "atomic" occurs in many other messages.
_NO_ATOMIC: Final = re.compile(r"^(?:fatal|error): the receiving end does not support --atomic push\s*$", re.MULTILINE)
# The server lost a race between its check and its lock; it names the ref in its own words.
_LOST_RACE: Final = re.compile(r"cannot lock ref '([^']+)': (?:is at [0-9a-f]+ but expected|reference already exists)")
_FORBIDDEN: Final = re.compile(
    r"returned error: 40[13]|permission (?:to \S+ )?denied|authentication failed|access denied|could not read username"
    r"|write access to repository not granted|protected branch",
    re.IGNORECASE,
)
_TRANSIENT: Final = re.compile(
    r"fatal error in commit_refs|internal server error|remote failed to report status|unable to create '[^']*\.lock'",
    re.IGNORECASE,
)
_FOLLOWERS: Final = ("atomic push fail", "atomic transaction failed")


def parse_push(ended: Completed, updates: tuple[RefUpdate, ...]) -> PushReport:
    """The outcome of a push of those updates, with git's line for each ref and its words for people."""
    refs = _results(ended.out.decode("utf-8", "replace"))
    return PushReport(_outcome(ended, refs, updates), refs, _detail(ended, refs))


def _results(out: str) -> tuple[RefResult, ...]:
    return tuple(result for line in out.split("\n") if (result := _result(line)) is not None)


def _result(line: str) -> RefResult | None:
    flag, _, rest = line.partition("\t")
    names, _, summary = rest.partition("\t")
    ref = names.rpartition(":")[2]
    if flag not in _FLAGS or len(flag) != 1 or not ref.startswith("refs/"):
        return None
    return RefResult(plain(ref), flag, plain(summary))


def _outcome(ended: Completed, refs: tuple[RefResult, ...], updates: tuple[RefUpdate, ...]) -> PushOutcome:
    if ended.code == 0:
        reported = sorted(result.ref for result in refs if result.flag in _GOOD)
        complete = reported == sorted(update.ref for update in updates) and len(refs) == len(updates)
        return PushOutcome.LANDED if complete else PushOutcome.UNKNOWN
    if _NO_ATOMIC.search(ended.err):
        return PushOutcome.NO_ATOMIC
    if _TRANSIENT.search(ended.err) or any(_TRANSIENT.search(result.summary) for result in refs):
        return PushOutcome.UNKNOWN
    moved = _moved(ended.err, refs)
    for ref, outcome in _by_ref(updates):
        if ref in moved:
            return outcome
    return _rejection(ended.err, refs)


def _moved(err: str, refs: tuple[RefResult, ...]) -> frozenset[str]:
    stale = ("(stale info)", "(already exists)", "(non-fast-forward)", "(fetch first)", "cannot lock ref")
    named = {result.ref for result in refs if result.flag == "!" and any(word in result.summary for word in stale)}
    return frozenset(named) | frozenset(_LOST_RACE.findall(err))


def _by_ref(updates: tuple[RefUpdate, ...]) -> tuple[tuple[str, PushOutcome], ...]:
    """Which outcome a moved ref stands for, the most telling one first."""
    kinds = {update.ref: _kind(update.ref, is_first=not number) for number, update in enumerate(updates)}
    return tuple(sorted(kinds.items(), key=lambda item: _TELLING.index(item[1])))


_TELLING: Final = (
    PushOutcome.TARGET_MOVED,
    PushOutcome.SOURCE_MOVED,
    PushOutcome.LEDGER_MOVED,
    PushOutcome.TAG_EXISTS,
)


def _kind(ref: str, *, is_first: bool) -> PushOutcome:
    if ref == LEDGER_REF:
        return PushOutcome.LEDGER_MOVED
    if ref.startswith("refs/tags/"):
        return PushOutcome.TAG_EXISTS
    return PushOutcome.TARGET_MOVED if is_first else PushOutcome.SOURCE_MOVED


def _rejection(err: str, refs: tuple[RefResult, ...]) -> PushOutcome:
    refused = any(result.flag == "!" and not _follows(result) for result in refs)
    # Without a line for a single ref nothing was even asked for, unless the server says that it will not have us.
    return PushOutcome.REJECTED if refused or _FORBIDDEN.search(err) else PushOutcome.UNKNOWN


def _follows(result: RefResult) -> bool:
    return any(word in result.summary for word in _FOLLOWERS)


def _detail(ended: Completed, refs: tuple[RefResult, ...]) -> str:
    if ended.code == 0:
        return ""
    hook = [line.removeprefix("remote:").strip() for line in clean_lines(ended.err) if line.startswith("remote:")]
    told = [f"{result.ref}: {result.summary}" for result in refs if result.flag == "!" and not _follows(result)]
    words = [word for word in (*hook, *told) if word] or [telling_line(ended.err)]
    return plain("; ".join(words), _LONGEST_DETAIL)
