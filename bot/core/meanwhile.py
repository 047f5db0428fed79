"""What people did to the line while a run was under way: the events that moved the ledger under it, in words."""

from collections.abc import Sequence

from bot.core.control import Control, ControlKind
from bot.core.freeze import freeze_words, reason_words
from bot.core.text import plain


def told_since(before: Sequence[Control], after: Sequence[Control]) -> tuple[Control, ...]:
    """The events that were written after `before` was read; none where `after` is no continuation of it."""
    known = len(before)
    return tuple(after[known:]) if tuple(after[:known]) == tuple(before) else ()


def meanwhile_words(events: Sequence[Control]) -> str:
    """Who stopped or opened the line, why and until when, a sentence for each event; empty where nobody did."""
    return " ".join(f"Meanwhile {_words(event)}" for event in events)


def _words(event: Control) -> str:
    if event.kind is ControlKind.FREEZE:
        return f"promotions were {freeze_words(event)}"
    return f"{plain(event.actor)} {_did(event)} at {event.at}: {reason_words(event)}"


def _did(event: Control) -> str:
    sha = (event.sha or "")[:12]
    match event.kind:
        case ControlKind.QUARANTINE:
            return f"quarantined {sha}"
        case ControlKind.CLEAR:
            return f"cleared the quarantine of {sha}"
        case _:
            return "lifted the freeze"
