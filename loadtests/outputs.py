"""What one run writes."""

from dataclasses import dataclass

from loadtests.files import HistogramLog, Lines
from loadtests.plan import Plan
from loadtests.recorder import Recorder
from loadtests.report import Report


@dataclass(frozen=True, slots=True)
class Outputs:
    """The histogram log, who records into it, and who opens and closes the run."""

    log: HistogramLog
    recorder: Recorder
    report: Report


def open_outputs(plan: Plan) -> Outputs:
    """Open both files of the scenario."""
    lines = Lines(plan.file(".ndjson"))
    log = HistogramLog(plan.file(".hlog"))
    return Outputs(log, Recorder(log, lines, plan.pacing), Report(plan, lines))
