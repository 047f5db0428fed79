"""What runs inside the load process: the open model, the recorder, the allow-list, and the bundled load file."""

import json
import os
from typing import Any, Final

OPTIONS_VARIABLE: Final = "LOADTESTS_OPTIONS"


def options() -> dict[str, Any]:
    """The scenario's `options`, as a load file may ask for them; empty when none were given.

    They are read from a JSON object in the environment variable `LOADTESTS_OPTIONS`, so that a file can also be
    tried by hand with plain Locust. Raises ValueError when that text is not a JSON object.
    """
    found = json.loads(os.environ.get(OPTIONS_VARIABLE) or "{}")
    if not isinstance(found, dict):
        raise ValueError(  # noqa: TRY004 - the text is wrong, not the caller's type
            f"{OPTIONS_VARIABLE} must hold a JSON object"
        )
    return found
