"""The environment of every git process: nothing of the machine's or the user's git settings gets in (invariant I6)."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

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

_FOREIGN_PREFIXES: Final = ("GIT_", "GCM_", "SSH_ASKPASS")


def environment(remote: Remote, git_dir: Path, askpass: str = "") -> dict[str, str]:
    """What is set for git on that remote and cache; `askpass` is the program that answers for a token, if any."""
    settings = _SETTINGS | {f"protocol.{remote.protocol}.allow": "always"}
    return {
        "GIT_DIR": str(git_dir),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        # Set even when empty: an unset one falls back on SSH_ASKPASS, which may open a window.
        "GIT_ASKPASS": askpass,
        "GIT_ALLOW_PROTOCOL": remote.protocol,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_SSH_COMMAND": _SSH,
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C.UTF-8",
        "LANGUAGE": "",
        "TZ": "UTC",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())},
    }


def foreign_names(inherited: Mapping[str, str], own: Mapping[str, str]) -> tuple[str, ...]:
    """Inherited variables that would steer git and that our own environment does not replace."""
    return tuple(sorted(name for name in inherited if name.startswith(_FOREIGN_PREFIXES) and name not in own))
