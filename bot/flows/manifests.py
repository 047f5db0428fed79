"""The manifest of a run: written when it was measured, and again when it has ended, over all that it left."""

import json
from collections.abc import Mapping
from typing import Final

from bot.core.evidence import ScenarioEvidence
from bot.core.loadplan import LoadPlan
from bot.core.manifest import at_the_end, manifest
from bot.core.record import RunRecord
from bot.flows.ports import RunFolder

_NAME: Final = "manifest.json"


def write_manifest(
    folder: RunFolder,
    plan: LoadPlan | None,
    scenarios: tuple[ScenarioEvidence, ...],
    files: Mapping[str, str],
    versions: tuple[tuple[str, str], ...],
) -> None:
    """Write manifest.json; see `bot.core.manifest.manifest`."""
    folder.write(_NAME, json.dumps(manifest(plan, scenarios, files, versions), indent=2) + "\n")


def seal(folder: RunFolder, record: RunRecord) -> None:
    """Write the manifest of a run that has ended, with the digests of its record and its reports as they are now."""
    evidence = record.evidence
    recorded = recorded_files(folder) or (dict(evidence.files) if evidence else {})
    files = at_the_end(folder.names(), recorded, folder.digests)
    write_manifest(folder, record.plan, evidence.scenarios if evidence else (), files, record.versions)


def recorded_files(folder: RunFolder) -> dict[str, str]:
    """The digests that the manifest has, by the names of the files; none where it is not there or cannot be read."""
    try:
        document = json.loads((folder.path / _NAME).read_bytes())
        return dict(document["files"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
