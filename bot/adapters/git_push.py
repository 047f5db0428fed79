"""Reads what `git push --porcelain --atomic` said; whatever is not clear is UNKNOWN, never a success (I10)."""

import re
from typing import Final

from bot.adapters.git_exchange import Completed
from bot.adapters.git_text import clean_lines, telling_line
from bot.core.lost import lost_race
from bot.core.promotion import PushOutcome, PushReport, RefResult, RefUpdate
from bot.core.protection import only_waits_for_checks
from bot.core.text import plain

_FLAGS: Final = frozenset(" +-*!=")
_GOOD: Final = frozenset(" *=")
# git calls a branch that goes back a forced update, which is what was asked for there and nowhere else.
_GOOD_BACK: Final = frozenset("+=")
_LONGEST_DETAIL: Final = 600
# GitHub names the file and, last of all, the permission that is lacking.
_LONGEST_SUMMARY: Final = 300

# Matched as a whole line: the bare word "atomic" occurs in many other messages.
_NO_ATOMIC: Final = re.compile(r"^(?:fatal|error): the receiving end does not support --atomic push\s*$", re.MULTILINE)
# The server lost a race between its check and its lock; it names the ref in its own words.
_LOST_RACE: Final = re.compile(r"cannot lock ref '([^']+)': (?:is at [0-9a-f]+ but expected|reference already exists)")
# A name can be a ref or the folder of others, never both: no waiting changes that.
_IN_THE_WAY: Final = re.compile(r"cannot lock ref '([^']+)': '[^']+' exists; cannot create '\1'")
# Nothing was asked for, because the server does not know who asks, or knows that it will not have us.
_UNKNOWN_TO_THEM: Final = re.compile(
    r"returned error: 401|authentication failed|could not read (?:username|password)|terminal prompts disabled"
    r"|invalid username or password|access denied|permission denied \(",
    re.IGNORECASE,
)
_FORBIDDEN: Final = re.compile(
    r"returned error: 403|permission (?:to \S+ )?denied|write access to repository not granted|protected branch"
    r"|marked as read only|not allowed to (?:push|upload)",
    re.IGNORECASE,
)
# A rule that stands in the way whoever pushes and however often: numbered by GitHub, or named.
_POLICY: Final = re.compile(
    r"\bGH0\d\d\b|refusing to allow an? |push declined due to|repository rule violation|was archived"
    r"|fsck error in packed object|pack exceeds maximum allowed size",
    re.IGNORECASE,
)
_PROTECTION: Final = re.compile(r"\bGH006\b")
_OTHER_RULE: Final = re.compile(r"\bGH0(?!06)\d\d\b")
_SAYS_NOTHING: Final = re.compile(r"remote:\s*|.*\bGH006\b.*|remote: (?:Resolving|Checking|Counting)\b.*")
# A branch called `refs/heads/main` on the remote makes git refuse to say which of the two it would push to.
_AMBIGUOUS: Final = re.compile(r"^error: dst refspec \S+ matches more than one", re.MULTILINE)
_TRANSIENT: Final = re.compile(
    r"fatal error in commit_refs|internal server error|remote failed to report status", re.IGNORECASE
)
_LOCKED: Final = re.compile(r"unable to create '[^']*\.lock': file exists", re.IGNORECASE)
_SERVER_FAILED: Final = re.compile(
    r"unpacker error|unable to create '[^']*\.lock': (?!file exists)|unable to create temporary object directory"
    r"|insufficient permission for adding an object",
    re.IGNORECASE,
)
_FOLLOWERS: Final = ("atomic push fail", "atomic transaction failed")


def parse_push(ended: Completed, updates: tuple[RefUpdate, ...], rewound: frozenset[str] = frozenset()) -> PushReport:
    """The outcome of a push of those updates, with git's line for each ref and its words for people.

    `rewound` are the refs that the plan takes back to where they were: they alone may be updated by force, and must be.
    """
    refs = _results(ended.out.decode("utf-8", "replace"))
    forced = tuple(result.ref for result in refs if result.flag == "+" and result.ref not in rewound)
    return PushReport(_outcome(ended, refs, updates, rewound), refs, _detail(ended, refs, forced))


def _results(out: str) -> tuple[RefResult, ...]:
    return tuple(result for line in out.split("\n") if (result := _result(line)) is not None)


def _result(line: str) -> RefResult | None:
    flag, _, rest = line.partition("\t")
    names, _, summary = rest.partition("\t")
    ref = names.rpartition(":")[2]
    if flag not in _FLAGS or len(flag) != 1 or not ref.startswith("refs/"):
        return None
    return RefResult(plain(ref), flag, plain(summary, _LONGEST_SUMMARY))


def _outcome(
    ended: Completed, refs: tuple[RefResult, ...], updates: tuple[RefUpdate, ...], rewound: frozenset[str]
) -> PushOutcome:
    if ended.code == 0:
        reported = sorted(result.ref for result in refs if _is_good(result, rewound))
        complete = reported == sorted(update.ref for update in updates) and len(refs) == len(updates)
        return PushOutcome.LANDED if complete else PushOutcome.UNKNOWN
    if _NO_ATOMIC.search(ended.err) or _AMBIGUOUS.search(ended.err):
        return PushOutcome.NO_ATOMIC if _NO_ATOMIC.search(ended.err) else PushOutcome.REJECTED
    said = "\n".join((ended.err, *(result.summary for result in refs)))
    if _TRANSIENT.search(said):
        return PushOutcome.UNKNOWN
    if _LOCKED.search(said):
        return PushOutcome.LOCKED
    return lost_race(updates, _moved(ended.err, refs)) or _rejection(ended.err, said, refs)


def _is_good(result: RefResult, rewound: frozenset[str]) -> bool:
    return result.flag in (_GOOD_BACK if result.ref in rewound else _GOOD)


def _moved(err: str, refs: tuple[RefResult, ...]) -> frozenset[str]:
    stale = ("(stale info)", "(already exists)", "(non-fast-forward)", "(fetch first)", "cannot lock ref")
    named = {result.ref for result in refs if result.flag == "!" and any(word in result.summary for word in stale)}
    return frozenset(named) | frozenset(_LOST_RACE.findall(err))


def _rejection(err: str, said: str, refs: tuple[RefResult, ...]) -> PushOutcome:
    if _only_waits_for_checks(said):
        return PushOutcome.PROTECTED
    if _POLICY.search(said):
        return PushOutcome.POLICY
    if _SERVER_FAILED.search(said):
        return PushOutcome.SERVER_FAILED
    if _IN_THE_WAY.search(err) or any(result.flag == "!" and not _follows(result) for result in refs):
        return PushOutcome.REJECTED
    # Without a line for a single ref nothing was even asked for, unless the server says that it will not have us.
    if _UNKNOWN_TO_THEM.search(err):
        return PushOutcome.UNAUTHENTICATED
    return PushOutcome.REJECTED if _FORBIDDEN.search(err) else PushOutcome.UNKNOWN


def _only_waits_for_checks(said: str) -> bool:
    """Whether branch protection names checks that have not reported, and nothing else that is against it."""
    begun = _PROTECTION.search(said)
    if begun is None or _OTHER_RULE.search(said):
        return False
    told = said[begun.end() :].split("\n")[1:]
    return only_waits_for_checks(
        line for line in told if line.startswith("remote:") and not _SAYS_NOTHING.fullmatch(line)
    )


def _follows(result: RefResult) -> bool:
    return any(word in result.summary for word in _FOLLOWERS)


def _detail(ended: Completed, refs: tuple[RefResult, ...], forced: tuple[str, ...]) -> str:
    if ended.code == 0:
        # Lease and proof of ancestry keep that from happening; if it ever does, it must not go unsaid (I3).
        return plain(f"it forced {', '.join(forced)}, which was to go forward", _LONGEST_DETAIL) if forced else ""
    hook = [line.removeprefix("remote:").strip() for line in clean_lines(ended.err) if line.startswith("remote:")]
    told = [f"{result.ref}: {result.summary}" for result in refs if result.flag == "!" and not _follows(result)]
    words = [word for word in (*hook, *told) if word] or [telling_line(ended.err)]
    return plain("; ".join(words), _LONGEST_DETAIL)
