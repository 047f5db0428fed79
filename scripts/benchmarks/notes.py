"""Release notes of 20,000 commits, against the raw `git log` of the same range."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import history
from benchmarks.table import Row
from bot.adapters import git_commands
from bot.adapters.git_log import parse_log
from bot.cli.main import collect_seldom
from bot.core.notes import NotesSubject, build
from bot.render.notes import render_markdown

_ROUNDS = 7


def rows() -> Iterator[Row]:
    """Both in turns; the ratio is that of the medians."""
    collect_seldom()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        remote = Path(folder) / "remote.git"
        history.make(remote)
        base, tip = _sha(remote, "main"), _sha(remote, "staging")
        pairs = [(_time(_raw, remote, base, tip), _time(_notes, remote, base, tip)) for _ in range(_ROUNDS)]
    raw, whole = (median(each) for each in zip(*pairs, strict=True))
    yield Row(
        f"notes of {history.NEW:,} commits, from git log to Markdown",
        f"{whole:.2f} s",
        f"git log alone {raw:.2f} s: {whole / raw:.1f}x",
        "<= 3x",
        whole <= 3 * raw,
    )


def _raw(remote: Path, base: str, tip: str) -> bytes:
    command = git_commands.log(base, tip)
    return subprocess.run(command, cwd=remote, capture_output=True, check=True, timeout=120).stdout


def _notes(remote: Path, base: str, tip: str) -> str:
    commits = parse_log(_raw(remote, base, tip))
    return render_markdown(build(commits, subject=NotesSubject("Bench", tip, base, known_emails=frozenset())))


def _time(work: Callable[..., Any], *args: object) -> float:
    begun = time.perf_counter()
    work(*args)
    return time.perf_counter() - begun


def _sha(remote: Path, branch: str) -> str:
    words = ["git", "rev-parse", f"refs/heads/{branch}"]
    return subprocess.run(words, cwd=remote, capture_output=True, check=True, text=True).stdout.strip()
