"""Verifies signatures of tags with git itself, many at a time, against a list of SSH keys or the GPG keyring."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from bot.adapters import git_commands as commands
from bot.adapters.git_refs import is_full_id
from bot.adapters.git_runner import Runner
from bot.adapters.git_signing import Signing, public_key, run
from bot.core.objects import BOT_EMAIL
from bot.errors import BotError, Reason

# One git process verifies so many: each takes two or three programs of some milliseconds.
_AT_ONCE: Final = 250
_DEADLINE_S: Final = 30.0


class Verifier:
    """Tells good signatures from others; who may sign is read once.

    Where there is a file of allowed signers (as ssh-keygen(1) describes it), those SSH keys count. Otherwise it is the
    signer's own SSH key, or, where that is a GPG key, every key of the keyring.
    """

    def __init__(self, runner: Runner, signing: Signing) -> None:
        self._runner = runner
        self._signer = signing.signer
        self._allowed_signers = signing.allowed_signers

    @property
    def rule(self) -> str:
        """A digest of who may sign: where it is another one, everything is verified anew."""
        return hashlib.sha256(self._signers).hexdigest()

    def good(self, tags: Sequence[str]) -> frozenset[str]:
        """Those of these tag objects (full ids) whose signature is good."""
        _need("gpg" if self._is_gpg else "ssh-keygen")
        found: set[str] = set()
        with tempfile.NamedTemporaryFile(prefix="promotion-signers-") as file:
            # A copy: what was digested is what they are held to, also where the file changes meanwhile.
            file.write(self._signers)
            file.flush()
            for start in range(0, len(tags), _AT_ONCE):
                found |= self._verified(tags[start : start + _AT_ONCE], "" if self._is_gpg else file.name)
        return frozenset(found)

    def _verified(self, tags: Sequence[str], signers: str) -> set[str]:
        # It names the good ones, and ends with 1 where there are others.
        ended = self._runner.run(commands.verify_tags(tags, signers))
        return {oid for oid in ended.out.decode("ascii", "replace").split("\n") if is_full_id(oid)} & set(tags)

    @property
    def _is_gpg(self) -> bool:
        return self._allowed_signers is None and self._signer is not None and self._signer.is_gpg

    @cached_property
    def _signers(self) -> bytes:
        if self._allowed_signers is not None:
            return _content(self._allowed_signers)
        if self._signer is None:
            return b""
        if self._signer.is_gpg:
            return run(("gpg", "--batch", "--no-tty", "--with-colons", "--list-keys"), b"", _DEADLINE_S)
        return f'{BOT_EMAIL} namespaces="git" {public_key(Path(self._signer.key), _DEADLINE_S)}\n'.encode()


def _need(program: str) -> None:
    """Without the program git would call every signature bad."""
    if shutil.which(program) is None:
        raise BotError(Reason.SIGNING_FAILED, f"Signatures cannot be verified: there is no {program} on the PATH.")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        sentence = f"[repository] allowed_signers: {path} cannot be read: {error.strerror}."
        raise BotError(Reason.SIGNING_FAILED, sentence) from None
