"""What a protected branch complains of: whether it only waits for checks, so that waiting is worth while (pure)."""

import re
from collections.abc import Iterable
from typing import Final

_WAITS_FOR_CHECKS: Final = re.compile(
    r"required status checks? (?:\"\" )?(?:is|are|have not succeeded: \d+) (?:expected|pending|in progress|queued)",
    re.IGNORECASE,
)
_WAITS_FOR_NOTHING: Final = re.compile(
    r"fail|pull request|review|merge commit|linear|sign|verified|authorized|force|delet|lock|resol"
    r"|deploy|cannot",
    re.IGNORECASE,
)
# Checks have names that people chose.
_NAME: Final = re.compile(r'"[^"\n]*"')


def only_waits_for_checks(complaints: Iterable[str]) -> bool:
    """Whether those lines name checks that have not reported, and nothing else that is against a push."""
    told = [_NAME.sub('""', complaint) for complaint in complaints]
    return bool(told) and all(_WAITS_FOR_CHECKS.search(line) and not _WAITS_FOR_NOTHING.search(line) for line in told)
