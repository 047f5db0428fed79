"""Whom a page on the host may mention: accounts that the host itself named, never a name or an address out of git."""

import re
from typing import Final

from bot.core.enrichment import by_commit
from bot.core.record import RunRecord

# As GitHub allows them: letters, digits and single hyphens. An app's name ends in `[bot]`, and apps read no mentions.
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}").fullmatch


def mentionable(record: RunRecord) -> dict[str, str]:
    """The account of whoever opened the pull request that brought a commit, by the commit's full id."""
    accounts = ((sha, pull.author) for sha, pull in by_commit(record.pulls).items())
    return {sha: account for sha, account in accounts if account is not None and _ACCOUNT(account)}
