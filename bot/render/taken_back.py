"""What a report says of a rollback: what it took back, of whom, and what may not come again without a fix."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.record import CommitSummary, Outcome, Repository, Restored
from bot.render.suspects import Suspect, suspect
from bot.render.text import NAME, line, short
from bot.render.words import counted

_MOST_COMMITS: Final = 10
_MOST_AUTHORS: Final = 6
_MOST_QUARANTINED: Final = 5


@dataclass(frozen=True, slots=True)
class TakenBackView:
    """The commits that are no longer on the target, newest first and at most a few, and the quarantine in words.

    The titles tell what was done from what a dry run, or a rollback that was refused, would have done.
    """

    title: str
    quarantine_title: str
    total: str
    authors: str
    commits: tuple[Suspect, ...]
    more: int
    quarantined: str


def taken_back_view(restored: Restored, repository: Repository, outcome: Outcome) -> TakenBackView:
    """What that rollback did, or would have done."""
    commits, is_done = restored.commits, outcome is Outcome.PROMOTED
    return TakenBackView(
        title="Taken back" if is_done else "Would be taken back",
        quarantine_title="Quarantined" if is_done else "Would be quarantined",
        total=counted(len(commits), "commit"),
        authors=authors(commits),
        commits=tuple(suspect(one, repository.web_url) for one in commits[:_MOST_COMMITS]),
        more=max(0, len(commits) - _MOST_COMMITS),
        quarantined=_quarantined(restored.quarantined),
    )


def authors(commits: Iterable[CommitSummary]) -> str:
    """Whose they are and how many of each, the most first."""
    found = Counter(line(one.author, NAME) for one in commits)
    named = [f"{name} ({count})" for name, count in found.most_common(_MOST_AUTHORS)]
    unnamed = len(found) - len(named)
    return ", ".join([*named, f"{unnamed} more"] if unnamed else named)


def _quarantined(shas: Sequence[str]) -> str:
    if not shas:
        return ""
    named = ", ".join(short(sha) for sha in shas[:_MOST_QUARANTINED])
    more = f" and {len(shas) - _MOST_QUARANTINED} more" if len(shas) > _MOST_QUARANTINED else ""
    return f"{named}{more}, not promoted again without a fix"
