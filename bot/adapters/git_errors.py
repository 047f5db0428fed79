"""What a failed git process means: a reason and one sentence, from its exit code and its stderr."""

import re
from typing import Final

from bot.adapters.git_text import telling_line
from bot.errors import BotError, Reason

# Read from the top: the first phrase that occurs decides.
_PHRASES: Final = (
    (Reason.DISK_FULL, ("no space left on device", "out of diskspace", "disk quota exceeded")),
    (
        Reason.HISTORY_INCOMPLETE,
        ("shallow update not allowed", "from a shallow repository", "source repository is shallow"),
    ),
    (Reason.BRANCH_MISSING, ("couldn't find remote ref",)),
    (
        Reason.BAD_CREDENTIALS,
        (
            "authentication failed",
            "could not read username",
            "could not read password",
            "terminal prompts disabled",
            "permission denied (",
            "invalid username or password",
            "returned error: 401",
            "returned error: 403",
            "http basic: access denied",
        ),
    ),
    (
        Reason.REMOTE_UNREACHABLE,
        (
            "could not resolve host",
            "could not read from remote repository",
            "does not appear to be a git repository",
            "repository not found",
            "' not found",
            "host key verification failed",
            "unable to access",
            "unable to connect",
            "connection refused",
            "connection timed out",
            "connection reset",
            "network is unreachable",
            "no route to host",
            "the remote end hung up",
            "unexpected disconnect",
            "early eof",
            "rpc failed",
            "operation too slow",
        ),
    ),
)


def reason_of(stderr: str) -> Reason:
    """The reason that git's words name; GIT_FAILED when they name none."""
    text = stderr.lower()
    # A full disk at the other end is not ours to free: only git's own lines speak of this machine.
    local = "\n".join(line for line in re.split(r"[\r\n]", text) if not line.startswith("remote:"))
    for reason, phrases in _PHRASES:
        if any(phrase in (local if reason is Reason.DISK_FULL else text) for phrase in phrases):
            return reason
    return Reason.GIT_FAILED


def failure(what: str, code: int, stderr: str) -> BotError:
    """The error for a git process that was to do `what` (such as "git fetch") and ended with that code."""
    said = telling_line(stderr)
    return BotError(
        reason_of(stderr), f"{what} failed: {said}" if said else f"{what} ended with code {code} and no word."
    )
