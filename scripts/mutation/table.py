"""The mutants as values: what is replaced by what, in which file, and which tests have to notice."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_TABLE: Final = Path(__file__).with_name("mutants.toml")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change that breaks a promise: `old`, which stands in `file` exactly once, becomes `new`."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied_to(self, content: str) -> str:
        """The content with the change; ValueError where it cannot be made there, or would change nothing."""
        found = content.count(self.old)
        if found != 1 or self.old == self.new:
            raise ValueError(f"{self.name}: what it replaces stands in {self.file} {found} times, not once")
        return content.replace(self.old, self.new)


def mutants() -> tuple[Mutant, ...]:
    """All of them, in the order of the table."""
    told = tomllib.loads(_TABLE.read_text("utf-8"))
    return tuple(Mutant(name, **{**facts, "tests": tuple(facts["tests"])}) for name, facts in told.items())
