"""The workflow that a repository calls the bot with."""

import re
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

# GitHub's schedule knows no time zone and starts late at full hours.
CRON: Final = "17 2 * * *"
_CALLED: Final = re.compile(r"([A-Za-z0-9-]+/[A-Za-z0-9._-]+)@([0-9a-f]{40})").fullmatch
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*").fullmatch


def render_workflow(bot: str, config: str) -> str:
    """The workflow of a repository whose configuration is `config` (a path inside it).

    `bot` is where the bot comes from, as `owner/name@` and a full commit id. ValueError where either is none.
    """
    found = _CALLED(bot)
    if found is None:
        raise ValueError("must be owner/name@ and a full commit id of the bot's repository")
    if _PLAIN_PATH(config) is None:
        raise ValueError("must be a path of plain letters inside the repository")
    workflow = f"{found[1]}/.github/workflows/nightly.yml@{found[2]}"
    environment = Environment(
        loader=PackageLoader("bot.render"),
        autoescape=False,  # noqa: S701 - the output is YAML, and both values were matched above
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    template = environment.get_template("init_workflow.yml.j2")
    return template.render(cron=CRON, workflow=workflow, config=config)
