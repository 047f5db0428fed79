"""`promote doctor`: everything a night needs, checked without changing anything; and mending the rules of branches."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import click
from rich.console import Console

from bot.cli import wiring, wiring_doctor
from bot.cli.context import Context
from bot.cli.signals import guarded
from bot.core.doctor import Finding, Level, worst
from bot.core.doctor_fix import Change
from bot.core.reasons import Reason
from bot.flows.branch_rules import apply, planned, policies
from bot.flows.doctor import examine_all
from bot.render.doctor import areas, change_lines, document, summary
from bot.settings.schema import Settings

_MENDING_S: Final = 300.0
# A pipe gets each finding on one line.
_OFF_TERMINAL_WIDTH: Final = 1200


@click.command()
@click.option(
    "--fix-branch-rules", is_flag=True, help="Show what the host's branch rules lack, and add it once told to."
)
@click.option("--yes", is_flag=True, help="With --fix-branch-rules: add it without asking.")
@click.option(
    "--token-env", metavar="NAME", help="With --fix-branch-rules: the variable with a token that may administer."
)
@click.pass_obj
def doctor(context: Context, /, *, fix_branch_rules: bool, yes: bool, token_env: str | None) -> int:
    """Look at everything a night needs and change nothing: each line ok, warn or fail, with what to do."""
    settings = wiring.settings(context)
    if fix_branch_rules:
        return _mend(context, settings, token_env, asks=not yes)
    if yes or token_env:
        raise click.UsageError("--yes and --token-env go with --fix-branch-rules.")
    found = _examined(context, settings)
    return int(Reason.NOT_READY.exit) if worst(found) is Level.FAIL else 0


def _examined(context: Context, settings: Settings) -> Sequence[Finding]:
    found: list[Finding] = []
    with wiring_doctor.kit(settings) as kit:
        findings = examine_all(kit, wiring_doctor.subject(settings))
        if context.json:
            found = list(findings)
            click.echo(json.dumps(document(found), indent=2))
            return found
        console = _console()
        for part in areas(_remembering(findings, found)):
            console.print(part)
    console.print(summary(found))
    return found


def _remembering(findings: Iterator[Finding], into: list[Finding]) -> Iterator[Finding]:
    for each in findings:
        into.append(each)
        yield each


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _OFF_TERMINAL_WIDTH
    return console


def _mend(context: Context, settings: Settings, variable: str | None, *, asks: bool) -> int:
    """Show the exact change; write it where somebody says so, and say what holds afterwards."""
    chosen = settings.repository
    wanted = policies(chosen.source, chosen.target, settings.gate.required_checks)
    with guarded(_MENDING_S):
        office = wiring_doctor.office(settings, variable)
        changes = tuple(planned(office.rules, wanted, office.bot))
        if not context.json:
            _show(changes)
        is_told = bool(changes) and (not asks or _agreed(context))
        holds = apply(office.rules, wanted, office.bot, changes) if is_told else ()
    _say(context, changes, holds, is_told=is_told)
    return 0


def _show(changes: Sequence[Change]) -> None:
    console = _console()
    for change in changes:
        for line in change_lines(change):
            console.print(line, soft_wrap=True)


def _agreed(context: Context) -> bool:
    """What somebody at a terminal says; nobody elsewhere is asked, and nothing is written then."""
    if context.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return click.confirm("Write this to the host?", default=False, err=True)


def _say(context: Context, changes: Sequence[Change], holds: Sequence[str], *, is_told: bool) -> None:
    if context.json:
        told = [
            {"branch": each.branch, "ruleset": each.before.number if each.before else None, "body": each.body}
            for each in changes
        ]
        click.echo(json.dumps({"changes": told, "applied": is_told, "holds": list(holds)}, indent=2))
    elif not changes:
        click.echo("Nothing to write: both branches have all the rules that they should have.")
    elif not is_told:
        click.echo("Nothing was written; --yes writes it without asking.")
    for sentence in holds if not context.json else ():
        click.echo(sentence)
