"""`promote judge`: judge a stored run again from its evidence alone, or ask what other limits would have said."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from bot.cli import selection, wiring
from bot.cli.context import Context
from bot.cli.show import print_verdict
from bot.core.reasons import Exit
from bot.core.verdict import Result
from bot.errors import ConfigurationError, Problem
from bot.flows.rejudge import rejudge
from bot.settings.whatif import WhatIf, parse_objectives, read_objectives

_EXITS: Final = {
    Result.PASS: Exit.OK,
    Result.FAIL: Exit.BLOCKED,
    Result.INCONCLUSIVE: Exit.INCONCLUSIVE,
    Result.INVALID: Exit.INVALID,
}


@click.command()
@click.argument("run")
@click.option("--set", "limits", multiple=True, metavar="KEY=LIMIT", help="Another limit, such as p95='< 1s'.")
@click.option(
    "--slo",
    type=click.Path(path_type=Path),
    help="A TOML file of limits for every scenario, as in [scenario.slo].",
)
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="An earlier attempt; default: the last one.")
@click.pass_obj
def judge(context: Context, run: str, limits: tuple[str, ...], slo: Path | None, attempt: int | None) -> int:
    """Judge a stored run again; with other limits it answers "what if", and nothing stored is changed."""
    wanted = (read_objectives(slo) if slo else WhatIf()).then(_parse(limits))
    settings = wiring.settings(context)
    run_id = selection.run_id(settings, run)
    record, verdict = rejudge(wiring.judging(settings), run_id, wanted.on, attempt)
    print_verdict(context, replace(record, verdict=verdict))
    return int(_EXITS[verdict.result])


def _parse(limits: tuple[str, ...]) -> WhatIf:
    """The objectives of every --set; a key that comes more than once has more than one limit."""
    pairs = [limit.partition("=") for limit in limits]
    malformed = tuple(Problem("--set", f"{key!r} has no limit", "KEY=LIMIT") for key, sign, _ in pairs if not sign)
    if malformed:
        raise ConfigurationError("command line", malformed)
    table: dict[str, list[str]] = {}
    for key, _, text in pairs:
        table.setdefault(key.strip(), []).append(text.strip())
    given = {key: texts[0] if len(texts) == 1 else texts for key, texts in table.items()}
    return parse_objectives(given, "--set") if given else WhatIf()
