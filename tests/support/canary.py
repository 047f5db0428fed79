"""A secret that is in the environment of every test and may be found nowhere: not in files, not in what was said."""

import base64
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# Never whole in a source: a test that copies the sources would leave it behind, and the sweep would find it there.
CANARY: Final = f"c4nary-{0x9F1D7C0E5B:x}-in-the-mine"
# What documents and examples call the variables that hold a secret; every process of every test inherits them.
VARIABLES: Final = ("PROMOTION_TOKEN", "PROMETHEUS_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN")


def found_in(folder: Path, secret: str = CANARY) -> list[str]:
    """The files below that folder which hold the secret; one process looks at all of them."""
    return _holding([folder], secret) if folder.is_dir() else []


def found_lately(folder: Path, since: float, secret: str = CANARY) -> list[str]:
    """The files right in that folder, written after that moment (seconds since the epoch), which hold the secret."""
    return _holding([each for each in folder.iterdir() if _is_later(each, since)], secret)


def _is_later(path: Path, since: float) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.stat().st_mtime >= since
    except OSError:
        return False


def _holding(places: list[Path], secret: str) -> list[str]:
    if not places:
        return []
    command = ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings", "--file=-", "--"]
    # The patterns come by stdin: a sweep that had them in its arguments would be the leak that it looks for.
    patterns = "".join(f"{form}\n" for form in forms(secret)).encode()
    ended = subprocess.run([*command, *map(str, places)], input=patterns, capture_output=True, check=False, timeout=300)
    return ended.stdout.decode(errors="replace").splitlines()


def forms(secret: str) -> tuple[str, ...]:
    """As it is, and as Base64 has it wherever it begins in what is encoded: that is how a header carries it."""
    content = secret.encode()
    encoded = (base64.b64encode(b"x" * shift + content).decode() for shift in range(3))
    # The signs at both ends depend on what stands beside it.
    return (secret, *(text.rstrip("=")[4:-2] for text in encoded))


class Spawned:
    """Every argument list with which this very process starts another one, by the interpreter's own audit."""

    def __init__(self, secret: str = CANARY) -> None:
        self._secret = secret
        self.leaks: list[str] = []

        # A function, because a method costs three times as much here: thousands of events a second pass by.
        def heard(event: str, details: tuple[object, ...]) -> None:
            if event in _STARTING:
                self._look(details)

        sys.addaudithook(heard)

    def _look(self, details: tuple[object, ...]) -> None:
        if any(form in repr(details[1:2] or details) for form in forms(self._secret)):
            # Which program it was, and never what it was given.
            self.leaks.append(f"the arguments of {str(details[0])[:80]!r}")


_STARTING: Final = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"})


class Arguments:
    """Reads the arguments of every process as fast as it can, in a thread of its own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.seen: set[bytes] = set()
        self.rounds = 0

    @property
    def leaks(self) -> list[bytes]:
        """The command lines that held the secret."""
        return [line for line in self.seen if self._secret in line]

    @contextmanager
    def watching(self) -> Iterator["Arguments"]:
        """Watch while the block runs."""
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            self.seen.update(self._read(path) for path in Path("/proc").iterdir() if path.name.isdigit())
            self.rounds += 1

    @staticmethod
    def _read(process: Path) -> bytes:
        try:
            return (process / "cmdline").read_bytes()
        except OSError:
            return b""
