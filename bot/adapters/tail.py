"""Following a growing ndjson file from one thread, line by line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_MOST_AT_ONCE: Final = 4 * 1024 * 1024


class Tail:
    """Yields each complete line of a file once, as a JSON object; what is no object is passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def new(self) -> Iterator[dict[str, Any]]:
        """The lines that have become complete since the last call; none while the file is missing."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(_MOST_AT_ONCE)
        except OSError:
            return
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            found = as_object(line)
            if found is not None:
                yield found


def as_object(line: bytes) -> dict[str, Any] | None:
    """The JSON object on that line, None when it is anything else."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
