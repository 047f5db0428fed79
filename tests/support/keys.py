"""Keys for signing in tests, made anew each time: SSH with ssh-keygen, GPG in a home of its own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen")
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="there is no gpg")


def ssh_key(path: Path, *, kind: str = "ed25519", passphrase: str = "") -> Path:
    """An SSH key at that path, with its public half beside it."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "bot", "-f", str(path)]
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path


def allowed(path: Path, *keys: Path) -> Path:
    """A file of allowed signers with these keys."""
    lines = [f"promotion-bot@localhost {key.with_name(key.name + '.pub').read_text()}" for key in keys]
    path.write_text("".join(lines))
    return path


@contextlib.contextmanager
def ssh_agent(*keys: Path, passphrase: str) -> Iterator[str]:
    """An agent that holds these keys; yields the path of its socket."""
    with tempfile.TemporaryDirectory(prefix="agent-") as folder:
        socket = f"{folder}/socket"
        agent = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
        try:
            answer = Path(folder) / "answer"
            answer.write_text(f"#!/bin/sh\necho {passphrase}\n")
            answer.chmod(0o700)
            asks = {"SSH_AUTH_SOCK": socket, "SSH_ASKPASS": str(answer), "SSH_ASKPASS_REQUIRE": "force"}
            while not Path(socket).exists():
                assert agent.poll() is None
            command = ["ssh-add", "-q", *map(str, keys)]
            subprocess.run(command, check=True, timeout=60, env={**os.environ, **asks}, stdin=subprocess.DEVNULL)
            yield socket
        finally:
            agent.kill()
            agent.wait()


@contextlib.contextmanager
def gpg_home(*names: str) -> Iterator[list[str]]:
    """A GPG home, short enough for a socket, as GNUPGHOME; yields the fingerprints of new keys of these names."""
    before = os.environ.get("GNUPGHOME")
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:
        Path(home).chmod(0o700)
        os.environ["GNUPGHOME"] = home
        try:
            yield [_gpg_key(name) for name in names]
        finally:
            subprocess.run(["gpgconf", "--kill", "all"], check=False, timeout=60)
            os.environ.pop("GNUPGHOME")
            if before is not None:
                os.environ["GNUPGHOME"] = before


def _gpg_key(name: str) -> str:
    quiet = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]
    subprocess.run([*quiet, "--quick-generate-key", name, "ed25519", "sign", "never"], check=True, timeout=60)
    listed = subprocess.run(
        ["gpg", "--batch", "--with-colons", "--list-keys", name], check=True, timeout=60, capture_output=True
    )
    (fingerprint,) = (line.split(":")[9] for line in listed.stdout.decode().splitlines() if line.startswith("fpr:"))
    return fingerprint
