"""`promote worker --master HOST[:PORT]`: sends a share of the load of a run on another machine."""

import json
import platform
import re
import time
from typing import TYPE_CHECKING, Final

import click

from bot.cli.context import Context, Verbosity
from bot.cli.signals import guarded
from bot.core.text import plain
from bot.core.units import parse_duration
from bot.errors import BotError, Reason

if TYPE_CHECKING:
    from bot.adapters.load_worker import Served

PORT: Final = 5557
_MOST_PORTS: Final = 65535
_PLACE: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^-:\[\]\s][^:\[\]\s]*)(?::([0-9]{1,5}))?")
# Between two runs, so that a worker that is refused does not ask without end.
_REST_S: Final = 2.0
# The run bounds itself, and how long a worker of a cluster serves is for the cluster to say.
_FOR_EVER_S: Final = 10 * 365 * 86400.0


class Place(click.ParamType[tuple[str, int]]):
    """`HOST[:PORT]` as (host, port)."""

    name = "HOST[:PORT]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The default port is Locust's own."""
        match = _PLACE.fullmatch(str(value))
        number = PORT if match is None or match[2] is None else int(match[2])
        if match is None or not 0 < number <= _MOST_PORTS:
            self.fail(f"{value!r} is not HOST[:PORT]", param, ctx)
        return match[1], number


class Duration(click.ParamType[float]):
    """`90s`, `10m` as seconds."""

    name = "DURATION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds above zero."""
        try:
            found = parse_duration(str(value))
        except ValueError as error:
            self.fail(f"{value!r} is {error}", param, ctx)
        if not found:
            self.fail("it must be longer than 0 s", param, ctx)
        return found


@click.command()
@click.option("--master", type=Place(), required=True, help=f"Where the bot leads the run; port {PORT} by default.")
@click.option("--name", default=platform.node, show_default="this machine's", help="What reports call this machine.")
@click.option("--wait", type=Duration(), default="10m", show_default=True, help="How long to look for the master.")
@click.option("--forever", is_flag=True, help="Join one run after the other, whatever becomes of each.")
@click.pass_obj
def worker(context: Context, master: tuple[str, int], name: str, wait: float, *, forever: bool) -> None:
    """Join the run that a bot on another machine leads, and send a share of its load.

    The load file is never sent: this machine must have the same one, in the working directory at the same relative
    path, or bundled, and the same version of the bot.
    """
    from bot.adapters.load_worker import serve_one_run  # noqa: PLC0415 - not needed for help

    with guarded(_FOR_EVER_S):
        found = serve_one_run(master, name, wait)
        while forever:
            _say(context, found)
            time.sleep(_REST_S)
            found = serve_one_run(master, name, wait)
    _conclude(context, found)


def _say(context: Context, found: "Served") -> None:
    if context.verbosity is not Verbosity.QUIET:
        click.echo(f"{found.outcome}: {plain(found.words)}", err=True)


def _conclude(context: Context, found: "Served") -> None:
    """Exit 0 only when this machine did its part to the end."""
    from bot.adapters.load_worker import Outcome  # noqa: PLC0415 - as above

    match found.outcome:
        case Outcome.DONE if context.json:
            click.echo(json.dumps({"outcome": found.outcome, "words": found.words}, indent=2))
        case Outcome.DONE:
            click.echo(plain(found.words))
        case Outcome.NO_MASTER:
            raise BotError(Reason.MASTER_UNREACHABLE, found.words)
        case Outcome.REFUSED:
            raise BotError(Reason.WORKER_REFUSED, found.words)
        case Outcome.FAILED | Outcome.STOPPED:
            raise BotError(Reason.WORKER_FAILED, found.words or "The load was stopped before its end.")
