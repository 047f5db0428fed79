"""`promote rollback [TAG] --reason TEXT`: the target has the content of the last good release again."""

from functools import partial

import click

from bot.cli import wiring
from bot.cli.change import dry_run_option, effect_of, make_request, perform, reason_option
from bot.cli.context import Context
from bot.core.record import RunKind
from bot.core.rollback import RollbackWay
from bot.flows.rollback import RollbackWish
from bot.flows.rollback import rollback as roll_back


@click.command()
@click.argument("tag", required=False)
@reason_option(required=True)
@click.option(
    "--bad", "culprits", multiple=True, metavar="COMMIT", help="Quarantine this commit, not all (repeatable)."
)
@click.option("--main-only", "target_only", is_flag=True, help="Leave the source alone.")
@click.option("--rewind", is_flag=True, help="Take the target back to the release's own commit; no tag.")
@dry_run_option
@click.pass_obj
def rollback(
    context: Context,
    /,
    *,
    tag: str | None,
    reason: str,
    culprits: tuple[str, ...],
    target_only: bool,
    rewind: bool,
    dry_run: bool,
) -> int:
    """Give the target the content of the last good release, or of release TAG, by a new commit on top of what is bad.

    What is taken back is quarantined: it is not promoted again without a fix, or before somebody clears it. The source
    keeps its content and gets that commit merged, so that the next promotion is a fast-forward.
    """
    wish = RollbackWish(tag, _way(target_only=target_only, rewind=rewind), culprits)
    settings = wiring.settings(context)
    request = make_request(settings, RunKind.ROLLBACK, effect=effect_of(dry_run=dry_run), justification=reason)
    return perform(context, settings, request, partial(roll_back, wish=wish))


def _way(*, target_only: bool, rewind: bool) -> RollbackWay:
    if target_only and rewind:
        raise click.UsageError("--rewind never touches the source: --main-only does not go with it.")
    if rewind:
        return RollbackWay.REWIND
    return RollbackWay.TARGET_ONLY if target_only else RollbackWay.FORWARD
