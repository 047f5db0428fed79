"""What a run has left behind: looked at from outside, by process id."""

import time
from pathlib import Path


def all_gone(pids: Path) -> bool:
    """Whether every process whose id is in that file has ended.

    Grandchildren are nobody's to wait for: a kill that was sent may take a moment to arrive.
    """
    listed = pids.read_text().split()
    return any(not any(map(_is_alive, listed)) or time.sleep(0.05) for _ in range(200))


def _is_alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
