"""`promote demo`: the whole story on embedded parts."""

from pathlib import Path

import click
from rich.console import Console

from bot.cli.context import Context
from bot.cli.newfolder import own_folder


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to play: a new or empty folder.")
@click.pass_obj
def demo(context: Context, folder: Path | None) -> int:
    """Play three nights for real: a slow build and a leaking one are blocked, the fixed one is promoted.

    A bare git remote, a small staging service and Locust run on this machine only; it takes about two minutes.
    """
    from bot.demo.stage import Stage  # noqa: PLC0415 - the demo's parts are needed by nobody else
    from bot.demo.story import tell  # noqa: PLC0415

    return tell(own_folder(folder, "promotion-demo-"), Stage(Console(stderr=context.json)))
