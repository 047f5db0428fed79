"""What a report says of a merge that git cannot make: the files, and who touched them on either side. Pure."""

from dataclasses import dataclass
from typing import Final

from bot.core.conflict import Conflict, Side
from bot.core.record import RunRecord
from bot.core.trouble import commit_summary
from bot.render.suspects import Suspect, suspect
from bot.render.text import NAME, SUBJECT, line
from bot.render.words import counted

_MOST_FILES: Final = 20
_MOST_COMMITS: Final = 10


@dataclass(frozen=True, slots=True)
class SideView:
    """The commits of one branch that touched those files, newest first."""

    title: str
    commits: tuple[Suspect, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ConflictView:
    """The files in conflict, at most a few and how many more, and both sides of it: into what, and what."""

    total: str
    files: tuple[str, ...]
    more: int
    sides: tuple[SideView, ...]


def conflict_view(record: RunRecord) -> ConflictView | None:
    """The conflict of that run; None where there was none."""
    conflict = record.conflict
    if conflict is None:
        return None
    url = record.repository.web_url
    return ConflictView(
        total=f"{counted(len(conflict.paths), 'file')} of {_merge(conflict)}",
        files=tuple(line(path, SUBJECT) for path in conflict.paths[:_MOST_FILES]),
        more=max(0, len(conflict.paths) - _MOST_FILES),
        sides=tuple(_side(side, url) for side in (conflict.into, conflict.merged)),
    )


def _merge(conflict: Conflict) -> str:
    return " ".join(line(one, NAME) for one in (conflict.merged.branch, conflict.way, conflict.into.branch))


def _side(side: Side, web_url: str | None) -> SideView:
    rows = tuple(suspect(commit_summary(commit), web_url) for commit in side.commits[:_MOST_COMMITS])
    return SideView(f"Touched on {line(side.branch, NAME)}", rows, max(0, len(side.commits) - _MOST_COMMITS))
