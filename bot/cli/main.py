"""The `promote` command: finds the command's module when it is called, and turns every ending into an exit code."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import click

from bot.cli import streams
from bot.cli.context import Context, Verbosity
from bot.cli.endings import report_failure
from bot.cli.group import Group

# Name -> (module, one line of help). The modules are imported when the command runs, so that `--help` stays instant.
COMMANDS: Final = {
    "run": ("bot.cli.run", "Test the tip of the source and promote it, or block it; `promote --now` does so at once."),
    "nightly": ("bot.cli.run", "What cron calls: one run a night's slot; same as `run` without --now."),
    "serve": ("bot.cli.serve", "Start a child process for each night, for one or many repositories."),
    "gate": ("bot.cli.gate", "Test and judge; move nothing."),
    "judge": ("bot.cli.judge", "Judge a stored run again from its evidence alone."),
    "status": ("bot.cli.status", "Branches, lag, the last run, and since when promotion is blocked."),
    "history": ("bot.cli.history", "List past runs, filtered."),
    "show": ("bot.cli.show", "Show one run."),
    "report": ("bot.cli.report", "Render one run as terminal, markdown, html, json or junit."),
    "notes": ("bot.cli.notes", "Print release notes for a range (default: since the last release)."),
    "backport": ("bot.cli.backport", "Merge the target back into the source, or pick commits onto another branch."),
    "rollback": ("bot.cli.rollback", "Give the target the content of an earlier release again."),
    "audit": ("bot.cli.audit", "Hold branches, release tags and the ledger against each other."),
    "hotfix": ("bot.cli.hotfix", "Ship a branch straight to the target, and merge it into the source."),
    "freeze": ("bot.cli.freeze", "Stop promotions, for every bot of the repository."),
    "unfreeze": ("bot.cli.unfreeze", "Start them again."),
    "quarantine": ("bot.cli.quarantine", "List, add or clear commits that no promotion may contain."),
    "doctor": ("bot.cli.doctor", "Look at everything a night needs, and say what to do about what is not so."),
    "init": ("bot.cli.init", "Give a repository its configuration, and the workflow that starts its nights."),
    "config": ("bot.cli.config", "Validate, show or begin a configuration file."),
    "worker": ("bot.cli.worker", "Send a share of the load of a run on another machine."),
    "selftest": ("bot.cli.selftest", "Drill the gate: injected faults and healthy runs, each with its verdict."),
    "demo": ("bot.cli.demo", "Tell the whole story on embedded parts: blocked, blocked, promoted."),
}


class LazyGroup(Group):
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

    def summaries(self) -> Iterator[tuple[str, str]]:
        """Names and help from the table, importing nothing."""
        for name, (_, summary) in COMMANDS.items():
            yield name, summary

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Accept root options anywhere, and `promote --now …` for `promote run --now …`."""
        words = self.split(ctx, args)
        return super().parse_args(ctx, [*words.root, *words.rest])

    def split(self, ctx: click.Context, args: Sequence[str]) -> "Words":
        """The root options, wherever they stand, and all other words; the value of an option is no option."""
        command = _command_of(args)
        found = self._command(ctx, command) if command else None
        words = _split(args, frozenset(_options_with_values(found)))
        leads = bool(words.rest) and words.rest[0] == command
        return words if leads or command is None else Words(words.root, (command, *words.rest))

    def _command(self, ctx: click.Context, name: str) -> click.Command | None:
        # A module that cannot be imported says so itself when its command is called.
        with suppress(Exception):
            return self.get_command(ctx, name)
        return None


_FLAGS: Final = frozenset({"--json", "--verbose", "--quiet"})


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a call: root options with their values, and everything else in its order."""

    root: tuple[str, ...]
    rest: tuple[str, ...]

    @property
    def context(self) -> Context:
        """What of the root options matters even where the rest cannot be understood."""
        return Context(json="--json" in self.root)


def _command_of(args: Sequence[str]) -> str | None:
    """The command that is called: the first word that is no root option, or `run` for a leading option of it."""
    first = next(iter(_split(args, frozenset()).rest), None)
    if first is None or first in COMMANDS:
        return first
    return "run" if first.startswith("-") and "--now" in args else None


def _options_with_values(command: click.Command | None) -> Iterator[str]:
    """The options of a command, and of those below it, that are followed by a value."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from _options_with_values(below)
    for each in command.params if command else ():
        if isinstance(each, click.Option) and not each.is_flag and not each.count:
            yield from each.opts


def _split(args: Sequence[str], with_values: frozenset[str]) -> Words:
    root: list[str] = []
    rest: list[str] = []
    pending = iter(args)
    for arg in pending:
        if arg == "--":
            rest += [arg, *pending]
        elif arg in _FLAGS or arg.startswith("--config="):
            root.append(arg)
        elif arg == "--config":
            root += [arg, *_next(pending)]
        elif arg in with_values:
            rest += [arg, *_next(pending)]
        else:
            rest.append(arg)
    return Words(tuple(root), tuple(rest))


def _next(pending: Iterator[str]) -> list[str]:
    return [value for value in [next(pending, None)] if value is not None]


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
@click.option(
    "--verbose",
    "verbosity",
    flag_value=Verbosity.VERBOSE,
    help="Also versions, and progress every 5 s.",
    type=Verbosity,
)
@click.option(
    "--quiet", "verbosity", flag_value=Verbosity.QUIET, help="Only warnings and what went wrong.", type=Verbosity
)
@click.pass_context
def promote(ctx: click.Context, config: Path, as_json: bool, verbosity: Verbosity | None) -> None:  # noqa: FBT001 - click
    """Test the exact commit at the tip of staging, then fast-forward main to it, or block and say why.

    `promote --now` does so at once, `promote nightly` once a night; `promote COMMAND --help` tells more.
    """
    ctx.obj = Context(config=config, json=as_json, verbosity=verbosity or Verbosity.NORMAL)


def collect_seldom() -> None:
    """Look for garbage cycles seldom: values here are trees, and walking 20,000 commits again and again is slow."""
    gc.set_threshold(1_000_000, 20, 100)


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code; the only place where an error becomes one."""
    args = list(sys.argv[1:] if argv is None else argv)
    collect_seldom()
    streams.prepare()
    try:
        code = promote.main(args, prog_name="promote", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001 - every ending has an exit code; a bug writes a crash log
        code = report_failure(error, promote.split(click.Context(promote), args).context)
    sys.exit(int(code or 0))
