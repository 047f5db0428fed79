"""What a running load may be told: to go on for longer, or to stop."""

from dataclasses import dataclass

from bot.core.evidence import Abort


@dataclass(frozen=True, slots=True)
class Extend:
    """Measure so many seconds more than was planned."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Measure no further, because of that."""

    abort: Abort


Order = Extend | Stop
