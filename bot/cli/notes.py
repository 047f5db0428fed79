"""`promote notes`: release notes to stdout."""

import json

import click

from bot.cli import wiring
from bot.cli.context import Context
from bot.flows.range_notes import Range, notes_of


@click.command()
@click.argument("span", metavar="[FROM..TO]", required=False)
@click.option("--offline", is_flag=True, help="Do not ask the host for pull requests and labels.")
@click.pass_obj
def notes(context: Context, span: str | None, *, offline: bool) -> None:
    """Print the release notes of a range; by default everything since the last release tag."""
    from bot.render.notes import render_markdown  # noqa: PLC0415 - templates are loaded when they are needed

    settings = wiring.settings(context)
    asked = wiring.Asked.OFFLINE if offline else wiring.Asked.HOST
    with wiring.note_sources(context, settings, asked) as sources:
        built = notes_of(sources, _range(span))
    text = render_markdown(built)
    if context.json:
        click.echo(json.dumps({"title": built.title, "base": built.base, "tip": built.tip, "markdown": text}, indent=2))
    else:
        click.echo(text, nl=False)


def _range(span: str | None) -> Range:
    base, _, tip = (span or "").partition("..")
    return Range(base or None, tip.removeprefix(".") or None)
