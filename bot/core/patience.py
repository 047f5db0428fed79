"""How often, and after which waits, an unsettled push is sent again: bounded for every reason (I10, I13)."""

from typing import Final

from bot.core.gate import Refusal
from bot.core.reasons import Reason
from bot.core.settle import Unsettled

# Seconds before the second push, the third, and so on. A status that was posted just now takes some seconds to count.
_WAITS: Final = {
    Reason.PUSH_PROTECTED: (2.0, 4.0, 8.0, 16.0, 30.0),
    Reason.REMOTE_FAILED: (0.25, 0.5, 1.0, 2.0, 4.0),
    # Only looked at again: a server may show late what it took.
    Reason.BRANCH_REWOUND: (0.5, 4.0),
}
_OTHERWISE: Final = (0.5, 4.0)


def pause(end: Unsettled, pushes: int) -> float | None:
    """How many seconds to wait before the same push is sent once more after `pushes` of them; None: no more."""
    waits = _WAITS.get(end.reason, _OTHERWISE)
    return waits[pushes - 1] if pushes <= len(waits) else None


def given_up(end: Unsettled, waited: float) -> Refusal | Unsettled:
    """What an unsettled push comes to when it is not sent again: where the server said no each time, that stands."""
    if end.reason not in _WAITS:
        return end
    return Refusal(end.reason, f"{end.sentence} It stayed so for {waited:.0f} s.")
