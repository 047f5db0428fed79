"""Who authored anything before a commit: remembered from one night to the next, because only new commits are news."""

import json
from pathlib import Path
from typing import Any, Final

from bot.adapters import git_commands as commands
from bot.adapters.files import write_whole
from bot.adapters.git_log import parse_emails
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.errors import BotError

_SUCCESS: Final = 0


class Authors:
    """The e-mail addresses of all authors up to a commit; `memory` is a file that may be lost at any time."""

    def __init__(self, runner: Runner, memory: Path) -> None:
        self._runner = runner
        self._memory = memory

    def up_to(self, tip: str) -> frozenset[str]:
        """The lower-cased addresses of everybody who authored a commit reachable from `tip`.

        Walks only what is new since the tip that is remembered, where that is an ancestor; all of history otherwise.
        """
        known_tip, known = self._remembered()
        base = known_tip if known_tip and self._is_ancestor(known_tip, tip) else ""
        if base == tip:
            return known
        found = parse_emails(self._runner.check(commands.author_emails(base, tip)))
        everybody = found | known if base else found
        self._remember(tip, everybody)
        return everybody

    def _is_ancestor(self, older: str, newer: str) -> bool:
        return self._runner.run(commands.is_ancestor(older, newer)).code == _SUCCESS

    def _remembered(self) -> tuple[str, frozenset[str]]:
        try:
            told: dict[str, Any] = json.loads(self._memory.read_bytes())
            tip, emails = told["tip"], told["emails"]
        except (OSError, ValueError, KeyError, TypeError):
            return "", frozenset()
        if not (isinstance(tip, str) and is_full_id(tip) and isinstance(emails, list)):
            return "", frozenset()
        return tip, frozenset(email for email in emails if isinstance(email, str))

    def _remember(self, tip: str, emails: frozenset[str]) -> None:
        """Write it down; a memory that cannot be written costs time the next night and nothing else."""
        try:
            write_whole(self._memory, json.dumps({"tip": tip, "emails": sorted(emails)}).encode())
        except BotError:
            self._memory.unlink(missing_ok=True)
