"""Which ends of a run leave its target blocked until a person does something."""

from typing import Final

from bot.core.reasons import Reason
from bot.core.record import Outcome

JUDGED: Final = frozenset({Outcome.BLOCKED, Outcome.INCONCLUSIVE, Outcome.INVALID})
"""Ends by a verdict, or by a check on the host, that was no success."""

# What a look at the repository shows by itself, without any run.
_SEEN_AT_ONCE: Final = frozenset(
    reason.code
    for reason in (
        Reason.NOT_FAST_FORWARD,
        Reason.DIVERGED,
        Reason.QUARANTINED,
        Reason.HISTORY_INCOMPLETE,
        Reason.AUDIT_FAILED,
    )
)
# Refusals that come again every night until a person has done something.
_STANDING: Final = _SEEN_AT_ONCE | frozenset(
    reason.code
    for reason in (
        Reason.TARGET_REWOUND,
        Reason.BRANCH_REWOUND,
        Reason.PUSH_REJECTED,
        Reason.PUSH_POLICY,
        Reason.PUSH_PROTECTED,
        Reason.NO_ATOMIC_PUSH,
        Reason.TRANSPORT_UNFIT,
        Reason.LEDGER_BROKEN,
    )
)


def blocks(outcome: Outcome, reason_code: str) -> bool:
    """Whether that end comes again every night: a verdict that is no pass, or a refusal for a standing reason.

    Not: a freeze (somebody meant it), a lost race (the next run tries again), a broken machine.
    """
    return outcome in JUDGED or (outcome is Outcome.REFUSED and reason_code in _STANDING)


def is_seen_at_once(reason_code: str) -> bool:
    """Whether what that reason names is there for everybody to see, or gone, without any run."""
    return reason_code in _SEEN_AT_ONCE
