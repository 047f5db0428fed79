"""Whether the checks that the gate requires have succeeded on the candidate, by what its host says of them."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.core.gate import Refusal
from bot.core.hosting import CheckState, SeenCheck
from bot.core.reasons import Reason
from bot.core.text import plain

MISSING: Final = "missing"
# Of two checks of one name, both must have succeeded.
_WORST_FIRST: Final = (CheckState.OTHER, CheckState.PENDING, CheckState.SUCCESS)
# The first pause; later ones grow, so that hours of waiting cost the host few questions.
_SHORTEST_S: Final = 10.0
_URL: Final = 200


def required(names: Sequence[str], seen: Iterable[SeenCheck]) -> tuple[SeenCheck, ...]:
    """The word on each required check in the order of `names`; one that nobody reported is pending and `missing`."""
    found: dict[str, SeenCheck] = {}
    for check in sorted(seen, key=lambda each: _WORST_FIRST.index(each.state)):
        found.setdefault(check.name, check)
    return tuple(found.get(name) or SeenCheck(name, CheckState.PENDING, MISSING, "", None) for name in names)


def examine_required(checks: Sequence[SeenCheck]) -> Refusal | None:
    """None where each has succeeded; what failed will not be mended by waiting, so it is named before what is pending.

    Skipped and neutral are not success (the host counts them as such): nothing was tested.
    """
    failed = [check for check in checks if check.state is CheckState.OTHER]
    if failed:
        return Refusal(Reason.CHECKS_FAILED, _sentence("no success", failed))
    waiting = [check for check in checks if check.state is CheckState.PENDING]
    return Refusal(Reason.CHECKS_PENDING, _sentence("not at an end", waiting)) if waiting else None


def pause(waited: float, limit: float) -> float | None:
    """Seconds until the host is asked again after `waited` of them; None: `limit` is over.

    Each pause is half of what was waited already, and the last one ends at the limit: six hours are twenty questions.
    """
    left = limit - waited
    return min(max(_SHORTEST_S, waited / 2), left) if left > 0 else None


def _sentence(what: str, checks: Sequence[SeenCheck]) -> str:
    number = "A required check is" if len(checks) == 1 else f"{len(checks)} required checks are"
    return f"{number} {what} on the candidate: {', '.join(map(_word, checks))}."


def _word(check: SeenCheck) -> str:
    where = f" ({plain(check.url, _URL)})" if check.url else ""
    return f"{plain(check.name)} is {plain(check.said)}{where}"
