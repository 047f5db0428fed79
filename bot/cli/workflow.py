"""Inside a GitHub workflow: what a run came to, for the steps behind it and for whoever looks at the job."""

import sys

import click

from bot.core.record import RunRecord
from bot.core.text import plain
from bot.errors import BotError


def tell(record: RunRecord, folder: str) -> None:
    """Set outputs, summary and annotations, where there is a workflow; a failure changes nothing that happened."""
    from bot.adapters.workflow import current_step  # noqa: PLC0415 - nothing of it is needed outside a workflow

    step = current_step()
    if step is None:
        return
    from bot.render.annotations import render_annotations  # noqa: PLC0415 - as above
    from bot.render.workflow import outputs, summary  # noqa: PLC0415 - as above

    try:
        step.set_outputs(outputs(record, folder))
        step.add_summary(summary(record))
        step.annotate(render_annotations(record))
    except BotError as error:
        click.echo(f"promote: {plain(error.sentence)}", file=sys.stderr)
