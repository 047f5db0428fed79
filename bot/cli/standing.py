"""Freezes and quarantines in words and as JSON: what `status`, `freeze`, `unfreeze` and `quarantine` share."""

from dataclasses import asdict
from typing import Any

from bot.core.control import Control, Standing
from bot.core.freeze import freeze_words, reason_words
from bot.core.text import plain


def freeze_document(freeze: Control | None) -> dict[str, Any] | None:
    """Who froze promotions, why, since when and until when; None where nobody did."""
    if freeze is None:
        return None
    return {"actor": freeze.actor, "reason": freeze.reason, "since": freeze.at, "until": freeze.until}


def quarantine_document(event: Control) -> dict[str, Any]:
    """Which commit is quarantined (with `base`: all of `base..sha`), by whom, why and since when."""
    return {"sha": event.sha, "base": event.base, "actor": event.actor, "reason": event.reason, "since": event.at}


def standing_document(now: Standing | None) -> dict[str, Any]:
    """The keys `freeze` and `quarantine` of every JSON document that has them; null where nobody can tell."""
    if now is None:
        return {"freeze": None, "quarantine": None}
    return {
        "freeze": freeze_document(now.freeze),
        "quarantine": [quarantine_document(event) for event in now.quarantined],
    }


def event_document(event: Control | None) -> dict[str, Any] | None:
    """An event as the ledger holds it; None where there is none."""
    return None if event is None else {key: value for key, value in asdict(event).items() if value is not None}


def freeze_line(freeze: Control | None) -> str:
    """The freeze on one line."""
    return "not frozen" if freeze is None else freeze_words(freeze)


def quarantine_line(event: Control) -> str:
    """`abc… quarantined by ada since …: the reason`, with the range where it is one."""
    sha = (event.sha or "")[:12]
    commits = f"{event.base[:12]}..{sha}" if event.base else sha
    return f"{commits} quarantined by {plain(event.actor)} since {event.at}: {reason_words(event)}"
