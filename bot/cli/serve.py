"""`promote serve [CONFIG…]`: the scheduler, for one or many repositories."""

import json
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bot.cli import wiring
from bot.cli.context import Context, Verbosity
from bot.core.calendar import Schedule, parse_zone
from bot.core.cron import parse_cron
from bot.core.moments import iso
from bot.core.text import plain

if TYPE_CHECKING:
    from bot.daemon.night import Job
    from bot.settings.schema import Settings

# The night bounds itself (see `bot.cli.night`); this is for one that cannot any more, and is wider by so much.
_ALLOWANCE_S: Final = 1800.0
# What is worth a line even where only what went wrong is wanted.
_TROUBLE: Final = frozenset({"night-missed", "tick-failed", "memory-failed", "memory-damaged"})


@click.command()
@click.argument("configs", nargs=-1, type=click.Path(path_type=Path), metavar="[CONFIG]...")
@click.pass_obj
def serve(context: Context, configs: tuple[Path, ...]) -> None:
    """Start one child process for every night of every CONFIG (default: that of --config), until told to stop.

    SIGTERM or Ctrl-C asks running nights to end and waits for them; a second one kills them.
    """
    from bot.adapters.clock import SystemClock  # noqa: PLC0415 - see the next line
    from bot.daemon.scheduler import Scheduler  # noqa: PLC0415 - imports APScheduler

    chosen = tuple(dict.fromkeys(path.resolve() for path in configs or (context.config,)))
    jobs = [job_of(path, wiring.settings(replace(context, config=path)), context.verbosity) for path in chosen]
    if context.json:
        # What a night prints is for people to read, and stdout is for the one document.
        jobs = [replace(job, stdout=sys.stderr.fileno()) for job in jobs]
    lines = Lines(context.verbosity)
    Scheduler(jobs, SystemClock(), lines).serve()
    if context.json:
        click.echo(json.dumps({"served": [str(path) for path in chosen], "events": lines.counts}, indent=2))


def job_of(path: Path, settings: "Settings", verbosity: Verbosity) -> "Job":
    """What serving one configuration means; the night itself reads the file anew each time."""
    from bot.cli.night import deadline  # noqa: PLC0415 - not needed for help
    from bot.daemon.night import Job  # noqa: PLC0415 - not needed for help
    from bot.settings.plan import load_plan  # noqa: PLC0415 - not needed for help

    # -P: a folder named `bot` in the working directory must not become the program.
    command = (sys.executable, "-P", "-m", "bot", "--config", str(path), *_flags(verbosity), "nightly")
    return Job(
        name=str(path),
        command=command,
        folder=Path.cwd(),
        state_dir=wiring.state_dir(settings),
        schedule=Schedule(parse_cron(settings.schedule.cron), parse_zone(settings.schedule.timezone)),
        late=settings.schedule.late,
        deadline=_ALLOWANCE_S + deadline(load_plan(settings), settings.gate.checks_wait),
    )


class Lines:
    """Says events as lines on stderr, `time event key=value …`, and counts them."""

    def __init__(self, verbosity: Verbosity) -> None:
        """QUIET says only what went wrong."""
        self._verbosity = verbosity
        self.counts: Counter[str] = Counter()

    def __call__(self, event: str, **facts: object) -> None:
        """Say one event."""
        self.counts[event] += 1
        if self._verbosity is not Verbosity.QUIET or event in _TROUBLE:
            click.echo(line(datetime.now(tz=UTC), event, facts), err=True)


def line(at: datetime, event: str, facts: dict[str, object]) -> str:
    """One event as one line; a value with blanks or quotes in it is quoted as in JSON."""
    pairs = [f"{name}={_value(plain(str(value)))}" for name, value in facts.items()]
    return " ".join([iso(at), event, *pairs])


def _value(text: str) -> str:
    return text if text and not set(text) & set(' "=') else json.dumps(text, ensure_ascii=False)


def _flags(verbosity: Verbosity) -> tuple[str, ...]:
    return {Verbosity.QUIET: ("--quiet",), Verbosity.VERBOSE: ("--verbose",), Verbosity.NORMAL: ()}[verbosity]
