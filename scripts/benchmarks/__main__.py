"""`scripts/bench [NAME]…`: run the named benchmarks, or all; exit 1 when a promise was missed."""

import sys
from importlib import import_module
from typing import Final

from benchmarks.table import show

NAMES: Final = ("help", "notes", "promotion", "accuracy", "freeze", "rates", "recording", "baselines", "verdicts")


def main(wanted: list[str]) -> int:
    """Run them one after the other: two at once would measure each other."""
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.exit(f"unknown benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    kept = [show(name, import_module(f"benchmarks.{name}").rows()) for name in wanted or NAMES]
    return 0 if all(kept) else 1


sys.exit(main(sys.argv[1:]))
