"""`scripts/bench [NAME]…`: run the named benchmarks, or all; exit 1 when a promise was missed.

`scripts/bench --chaos [--scale SHARE] [--only NAME]… [--story NAME]… [--begin N]` is the long run of crashes and races,
or that part of it.
`scripts/bench --fuzz COUNT` sends so many hostile texts through every renderer.
"""

import argparse
import sys
from importlib import import_module
from typing import Final

from benchmarks.table import show

NAMES: Final = (
    "help",
    "notes",
    "git",
    "promotion",
    "accuracy",
    "freeze",
    "rates",
    "recording",
    "baselines",
    "verdicts",
)


def main(wanted: list[str]) -> int:
    """Run them one after the other: two at once would measure each other."""
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.exit(f"unknown benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    kept = [show(name, import_module(f"benchmarks.{name}").rows()) for name in wanted or NAMES]
    return 0 if all(kept) else 1


def chaos(scale: float, begin: int, only: list[str], stories: list[str]) -> int:
    """The long run, or a part of it."""
    run = import_module("benchmarks.chaos")
    try:
        run.chosen(only)
        extent = run.Extent(scale, begin, run.chosen(stories, tuple(run.STORIES)))
    except ValueError as error:
        sys.exit(str(error))
    counted = list(run.rows(extent, only))
    show("chaos", counted)
    # What was interrupted has kept nothing yet.
    return 0 if all(row.kept for row in counted) else 1


def fuzz(count: int) -> int:
    """So many hostile texts through every renderer."""
    return 0 if show("fuzz", import_module("benchmarks.fuzz").rows(count)) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="The benchmarks, or the long run of chaos.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; default: all")
    parser.add_argument("--chaos", action="store_true", help="crashes and races instead: hours at scale 1")
    parser.add_argument("--scale", type=float, default=1.0, help="the share of the long run, such as 0.01")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="of the long run this row alone, by its name or how that begins; repeatable",
    )
    parser.add_argument(
        "--story",
        action="append",
        default=[],
        metavar="NAME",
        help="crashes of that flow alone, such as promote or hotfix; repeatable",
    )
    parser.add_argument("--begin", type=int, default=0, metavar="N", help="the first world or remote; default: 0")
    parser.add_argument("--fuzz", type=int, metavar="COUNT", help="hostile texts through every renderer: 1000000")
    return parser.parse_args()


asked = _arguments()
if asked.fuzz:
    sys.exit(fuzz(asked.fuzz))
sys.exit(chaos(asked.scale, asked.begin, asked.only, asked.story) if asked.chaos else main(asked.names))
