"""What `freeze`, `unfreeze` and `quarantine` share: the way from a wish to an event, and the words about it."""

import json
from collections.abc import Iterator
from typing import Any, Final

import click

from bot.cli import wiring
from bot.cli.change import effect_of
from bot.cli.context import Context
from bot.cli.signals import guarded
from bot.cli.standing import event_document, quarantine_line, standing_document
from bot.core.control import Control, ControlKind, format_control
from bot.core.controlling import quarantine_of
from bot.core.freeze import freeze_words
from bot.core.promotion import RefUpdate
from bot.flows.control import Done, Wish, control
from bot.flows.request import Effect

# A first fetch of a large repository may take long; a freeze itself takes a second.
_DEADLINE_S: Final = 3600.0


def tell_every_bot(context: Context, kind: ControlKind, *, reason: str | None, dry_run: bool, **wanted: Any) -> None:
    """Write the event (or show what it would write), and say what came of it."""
    settings = wiring.settings(context)
    wish = Wish(kind, wiring.actor(), reason or "", effect_of(dry_run=dry_run), **wanted)
    with guarded(_DEADLINE_S), wiring.desk(context, settings) as desk:
        done = control(desk, wish)
    if context.json:
        click.echo(json.dumps(_document(done, wish.effect), indent=2))
    else:
        click.echo("\n".join(_lines(kind, done, wish.effect)))


def _document(done: Done, effect: Effect) -> dict[str, Any]:
    written = "dry-run" if effect is Effect.DRY_RUN else "written"
    return {
        "outcome": written if done.change.event else "unchanged",
        "event": event_document(done.change.event),
        "before": event_document(done.change.before),
        "updates": [{"ref": each.ref, "expected": each.expected, "new": each.new or None} for each in done.updates],
        **standing_document(done.standing),
    }


def _lines(kind: ControlKind, done: Done, effect: Effect) -> Iterator[str]:
    event, before = done.change.event, done.change.before
    if event is None:
        yield f"Nothing to do. {_as_it_is(kind, done)}"
        if kind is ControlKind.CLEAR and done.standing.quarantined:
            # A quarantine may be of a range, and is cleared by the commit that names it.
            yield from ("What is quarantined:", *map(quarantine_line, done.standing.quarantined))
        return
    if effect is Effect.DRY_RUN:
        yield from ("A dry run; nothing was written. It would write:", *map(_update_line, done.updates))
        yield f"with the event {format_control(event)}"
    else:
        yield _as_it_is(kind, done) if _begins(kind) else _ENDED[kind]
    if before is not None:
        yield f"{'This replaces' if _begins(kind) else 'It was'}: {_line_of(before)}"


def _begins(kind: ControlKind) -> bool:
    return kind in (ControlKind.FREEZE, ControlKind.QUARANTINE)


_ENDED: Final = {
    ControlKind.UNFREEZE: "The freeze is lifted; promotions go on.",
    ControlKind.CLEAR: "The quarantine is cleared.",
}


def _as_it_is(kind: ControlKind, done: Done) -> str:
    """What holds now of what was asked for."""
    match kind:
        case ControlKind.FREEZE | ControlKind.UNFREEZE:
            freeze = done.standing.freeze
            return f"Promotions are {freeze_words(freeze)}" if freeze else "Promotions are not frozen."
        case ControlKind.QUARANTINE | ControlKind.CLEAR:
            held = quarantine_of(done.standing, done.sha)
            return quarantine_line(held) if held else f"{(done.sha or '')[:12]} is not quarantined."


def _line_of(event: Control) -> str:
    return freeze_words(event) if event.kind is ControlKind.FREEZE else quarantine_line(event)


def _update_line(update: RefUpdate) -> str:
    return f"  {update.ref}  {update.expected or '(absent)'} -> {update.new or '(one new commit on it)'}"
