"""What GitHub says when it will not move refs, as the outcome that git's own words for it would have (pure).

There is no list of these words; a text that is not known here is a plain no where GitHub gave it a type or a status,
and else unknown. The remote, read by git afterwards, has the last word in both cases.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.adapters.git_text import redact
from bot.adapters.github.failures import Rejected
from bot.core.lost import lost_race
from bot.core.promotion import PushOutcome, RefUpdate
from bot.core.protection import only_waits_for_checks
from bot.core.text import plain

_LONGEST_DETAIL: Final = 600
_ANSWERED: Final = 200
_STALE_TYPE: Final = "STALE_DATA"
_STALE: Final = re.compile(
    r"to point to .{0,120} but it did not|is at [0-9a-f]+ but expected|not a fast[- ]forward|non-fast-forward"
    r"|already exists|reference does not exist",
    re.IGNORECASE,
)
# The lock of another push; GitHub says the same of a race that is just over.
_LOCKED: Final = re.compile(r"reference cannot be updated|\.lock': file exists|please try again", re.IGNORECASE)
_PROTECTED_TYPE: Final = "BRANCH_PROTECTION_RULE_VIOLATION"
_PROTECTED: Final = re.compile(
    r"protected branch|required status check|approving review|cannot force-push|must not contain merge commits"
    r"|through a pull request|not authorized to push",
    re.IGNORECASE,
)
# The line that only says that something is against it.
_HEADING: Final = re.compile(r"protected branch .*(?:check failed:?|update failed\b.*)", re.IGNORECASE)
_POLICY: Final = re.compile(
    r"repository rule violations?|refusing to allow|without `?workflows?`? (?:scope|permission)|was archived",
    re.IGNORECASE,
)
_NO_TAG: Final = re.compile(r"invalid object type tag\b", re.IGNORECASE)


def takes_no_tag(no: Rejected) -> bool:
    """Whether it is only that `updateRefs` moves refs to commits and to nothing else."""
    return _NO_TAG.search(no.words) is not None


def outcome_of(no: Rejected, wanted: tuple[RefUpdate, ...]) -> PushOutcome:
    """What that no to those updates means."""
    if _STALE_TYPE in no.codes or _STALE.search(no.words):
        # Without a name it could be any of them: reading back tells which.
        return lost_race(wanted, _named(no.words, wanted)) or PushOutcome.UNKNOWN
    if _POLICY.search(no.words):
        return PushOutcome.POLICY
    if _PROTECTED_TYPE in no.codes or _PROTECTED.search(no.words):
        return PushOutcome.PROTECTED if only_waits_for_checks(_complaints(no.words)) else PushOutcome.POLICY
    if _LOCKED.search(no.words):
        return PushOutcome.LOCKED
    return PushOutcome.REJECTED if no.status != _ANSWERED or no.codes else PushOutcome.UNKNOWN


def detail_of(no: Rejected) -> str:
    """GitHub's own words on one line."""
    lines = (redact(line) for line in no.words.split("\n"))
    said = plain("; ".join(line.strip() for line in lines if line.strip()), _LONGEST_DETAIL)
    return said or no.sentence


def _named(words: str, wanted: tuple[RefUpdate, ...]) -> tuple[str, ...]:
    """Which refs it speaks of; where there is only one, of that."""
    if len(wanted) == 1:
        return (wanted[0].ref,)
    return tuple(line.ref for line in wanted if re.search(rf"(?<![\w/.-]){re.escape(line.ref)}(?![\w/-]|\.\w)", words))


def _complaints(words: str) -> Iterator[str]:
    for line in words.split("\n"):
        said = line.strip().lstrip("•-* ")
        if said and not _HEADING.fullmatch(said):
            yield said
