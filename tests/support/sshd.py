"""A real sshd on loopback for the account that runs the tests, with keys and settings of its own."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.gitrepos import Repo

_SETTINGS = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
LogLevel ERROR
"""


def reason_against() -> str | None:
    """Why there can be no sshd here, None where there can."""
    lacking = [name for name in ("sshd", "ssh", "ssh-keygen") if _program(name) is None]
    return f"{' and '.join(lacking)} not installed" if lacking else None


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")


@dataclass(frozen=True, slots=True)
class Sshd:
    """The running server; `key` opens it, `other_key` does not, `known_hosts` names it."""

    port: int
    key: Path
    other_key: Path
    known_hosts: Path

    def url(self, repo: Repo) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}{repo.path}"


@contextlib.contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Serve the whole machine, with files of its own in that folder."""
    folder.mkdir()
    for name in ("host_key", "key", "other key"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, timeout=30)
    shutil.copy(folder / "key.pub", folder / "authorized_keys")
    port = _free_port()
    host_key = (folder / "host_key.pub").read_text()
    (folder / "known hosts").write_text(f"[127.0.0.1]:{port} {host_key}")
    (folder / "settings").write_text(_SETTINGS.format(port=port, folder=folder))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = [_program("sshd") or "sshd", "-D", "-e", "-f", str(folder / "settings")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            _wait_for(port)
            yield Sshd(port, folder / "key", folder / "other key", folder / "known hosts")
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError("sshd did not come up")
