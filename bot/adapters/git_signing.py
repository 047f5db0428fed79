"""Signs tags with an SSH or a GPG key, never asking for anything: a key without passphrase, or one that an agent holds.

Nothing secret is ever in an argument list: programs are told a path or a key id, and read the key themselves.
"""

import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from bot.adapters.git_exchange import Completed, exchange
from bot.adapters.git_text import telling_line
from bot.adapters.process import child_group
from bot.core.objects import tag_bytes
from bot.core.promotion import TagPlan
from bot.core.tagobject import is_armor
from bot.errors import BotError, Reason

GPG: Final = "gpg:"
_KEY_ID: Final = re.compile(r"(?:0x)?[0-9A-Fa-f]{8,64}")
_PUBLIC: Final = ("ssh-", "ecdsa-", "sk-")
# What the programs may know of the surroundings: where they are, where keys are, and the agent that holds them.
_INHERITED: Final = ("PATH", "HOME", "GNUPGHOME", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR", "USER", "LOGNAME", "TMPDIR")
_NEVER_ASK: Final = {"SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C.UTF-8"}


class Signer:
    """Signs with one key: the path of an SSH key, or `gpg:` and a key id; `deadline` is in seconds a signature."""

    def __init__(self, key: str, deadline: float = 30.0) -> None:
        self.key = key
        self._deadline = deadline

    @property
    def is_gpg(self) -> bool:
        """Whether it is a GPG key."""
        return self.key.startswith(GPG)

    def signed(self, tag: TagPlan) -> TagPlan:
        """The tag with its signature; BotError(SIGNING_FAILED) where the key cannot be used without asking."""
        return replace(tag, signature=self.sign(tag_bytes(replace(tag, signature=""))))

    def check(self) -> None:
        """Sign something that is no tag, so that a key that cannot sign is known before hours are spent."""
        self.sign(b"promotion-bot: can this key sign?\n")

    def sign(self, content: bytes) -> str:
        """The armoured detached signature of these bytes, as git puts it at the end of an object."""
        armor = self._by_gpg(content) if self.is_gpg else self._by_ssh(content)
        text = armor.decode("ascii", "replace").replace("\r\n", "\n")
        if not is_armor(text):
            raise _failed(f"{self.key} gave something that is no signature")
        return text

    def _by_ssh(self, content: bytes) -> bytes:
        check_key_file(Path(self.key))
        # The empty passphrase keeps it from asking for one; an agent that holds the key is tried first.
        return run(("ssh-keygen", "-Y", "sign", "-n", "git", "-P", "", "-f", self.key), content, self._deadline)

    def _by_gpg(self, content: bytes) -> bytes:
        key = self.key.removeprefix(GPG)
        if not _KEY_ID.fullmatch(key):
            raise _failed(f"{key!r} is no GPG key id")
        quiet = ("gpg", "--batch", "--no-tty", "--pinentry-mode", "error", "--no-comments", "--no-emit-version")
        had_agent = _has_agent(self._deadline)
        try:
            return run((*quiet, "--local-user", key, "--armor", "--detach-sign"), content, self._deadline)
        finally:
            # gpg starts an agent that outlives it: nothing that this process began is left behind (I13).
            if not had_agent:
                _try(("gpgconf", "--kill", "gpg-agent"), self._deadline)


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs (None: nobody), and the file of those who may (None: the signer); both None: nothing is checked."""

    signer: Signer | None = None
    allowed_signers: Path | None = None

    @property
    def is_checked(self) -> bool:
        """Whether signatures matter here."""
        return self.signer is not None or self.allowed_signers is not None


NO_SIGNING: Final = Signing()


def check_key_file(path: Path) -> None:
    """That an SSH key can be read, and by nobody else; BotError(SIGNING_FAILED) says what is wrong."""
    try:
        mode = path.stat().st_mode
        with path.open("rb") as file:
            begin = file.read(16).decode("ascii", "replace")
    except OSError as error:
        raise _failed(f"{path} cannot be read: {error.strerror}") from None
    if not begin.startswith(_PUBLIC) and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _failed(f"{path} can be read by others (mode {stat.S_IMODE(mode):04o}; chmod 600 it)")


def public_key(path: Path, deadline: float) -> str:
    """The public half of an SSH key, on one line: from the file beside it, or from the key itself."""
    for public in (path, path.with_name(f"{path.name}.pub")):
        try:
            text = public.read_text("ascii", errors="replace").strip()
        except OSError:
            continue
        if text.startswith(_PUBLIC) and "\n" not in text:
            return text
    check_key_file(path)
    return run(("ssh-keygen", "-y", "-P", "", "-f", str(path)), b"", deadline).decode("ascii", "replace").strip()


def run(command: tuple[str, ...], data: bytes, deadline: float) -> bytes:
    """Run one of these programs in a clean environment; BotError(SIGNING_FAILED) in its words where it fails."""
    ended = _ended(command, data, deadline)
    if ended.code:
        said = telling_line(ended.err)
        raise _failed(f"{command[0]} failed{f': {said}' if said else f' with code {ended.code} and no word'}")
    return ended.out


def _ended(command: tuple[str, ...], data: bytes, deadline: float) -> Completed:
    program = shutil.which(command[0])
    if program is None:
        raise _failed(f"there is no {command[0]} on the PATH")
    with child_group(partial(_started, (program, *command[1:]))) as child:
        try:
            return exchange(child, data, time.monotonic() + deadline)
        except TimeoutError:
            raise _failed(f"{command[0]} did not end within {deadline:.0f} s; it was stopped") from None


def _started(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    try:
        # A fixed program; what comes from outside is a checked path or key id.
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(os.environ),
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        raise _failed(f"{command[0]} cannot be started: {error.strerror}") from None


def _environment(inherited: Mapping[str, str]) -> dict[str, str]:
    return {name: inherited[name] for name in _INHERITED if name in inherited} | _NEVER_ASK


def _has_agent(deadline: float) -> bool:
    """Whether somebody's agent answers; the program's exit code does not tell."""
    return b"OK" in _try(("gpg-connect-agent", "--no-autostart", "GETINFO pid", "/bye"), deadline)


def _try(command: tuple[str, ...], deadline: float) -> bytes:
    """What it says; nothing where it cannot be run."""
    try:
        return _ended(command, b"", deadline).out
    except BotError:
        return b""


def _failed(why: str) -> BotError:
    return BotError(Reason.SIGNING_FAILED, f"The tag cannot be signed: {why}.")
