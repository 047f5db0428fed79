"""What was asked of a cache since the last fetch, so that nothing is asked twice that cannot have changed."""

from dataclasses import dataclass, field

from bot.adapters.git_ledger import Ledger
from bot.core.candidate import Commit
from bot.core.merging import Merged


@dataclass(slots=True)
class Known:
    """The refs as the last fetch left them (None: not read yet): no name is resolved twice in a run (I1).

    All else hangs on full ids, which mean the same forever; a failure is never kept. The next fetch begins anew all the
    same, because a cache that turned out broken is made anew by it.
    """

    ledger: Ledger
    refs: dict[str, str] | None = None
    logs: dict[tuple[str, str, int], tuple[Commit, ...]] = field(default_factory=dict)
    trees: dict[str, str] = field(default_factory=dict)
    merges: dict[tuple[str, str], Merged] = field(default_factory=dict)
