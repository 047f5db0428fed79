"""The `promote` command: finds the command's module when it is called, and turns every ending into an exit code."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from bot.cli.context import Context, Verbosity
from bot.cli.endings import report_failure

# Name -> (module, one line of help). The modules are imported when the command runs, so that `--help` stays instant.
COMMANDS: Final = {
    "run": ("bot.cli.run", "Test the tip of the source and promote it, or block it (--now: at once)."),
    "nightly": ("bot.cli.run", "What cron calls: one run a night's slot; same as `run` without --now."),
    "serve": ("bot.cli.serve", "Start a child process for each night, for one or many repositories."),
    "gate": ("bot.cli.gate", "Test and judge; move nothing."),
    "judge": ("bot.cli.judge", "Judge a stored run again from its evidence alone."),
    "status": ("bot.cli.status", "Branches, lag, the last run, and since when promotion is blocked."),
    "history": ("bot.cli.history", "List past runs, filtered."),
    "show": ("bot.cli.show", "Show one run."),
    "report": ("bot.cli.report", "Render one run as terminal, markdown, html, json or junit."),
    "notes": ("bot.cli.notes", "Print release notes for a range (default: since the last release)."),
    "config": ("bot.cli.config", "Validate, show or begin a configuration file."),
    "demo": ("bot.cli.demo", "Tell the whole story on embedded parts: blocked, blocked, promoted."),
}


class LazyGroup(click.Group):
    """Imports a command's module only when that command is called or asked for its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is no such name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and help from the table, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Accept root options anywhere, and `promote --now …` for `promote run --now …`."""
        return super().parse_args(ctx, _normalise(args))


_FLAGS: Final = {"--json", "--verbose", "--quiet"}


def _normalise(args: Sequence[str]) -> list[str]:
    """Move root options to the front; put `run` before a leading run option such as `--now`."""
    root: list[str] = []
    rest: list[str] = []
    pending = iter(args)
    for arg in pending:
        if arg == "--":
            rest += [arg, *pending]
        elif arg in _FLAGS or arg.startswith("--config="):
            root.append(arg)
        elif arg == "--config":
            root += [arg, *[value for value in [next(pending, None)] if value is not None]]
        else:
            rest.append(arg)
    if "--now" in rest and not any(word in COMMANDS for word in rest[: rest.index("--now")]):
        rest.insert(0, "run")
    return root + rest


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="promotion-bot", prog_name="promote")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("config/promotion.toml"),
    show_default=True,
    help="The configuration file.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, everything else on stderr.")
@click.option("--verbose", "verbosity", flag_value=Verbosity.VERBOSE, help="Say more on stderr.", type=Verbosity)
@click.option("--quiet", "verbosity", flag_value=Verbosity.QUIET, help="Say only what went wrong.", type=Verbosity)
@click.pass_context
def promote(ctx: click.Context, config: Path, as_json: bool, verbosity: Verbosity | None) -> None:  # noqa: FBT001 - click
    """Test the exact commit at the tip of staging, then fast-forward main to it, or block and say why."""
    ctx.obj = Context(config=config, json=as_json, verbosity=verbosity or Verbosity.NORMAL)


def collect_seldom() -> None:
    """Look for garbage cycles seldom: values here are trees, and walking 20,000 commits again and again is slow."""
    gc.set_threshold(1_000_000, 20, 100)


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; the only place where an error becomes one."""
    args = list(sys.argv[1:] if argv is None else argv)
    collect_seldom()
    try:
        code = promote.main(args, prog_name="promote", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - every ending has an exit code; a bug writes a crash log
        code = report_failure(error, args)
    sys.exit(int(code or 0))
