"""What a merge without a work tree came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """git's own merge of two commits: a tree, and the paths in conflict, which are none where it is clean.

    `tree` is empty where there are conflicts: half a merge is of no use to anybody. Paths are raw data (invariant I21).
    """

    tree: str
    conflicts: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether git merged every path by itself."""
        return bool(self.tree)
