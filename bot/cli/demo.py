"""`promote demo`: the whole story on embedded parts."""

import tempfile
from pathlib import Path

import click
from rich.console import Console

from bot.cli.context import Context


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to play; default: a new folder.")
@click.pass_obj
def demo(context: Context, folder: Path | None) -> int:
    """Play three nights for real: a slow build and a leaking one are blocked, the fixed one is promoted.

    A bare git remote, a small staging service and Locust run on this machine only; it takes about two minutes.
    """
    from bot.demo.stage import Stage  # noqa: PLC0415 - the demo's parts are needed by nobody else
    from bot.demo.story import tell  # noqa: PLC0415

    place = folder or Path(tempfile.mkdtemp(prefix="promotion-demo-"))
    return tell(place.absolute(), Stage(Console(stderr=context.json)))
