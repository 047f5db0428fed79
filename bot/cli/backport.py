"""`promote backport`: merge the target back into the source, with a person where git cannot; or pick commits."""

import json
from dataclasses import dataclass
from functools import partial

import click

from bot.cli import wiring
from bot.cli.change import Flow, dry_run_option, effect_of, make_request, perform
from bot.cli.context import Context
from bot.core.backport import examine_branches
from bot.core.pick import examine_onto
from bot.core.record import RunKind
from bot.core.text import plain
from bot.errors import BotError, Exit, Reason
from bot.flows.backport import Mode, Order, abort
from bot.flows.backport import backport as merge_back
from bot.flows.pick import pick as pick_onto
from bot.settings.schema import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    merged: str | None
    into: str | None
    picks: tuple[str, ...]
    go_on: bool
    give_up: bool
    dry_run: bool


@click.command()
@click.option("--from", "merged", metavar="BRANCH", help="The branch to merge; default: the target.")
@click.option("--to", "into", metavar="BRANCH", help="The branch that gets it; default: the source.")
@click.option("--pick", "picks", multiple=True, metavar="COMMIT", help="Cherry-pick this commit instead (repeatable).")
@click.option("--continue", "go_on", is_flag=True, help="Take the merge that a person made in the work tree.")
@click.option("--abort", "give_up", is_flag=True, help="Give it up: remove the work tree.")
@dry_run_option
@click.argument("more", nargs=-1, metavar="[COMMIT]...")
@click.pass_obj
def backport(  # noqa: PLR0917 - click hands each option over by itself
    context: Context,
    merged: str | None,
    into: str | None,
    picks: tuple[str, ...],
    go_on: bool,  # noqa: FBT001 - click
    give_up: bool,  # noqa: FBT001 - click
    dry_run: bool,  # noqa: FBT001 - click
    more: tuple[str, ...],
) -> int:
    """Merge the target back into the source; where that conflicts, a work tree is made for a person to resolve it.

    With --pick, commits are cherry-picked onto another branch instead.
    """
    _examine_words(picks, more)
    wish = Wish(merged, into, (*picks, *more), go_on, give_up, dry_run)
    _examine(wish)
    settings = wiring.settings(context)
    if wish.give_up:
        return _abort(context, settings)
    return _pick(context, settings, wish) if wish.picks else _merge(context, settings, wish)


def _examine_words(picks: tuple[str, ...], more: tuple[str, ...]) -> None:
    if more and not picks:
        raise click.UsageError(f"{plain(more[0])!r} is no option; commits go after --pick.")
    if more and len(picks) > 1:
        # Else nobody could tell from the words in which order they are picked.
        raise click.UsageError("Name all commits after one --pick, or each after a --pick of its own.")


def _examine(wish: Wish) -> None:
    """Words that contradict each other."""
    if wish.go_on and wish.give_up:
        raise click.UsageError("--continue and --abort contradict each other.")
    if (wish.go_on or wish.give_up) and (wish.picks or wish.merged or wish.into):
        raise click.UsageError("--continue and --abort are about the merge that was begun; they take no branch.")
    if wish.give_up and wish.dry_run:
        raise click.UsageError("--abort writes nothing to the remote; it has no dry run.")
    if wish.picks and wish.merged:
        raise click.UsageError("--pick takes commits, not --from a branch.")
    if wish.picks and not wish.into:
        raise click.UsageError("--pick needs --to BRANCH, the branch that gets the commits.")


def _merge(context: Context, settings: Settings, wish: Wish) -> int:
    chosen, bench = settings.repository, wiring.workbench(settings)
    mode = Mode.CONTINUE if wish.go_on else Mode.MERGE
    order = Order(wish.into or chosen.source, wish.merged or chosen.target, bench, mode)
    wrong = examine_branches(order.into, order.merged, chosen.target)
    if wrong is not None:
        raise BotError(Reason.BAD_USAGE, wrong)
    return _perform(context, settings, wish, partial(merge_back, order=order))


def _pick(context: Context, settings: Settings, wish: Wish) -> int:
    chosen, onto = settings.repository, wish.into or ""
    wrong = examine_onto(onto, chosen.source, chosen.target)
    if wrong is not None:
        raise BotError(Reason.BAD_USAGE, wrong)
    return _perform(context, settings, wish, partial(pick_onto, names=wish.picks, onto=onto))


def _perform(context: Context, settings: Settings, wish: Wish, flow: Flow) -> int:
    request = make_request(settings, RunKind.BACKPORT, effect=effect_of(dry_run=wish.dry_run))
    return perform(context, settings, request, flow)


def _abort(context: Context, settings: Settings) -> int:
    bench = wiring.workbench(settings)
    removed = abort(wiring.lock(settings, "backport --abort"), bench)
    if context.json:
        click.echo(json.dumps({"aborted": removed, "work_tree": str(bench.path)}, indent=2))
    else:
        click.echo(f"{bench.path} is removed." if removed else "No back-merge waits here; nothing was removed.")
    return int(Exit.OK)
