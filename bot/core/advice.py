"""What to do next after a run that is no promotion, where the reason's own advice would be about one (pure)."""

from collections.abc import Mapping
from typing import Final

from bot.core.reasons import Reason
from bot.core.record import Repository, RunKind

_NOTHING: Final = "Nothing to do."
_ACTIONS: Final[Mapping[RunKind, Mapping[Reason, str]]] = {
    RunKind.HOTFIX: {
        Reason.NOT_FAST_FORWARD: "Rebase the hotfix onto {target}, or merge {target} into it, and push it; "
        "then run again.",
        Reason.MERGE_CONFLICT: "Merge the hotfix into {source} by hand and run again, or ship it with --main-only and "
        "run `promote backport` afterwards.",
        Reason.QUARANTINED: "Put the hotfix's own commits alone on top of {target}, or mend what is bad in a commit "
        "that says `Fixes: <id>`, or `promote quarantine clear`; then run again.",
        Reason.SLO_FAILED: "Mend the hotfix, deploy it to staging and run again.",
        Reason.SOURCE_REWRITTEN: "Find out who rewrote the hotfix branch, and run again on its new tip.",
        Reason.DRY_RUN: "Run again without --dry-run to ship it.",
        Reason.UP_TO_DATE: _NOTHING,
    },
    RunKind.ROLLBACK: {
        Reason.NOT_FAST_FORWARD: "Run `promote backport` and then this again, or roll back {target} alone with "
        "--main-only.",
        Reason.BAD_USAGE: "Correct the name; `promote history` lists the releases.",
        Reason.DRY_RUN: "Run again without --dry-run to roll back.",
        Reason.UP_TO_DATE: _NOTHING,
    },
    RunKind.BACKPORT: {
        Reason.BAD_USAGE: "Name other commits.",
        Reason.DRY_RUN: "Run again without --dry-run to push it.",
        Reason.UP_TO_DATE: _NOTHING,
    },
}


def action_of(kind: RunKind, reason: Reason, repository: Repository) -> str:
    """What a person should do after a run of that kind that ended so, as one sentence."""
    words = _ACTIONS.get(kind, {}).get(reason)
    return words.format(source=repository.source, target=repository.target) if words else reason.action
