"""`promote config`: check, show, describe and begin a configuration file."""

import json
from pathlib import Path
from typing import Any

import click

from bot.cli.context import Context
from bot.cli.group import Group
from bot.cli.newfile import write_new
from bot.core.loadplan import ScenarioPlan
from bot.core.units import format_duration
from bot.render.words import load_words
from bot.settings import docs, toml
from bot.settings.load import load_settings
from bot.settings.plan import load_plan
from bot.settings.schema import Settings
from bot.settings.starter import starter
from bot.settings.words import printable


@click.group(cls=Group)
def config() -> None:
    """Validate, show or begin a configuration file."""


@config.command()
@click.pass_obj
def validate(context: Context) -> None:
    """Check the configuration; every mistake is listed at once, with its place and what is allowed."""
    settings = load_settings(context.config)
    load = {each.name: _load(each) for each in load_plan(settings).scenarios}
    if context.json:
        _say_json({"valid": True, "config": str(context.config), **_counts(settings), "load": load})
    else:
        counts = ", ".join(_counted(count, name) for name, count in _counts(settings).items())
        click.echo(f"{printable(str(context.config))} is valid: {counts}.")
        for name, words in load.items():
            click.echo(f"  {name}: {words}")


def _load(plan: ScenarioPlan) -> str:
    """The load of one scenario, and for how long it is measured."""
    longer = f", at most {format_duration(plan.duration * (1 + plan.extend))}" if plan.extend else ""
    return f"{load_words(plan)}, {format_duration(plan.duration)}{longer}"


def _counts(settings: Settings) -> dict[str, int]:
    objectives = sum(len((*each.slo.all_objectives(), *each.slo.relative_objectives())) for each in settings.scenario)
    return {"scenarios": len(settings.scenario), "objectives": objectives, "probes": len(settings.probe)}


def _counted(count: int, plural: str) -> str:
    return f"{count} {plural.removesuffix('s') if count == 1 else plural}"


@config.command()
@click.pass_obj
def show(context: Context) -> None:
    """Print the effective configuration, defaults filled in and paths absolute: TOML, or JSON with --json."""
    document = load_settings(context.config).model_dump(mode="json", by_alias=True, exclude_none=True)
    if context.json:
        _say_json(document)
    else:
        click.echo(toml.dumps(document), nl=False)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the file, for editors."""
    _say_json(docs.json_schema())


@config.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.pass_obj
def init(context: Context, path: Path | None) -> None:
    """Begin a configuration at PATH (default: the file that --config names); never overwrites."""
    target = path or context.config
    write_new(target, starter())
    if context.json:
        _say_json({"written": str(target)})
    else:
        click.echo(f"{printable(str(target))} is written; fill in [repository] remote and [staging] url.")


def _say_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2))
