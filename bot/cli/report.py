"""`promote report`: one run in any of the report formats."""

import click

from bot.cli import selection, wiring
from bot.cli.context import Context

FORMATS = ("terminal", "markdown", "html", "json", "junit")


@click.command()
@click.argument("run", default="last")
@click.option("--format", "form", type=click.Choice(FORMATS), default="terminal", show_default=True)
@click.pass_obj
def report(context: Context, run: str, form: str) -> None:
    """Render one run (default: the last) to stdout."""
    from bot.render.report import ReportFormat, render  # noqa: PLC0415 - charts are heavy

    settings = wiring.settings(context)
    record = wiring.run_store(settings).load(selection.run_id(settings, run))
    click.echo(render(record, ReportFormat("json" if context.json else form)), nl=False)
