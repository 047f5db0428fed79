"""Stored texts to compare with; `UPDATE_SNAPSHOTS=1` writes them anew, and the change is read in the diff."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "render" / "snapshots"


def check_snapshot(name: str, text: str) -> None:
    stored = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        stored.write_text(text, encoding="utf-8")
    assert stored.exists(), f"{stored.name} is missing: run again with UPDATE_SNAPSHOTS=1"
    assert text == stored.read_text(encoding="utf-8"), "the snapshot differs: look at it, then use UPDATE_SNAPSHOTS=1"
