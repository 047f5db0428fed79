"""`scripts/mutants [--list] [NAME]…`: break the safety core, one way at a time; exit 1 when the suite lets one live."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path
from typing import Final

from mutation.table import ROOT, Mutant, mutants

_PATIENCE_S: Final = 600
_COPIED: Final = ("bot", "loadtests", "config", "tests", "scripts", "pyproject.toml", "README.md")
_TESTS_FAILED: Final = 1


class Fate(Enum):
    """What became of a mutant; everything but the first is a fault of the suite or of the table."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    STALE = "NO LONGER APPLIES"
    BROKEN = "TESTS CANNOT RUN"


def main(words: list[str]) -> int:
    """Run the named mutants, or all, as many at a time as there are cores."""
    asked = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    asked.add_argument("names", nargs="*", help="which ones; all of them by default")
    asked.add_argument("--list", action="store_true", help="show them and end")
    given = asked.parse_args(words)
    every = {mutant.name: mutant for mutant in mutants()}
    unknown = [name for name in given.names if name not in every]
    if unknown:
        asked.error(f"there is no mutant {', '.join(unknown)}")
    chosen = [every[name] for name in given.names] or list(every.values())
    if given.list:
        print("\n".join(f"{mutant.name}: {mutant.file}" for mutant in chosen))
        return 0
    return _report(_fates(chosen), len(chosen))


def _report(fates: Iterable[tuple[Mutant, Fate, float]], count: int) -> int:
    """Print a row for each as it ends, and the sum."""
    killed = 0
    for mutant, fate, seconds in fates:
        killed += fate is Fate.KILLED
        print(f"{fate.value:<18} {seconds:6.1f} s  {mutant.name}", flush=True)
    print(f"{killed} of {count} mutants killed")
    return 0 if killed == count else 1


def _fates(chosen: list[Mutant]) -> Iterator[tuple[Mutant, Fate, float]]:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(os.cpu_count()) as threads:
        yield from threads.map(lambda mutant: _fate(mutant, Path(folder) / mutant.name.replace(" ", "-")), chosen)


def _fate(mutant: Mutant, folder: Path) -> tuple[Mutant, Fate, float]:
    begun = time.monotonic()
    try:
        broken = mutant.applied_to((ROOT / mutant.file).read_text("utf-8"))
    except ValueError:
        return mutant, Fate.STALE, 0.0
    _copy(folder)
    (folder / mutant.file).write_text(broken, "utf-8")
    fate = _tested(mutant, folder)
    shutil.rmtree(folder)
    return mutant, fate, time.monotonic() - begun


def _copy(folder: Path) -> None:
    folder.mkdir()
    without = shutil.ignore_patterns("__pycache__", ".*")
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=without)
        else:
            shutil.copy(ROOT / name, folder / name)


def _tested(mutant: Mutant, folder: Path) -> Fate:
    """Run its tests; a test that hangs noticed as well as one that fails."""
    words = ("-q", "-x", "--no-header", "-p", "no:cacheprovider", f"--basetemp={folder / 'tmp'}")
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", *words, *mutant.tests]
    try:
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Fate.KILLED
    if ended.returncode == 0:
        return Fate.SURVIVED
    return Fate.KILLED if ended.returncode == _TESTS_FAILED else Fate.BROKEN


sys.exit(main(sys.argv[1:]))
