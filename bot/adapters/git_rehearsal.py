"""A push that is only rehearsed: the remote says whether it would take one, and nothing is written.

A push of what is there already is not enough: over http(s) git ends before it asks for an atomic one. So a ref that
nobody has is named beside the target; with --dry-run it is never made.
"""

from pathlib import Path
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_access import Access
from bot.adapters.git_cache import Cache
from bot.adapters.git_fetch import Branches, Fetcher
from bot.adapters.git_push import parse_push
from bot.adapters.git_remote import parse_remote
from bot.core.promotion import PushOutcome, PushReport, RefUpdate
from bot.errors import BotError, Reason

NEVER_MADE: Final = "refs/promotion/doctor"
"""The ref of the rehearsal; no remote ever gets it."""


class Rehearsal:
    """One remote and the cache that was fetched from it; `deadline` is in seconds for the git process."""

    def __init__(self, remote: str, cache: Path, branches: Branches, access: Access, deadline: float = 60.0) -> None:
        self._remote = parse_remote(remote)
        self._branches = branches
        self._fetcher = Fetcher(self._remote, Cache(cache.absolute()), branches, deadline, access=access)

    def push(self, target_sha: str) -> PushReport:
        """What the remote says to a push of the target's present commit (a full id) to the target.

        Raises:
            BotError: DEADLINE_EXCEEDED and others, where no push could even begin.
        """
        wanted = (RefUpdate(self._branches.target_ref, target_sha, target_sha), RefUpdate(NEVER_MADE, None, target_sha))
        try:
            ended = self._fetcher.remote.run(commands.rehearse(self._remote.url, wanted))
        except BotError as error:
            if error.reason is not Reason.BAD_CREDENTIALS:
                raise
            return PushReport(PushOutcome.UNAUTHENTICATED, (), error.sentence)
        return parse_push(ended, wanted)
