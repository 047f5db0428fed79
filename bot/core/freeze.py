"""A freeze in words, and the refusal that it is: who stopped the line, why, and until when."""

from typing import Final

from bot.core.control import Control, Standing
from bot.core.gate import Refusal
from bot.core.reasons import Reason
from bot.core.text import plain

# A reason is a person's own words: enough of them for one sentence.
REASON_LIMIT: Final = 300


def examine_freeze(now: Standing) -> Refusal | None:
    """A refusal that says who froze promotions, since when, why and until when; None where nobody did."""
    return None if now.freeze is None else Refusal(Reason.FROZEN, f"Promotions are {freeze_words(now.freeze)}")


def freeze_words(freeze: Control) -> str:
    """`frozen by ada since … until …: the reason`, on one line, with nothing in it that commands a terminal."""
    end = f" until {freeze.until}" if freeze.until else ""
    return f"frozen by {plain(freeze.actor)} since {freeze.at}{end}: {reason_words(freeze)}"


def reason_words(event: Control) -> str:
    """The reason of an event on one line, ended as a sentence."""
    told = plain(event.reason, REASON_LIMIT) or "no reason was given"
    return told if told.endswith((".", "!", "?", "…")) else f"{told}."
