"""Reads that lag behind: for a while they show the time before the last writes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.github.world import World

if TYPE_CHECKING:
    from support.github.hub import Hub


@dataclass
class Replica:
    """What reads are shown instead of now, until when by the hub's clock."""

    hub: "Hub"
    then: World | None = None
    until: float = 0.0

    def hide_from_now(self, seconds: float) -> None:
        """For so long reads show this moment; one that is shown already stays, and is shown longer."""
        self.begin()
        self.until = max(self.until, self.hub.now() + seconds)

    def begin(self) -> None:
        """Remember this moment, before a write that is to stay hidden."""
        if not self._lags():
            self.then = self.hub.world.snapshot(self.hub.remote.refs())

    def shown(self) -> World:
        """What a read may see."""
        return self.then if self.then is not None and self._lags() else self.hub.world

    def _lags(self) -> bool:
        return self.hub.now() < self.until
