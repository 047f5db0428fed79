"""A secret that is in the environment of every test and may be found nowhere: not in files, not in what was said."""

import subprocess
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
    if not folder.is_dir():
        return []
    command = ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings", "--file=-", str(folder)]
    # The pattern comes by stdin: a sweep that had it in its arguments would be the leak that it looks for.
    ended = subprocess.run(command, input=f"{secret}\n".encode(), capture_output=True, check=False, timeout=300)
    return ended.stdout.decode(errors="replace").splitlines()


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
