"""Faults of what a run leaves behind: cut off, gone, altered."""

from typing import Final

from bot.core.verdict import Result
from bot.selftest import injections
from bot.selftest.case import Case, Must

_COMPLETION: Final = "completion"
_INVALID: Final = Result.INVALID

CASES: Final = (
    Case(
        "truncated-histograms",
        "half of the .hlog file is gone",
        Must(_INVALID, _COMPLETION, "its files are truncated"),
        after=injections.truncate_histograms,
    ),
    Case(
        "truncated-observations",
        "half of the .ndjson file is gone",
        Must(_INVALID, _COMPLETION, "the closing line is missing"),
        after=injections.cut_observations,
        staging={"version_url": None},
    ),
    Case(
        "no-files",
        "nothing that was measured is left",
        Must(_INVALID, _COMPLETION, "the load was never run"),
        after=injections.remove_files,
        staging={"version_url": None},
    ),
    Case(
        "failures-rewritten",
        "somebody makes the failed requests good ones before they are read",
        Must(_INVALID, "error_rate", "contradict its counts"),
        service={"error_rate": 0.5},
        after=injections.rewrite_failures,
    ),
    Case(
        "evidence-swapped",
        "somebody adds to the evidence of a passed run, which is judged again",
        Must(_INVALID, "evidence", "this is not the evidence that was judged"),
        later=injections.swap_observations,
    ),
)
