"""A real PostgreSQL of one's own: made in a temporary folder, reached by a Unix socket, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_USERS = ("postgres", "nobody")


def binaries() -> Path | None:
    """The folder with initdb and postgres; None where there is none."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((each for each in found if (each / "initdb").exists() and (each / "postgres").exists()), None)


@contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """Yield the URL of a fresh server (no password, one database `postgres`)."""
    # Not under pytest's own folder: that one is closed to the server's user. Sockets need a short path, too.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    identity = _identity()
    try:
        if "user" in identity:
            os.chown(folder, identity["user"], identity["group"])
        data = folder / "data"
        options = ["--pgdata", data, "--username=bot", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run([programs / "initdb", *options], check=True, capture_output=True, timeout=120, **identity)
        with _serving(programs, data, folder, identity):
            yield f"postgresql://bot@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity() -> dict[str, int]:
    """PostgreSQL refuses to run as root: become somebody else there."""
    if os.getuid() != 0:
        return {}
    account = next(pwd.getpwnam(name) for name in _USERS if _exists(name))
    return {"user": account.pw_uid, "group": account.pw_gid}


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def _serving(programs: Path, data: Path, folder: Path, identity: dict[str, int]) -> Iterator[None]:
    settings = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", f"unix_socket_directories={folder}"]
    command = [programs / "postgres", "-D", data, *settings]
    log = (folder / "log").open("wb")
    server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=folder, **identity)
    try:
        _wait(programs, folder, server)
        yield
    finally:
        family = psutil.Process(server.pid).children(recursive=True) if server.poll() is None else []
        server.terminate()
        server.wait(timeout=30)
        for process in psutil.wait_procs(family, timeout=5)[1]:
            process.kill()
        log.close()


def _wait(programs: Path, folder: Path, server: "subprocess.Popen[bytes]") -> None:
    last = time.monotonic() + 60
    while time.monotonic() < last:
        if server.poll() is not None:
            break
        ready = subprocess.run([programs / "pg_isready", "-h", folder], capture_output=True, timeout=30, check=False)
        if ready.returncode == 0:
            return
        time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text(errors="replace"))
