"""Reads the records of `git log` (see `git_commands.log`): fast, strict about ids, tolerant of every text."""

import re
from datetime import UTC, datetime
from typing import Final

from bot.core.candidate import Commit
from bot.errors import BotError, Reason

_FIELDS: Final = 8
_ID: Final = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
# One look at all ids of a record: there may be tens of thousands of records.
_IDS: Final = re.compile(rf"{_ID}(?: {_ID})*").fullmatch
# Commits may claim any time; beyond the year 9999 no calendar in the bot can show it.
_LAST_SECOND: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


def parse_log(out: bytes) -> tuple[Commit, ...]:
    """The commits in git's order; bytes that are not UTF-8 become U+FFFD, times are kept within 1970 to 9999.

    Raises:
        BotError: GIT_FAILED, when a record is not one: never is a commit left out silently.
    """
    records = out.decode("utf-8", "replace").split("\0")
    if records.pop():
        raise _broken("its last record is cut off")
    return tuple(_commit(record) for record in records)


def parse_emails(out: bytes) -> frozenset[str]:
    """The addresses that `git_commands.author_emails` lists, in lower case, without the empty one."""
    return frozenset(out.decode("utf-8", "replace").lower().split("\0")) - {""}


def _commit(record: str) -> Commit:
    fields = record.split("\n", _FIELDS - 1)
    if len(fields) != _FIELDS:
        raise _broken("a record lacks fields")
    sha, parents, name, email, authored, committed, subject, body = fields
    if _IDS(f"{sha} {parents}" if parents else sha) is None:
        raise _broken("a record does not begin with ids")
    at = _seconds(authored)
    then = at if committed == authored else _seconds(committed)
    return Commit(sha, tuple(parents.split(" ")) if parents else (), name, email, at, then, subject, body.rstrip("\n"))


def _seconds(text: str) -> int:
    # Empty where the header is beyond repair.
    try:
        seconds = int(text)
    except ValueError:
        return 0
    return seconds if 0 <= seconds <= _LAST_SECOND else (0 if seconds < 0 else _LAST_SECOND)


def _broken(how: str) -> BotError:
    return BotError(Reason.GIT_FAILED, f"git log gave something unreadable: {how}.")
