"""What the source gets of a hotfix: git's own clean merge, or the files and the people that are in its way."""

from typing import Final

from bot.core.conflict import Conflict, Side, conflict_sentence
from bot.core.gate import Refusal
from bot.core.hotfix import Hotfix, SourceTip, follow
from bot.core.plan import Extras
from bot.core.reasons import Reason
from bot.flows.run import Run

# Argument lists are finite, and nobody reads more.
_MOST_PATHS: Final = 100


def source_at(run: Run, sha: str, hotfix: Hotfix) -> SourceTip:
    """How the source, at that full id, stands to the hotfix."""
    contains = run.tools.repository.contains
    return SourceTip(run.request.repository.source, sha, contains(sha, hotfix.sha), contains(hotfix.sha, sha))


def source_now(run: Run, hotfix: Hotfix) -> SourceTip | Refusal:
    """Where the source is by now, asked anew."""
    source = run.request.repository.source
    with run.effect("ask source"):
        sha = run.tools.repository.branch_tip(source)
    if sha is None:
        return Refusal(Reason.SOURCE_MOVED, f"{source} was deleted meanwhile.")
    return source_at(run, sha, hotfix)


def brought(run: Run, source: SourceTip, hotfix: Hotfix, at: int) -> Extras | Refusal:
    """The moves and commits that bring the hotfix to the source; where git cannot merge, the record says what."""
    tree = ""
    if source.needs_merge:
        with run.effect("merge into source"):
            merged = run.tools.repository.merge(source.sha, hotfix.sha)
        if not merged.is_clean:
            return _conflict(run, source, hotfix, merged.conflicts)
        tree = merged.tree
    return follow(source, hotfix, tree, at=at, run_id=run.request.run_id)


def _conflict(run: Run, source: SourceTip, hotfix: Hotfix, paths: tuple[str, ...]) -> Refusal:
    touched = run.tools.repository.touched
    known = paths[:_MOST_PATHS]
    conflict = Conflict(
        paths=paths,
        into=Side(source.branch, touched(known, hotfix.sha, source.sha)),
        merged=Side(hotfix.branch, touched(known, source.sha, hotfix.sha)),
    )
    run.know(conflict=conflict)
    return Refusal(Reason.MERGE_CONFLICT, conflict_sentence(conflict))
