"""From when on a measurement is not believed: every number with its reason."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Validity limits; times in seconds, shares with 1.0 as 100 %.

    `unmeasured`: a run may end this much before its planned duration, or `unmeasured_share` of that where it is less,
        but always `rounding`: the closing line tells milliseconds.
    `sent`: below this share of arrivals really started, the load was not the planned one; load generators that
        merely report dropped arrivals were seen to lose a fifth of them and still call the run valid.
    `lateness`, `lateness_share`: p99 of "start minus due" may reach the larger of 10 ms and 5 % of the tightest
        latency limit; beyond that response times tell of the generator.
    `lateness_known`: share of the started arrivals whose lateness must be on record.
    `task_errors`: share of arrivals that may end in an exception of the locustfile before they are no load at all.
    `empty`: share of the started arrivals that may end without having sent any request.
    `unreported`: share of the requests sent that Locust may never report, and of the arrivals started of which neither
        a request nor why there is none may be on record.
    `proof_gap`: longest time within the measured window without an answer that names the commit; staging is asked
        every few seconds, so this is several answers in a row.
    `coverage`: share of the planned readings of a probe that must exist.
    `edge`: longest silence of a probe as a share of the window, or three intervals where that is longer; less in a
        window of few readings, see `bot.core.series`.
    """

    unmeasured: float = 1.0
    unmeasured_share: float = 0.01
    rounding: float = 0.005
    sent: float = 0.995
    lateness: float = 0.010
    lateness_share: float = 0.05
    lateness_known: float = 0.995
    task_errors: float = 0.01
    empty: float = 0.01
    unreported: float = 0.01
    proof_gap: float = 15.0
    coverage: float = 0.95
    edge: float = 0.05

    def least_measured(self, duration: float) -> float:
        """The fewest seconds of a planned duration that are the whole of it."""
        return duration - max(self.rounding, min(self.unmeasured, self.unmeasured_share * duration))


THRESHOLDS: Final = Thresholds()
