"""The environment of every git process: nothing of the machine's or the user's git settings gets in (invariant I6)."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bot.adapters.git_access import NO_ACCESS, Access
from bot.adapters.git_remote import Remote

# A hanging transport gives up by itself, also when the run that started it was killed: sooner than the next run's
# patience with the cache's lock, which such an orphan still holds.
_SSH: Final = "ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"

_SETTINGS: Final = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.attributesFile": os.devnull,
    "protocol.allow": "never",
    "transfer.fsckObjects": "true",
    # Old tools wrote these; they do no harm in a repository that is never checked out.
    "fetch.fsck.zeroPaddedFilemode": "ignore",
    "fetch.fsck.missingSpaceBeforeDate": "ignore",
    "fetch.fsck.missingSpaceBeforeEmail": "ignore",
    "fetch.fsck.missingNameBeforeEmail": "ignore",
    "fetch.fsck.missingEmail": "ignore",
    "fetch.fsck.badName": "ignore",
    "fetch.fsck.badEmail": "ignore",
    "fetch.fsck.badDate": "ignore",
    "fetch.fsck.badDateOverflow": "ignore",
    "fetch.fsck.badTimezone": "ignore",
    "fetch.fsck.zeroPaddedDate": "ignore",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "60",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "safe.bareRepository": "explicit",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "no",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "log.showSignature": "false",
}

_FOREIGN_PREFIXES: Final = ("GIT_", "GCM_", "SSH_ASKPASS", "PROMOTION_GIT_")


# The remote's name where the cache is a partial clone: objects that it lacks are asked for there, and nowhere else.
PROMISOR: Final = "promisor"


def environment(
    remote: Remote | None, git_dir: Path, access: Access = NO_ACCESS, *, promised: bool = False
) -> dict[str, str]:
    """What is set for git on that cache; without a remote git has no transport at all, whatever it is asked to do.

    `promised` says that the cache is a partial clone, and that this git may ask the remote for what it lacks.
    """
    protocol = remote.protocol if remote else ""
    settings = _SETTINGS | ({f"protocol.{protocol}.allow": "always"} if protocol else {})
    if remote and promised:
        settings |= _promises(remote)
    return {
        # Overwritten instead of taken away: then the secret is not even in the program that would take it away.
        **dict.fromkeys(access.hidden, ""),
        "GIT_DIR": str(git_dir),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        # Set even when empty: an unset one falls back on SSH_ASKPASS, which may open a window.
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": protocol,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_SSH_COMMAND": " ".join((_SSH, *access.ssh_options())),
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "",
        "TZ": "UTC",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())},
    }


def _promises(remote: Remote) -> dict[str, str]:
    return {
        f"remote.{PROMISOR}.url": remote.url,
        f"remote.{PROMISOR}.promisor": "true",
        f"remote.{PROMISOR}.partialCloneFilter": "blob:none",
    }


def foreign_names(inherited: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, ...]:
    """Inherited variables that would steer git and that our own environment does not replace."""
    return tuple(sorted(name for name in inherited if name.startswith(_FOREIGN_PREFIXES) and name not in own))
