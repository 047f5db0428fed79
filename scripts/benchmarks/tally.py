"""What a long run has counted so far: told on stderr while it goes on, and a row of the table at any time."""

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.table import Row


@dataclass
class Tally:
    """What one row has come to so far; `pieces` is how many it is made of."""

    what: str
    unit: str = "cases"
    pieces: int = 0
    done: int = 0
    count: int = 0
    beside: str = ""
    most: int = 0
    wrong: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    bites: bool = False

    def add(self, count: int, wrong: Iterable[str], most: int = 0) -> None:
        """Take in a part of a piece."""
        self.count += count
        self.wrong += wrong
        self.most = max(self.most, most)

    def end_piece(self, piece: str) -> None:
        """A piece is over: say how far the row has come, for it may take hours."""
        self.done += 1
        said = f"{self.what}: {piece}; {self.done} of {self.pieces} pieces, {self.count} {self.unit}, "
        tell(f"{said}{len(self.wrong)} violations, {time.monotonic() - self.begun:.0f} s")
        if self.done == self.pieces:
            tell(f"== {self.what}: {self.count} {self.unit}, {len(self.wrong)} violations")

    def row(self) -> Row:
        """The row as it stands; what is unfinished kept no promise yet."""
        is_whole = self.done == self.pieces
        ended = self.beside.format(self=self) + ("" if is_whole else f", cut off: {self.done} of {self.pieces} pieces")
        if self.bites:
            return Row(self.what, self._measured(), f"{len(self.wrong)} violations", "> 0", bool(self.wrong))
        shown = "".join(f"\n{each}" for each in self.wrong[:5])
        kept = False if self.wrong else True if is_whole else None
        return Row(self.what, self._measured(), f"{ended}{shown}", f"0 violations: {len(self.wrong)}", kept)

    def _measured(self) -> str:
        return f"{self.count} {self.unit}"


def tell(line: str) -> None:
    """A line for whoever waits."""
    print(line, file=sys.stderr, flush=True)
