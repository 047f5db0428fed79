"""`promote demo`: the whole story on embedded parts."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from bot.cli.context import Context
from bot.cli.newfolder import own_folder
from bot.core.reasons import Exit


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to play: a new or empty folder.")
@click.pass_obj
def demo(context: Context, folder: Path | None) -> int:
    """Play three nights for real: a slow build and a leaking one are blocked, the fixed one is promoted.

    A bare git remote, a small staging service and Locust run on this machine only; it takes about two minutes.
    """
    from bot.demo.stage import Stage  # noqa: PLC0415 - the demo's parts are needed by nobody else
    from bot.demo.story import ending, tell  # noqa: PLC0415

    place = own_folder(folder, "promotion-demo-")
    codes = tell(place, Stage(Console(stderr=context.json)))
    if context.json:
        click.echo(json.dumps(_document(codes, place), indent=2))
    return int(ending(codes))


def _document(codes: Sequence[int], folder: Path) -> dict[str, object]:
    from bot.demo.story import NIGHTS, ending  # noqa: PLC0415 - as above

    ends = ending(codes)
    nights = [
        {"build": night.build.title, "expected": int(night.expected), "exit_code": code}
        for night, code in zip(NIGHTS, codes, strict=True)
    ]
    return {
        "outcome": "passed" if ends is Exit.OK else "failed",
        "exit_code": int(ends),
        "nights": nights,
        "folder": str(folder),
    }
