"""The record as JSON, `schema_version` first: the document of run.json, for `--format json`."""

import json

from bot.core.document import document
from bot.core.record import RunRecord


def render_json(record: RunRecord) -> str:
    """The whole record as indented JSON in the order of its fields; a number that is none becomes null."""
    return json.dumps(document(record), indent=2, allow_nan=False) + "\n"
