"""Whether a manifest is true of the folder of a run that has ended."""

import hashlib
import json
from pathlib import Path


def assert_sealed(folder: Path) -> None:
    """Every file but the journal and the manifest itself stands in the manifest, with the digest that it has."""
    held = json.loads((folder / "manifest.json").read_text())["files"]
    there = {path.name: path for path in folder.iterdir() if path.is_file()}
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert held == {name: found[name] for name in found.keys() - {"journal.ndjson", "manifest.json"}}
