"""Asking staging which commit it runs: before, during and after every scenario (invariant I7)."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from bot.adapters.http import Answer, Failure, get
from bot.adapters.ndjson import ObservationLog
from bot.adapters.ticker import Ticker, stop
from bot.core import jsondoc
from bot.core.evidence import DeploymentObservation, ProofPhase
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.quoting import quote

_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SOME_ID: Final = re.compile(r"[0-9a-f]{4,63}")
_LARGEST_ANSWER: Final = 64 * 1024
_OK: Final = 200
_LONGEST_VALUE: Final = 100

# Each ask makes a connection of its own, so that several replicas behind one address are all likely to be seen.
_ASKS_AT_THE_ENDS: Final = 3
_ASKS_DURING: Final = 2


@dataclass(frozen=True, slots=True)
class Deployed:
    """One answer: the full commit id in lower case, or None and a harmless sentence that says why."""

    sha: str | None
    error: str


class StagingObserver:
    """Records the commits that `version_url` (joined to `url`) names at the dotted path `version_key` of its JSON.

    `interval` is the seconds between asks during a scenario, `timeout` the deadline of one ask.
    """

    def __init__(
        self, url: str, version_url: str, version_key: str, interval: float = 3.0, timeout: float = 5.0
    ) -> None:
        self._address = urljoin(url, version_url)
        self._key = version_key
        self._interval = interval
        self._timeout = timeout

    def check(self, candidate_sha: str) -> DeploymentObservation:
        """Ask now, before any load: `sha` is the candidate's only when every answer named it.

        Otherwise `sha` is the one other commit that was named, or None with the error or the mixture that was seen.
        `at` is 0: there is no measured window yet.
        """
        answers = self._ask(_ASKS_AT_THE_ENDS)
        verdict = next((answer for answer in answers if answer.sha is None), answers[0])
        if verdict.sha is not None and len(answers) > 1:
            named = ", ".join(answer.sha[:12] for answer in answers if answer.sha)
            expected = f"; {candidate_sha[:12]} was expected"
            verdict = Deployed(None, f"staging named different commits within one moment: {named}{expected}")
        return DeploymentObservation(0.0, ProofPhase.BEFORE, verdict.sha, verdict.error)

    @contextmanager
    def observe(
        self,
        plan: LoadPlan,
        scenario: ScenarioPlan,
        candidate_sha: str,  # noqa: ARG002 - what was seen is recorded; holding it against the candidate is judging
        ndjson: Path,
    ) -> Iterator[None]:
        """Append `deployed` lines to `ndjson`: at the start, every few seconds, and when the block ends well.

        Each different answer of one moment is a line of its own. Nothing is asked where the plan has no proof.
        """
        if not plan.proof:
            yield
            return
        log = ObservationLog(ndjson)
        during = ObservationLog(ndjson)
        self._record(log, ProofPhase.BEFORE, _ASKS_AT_THE_ENDS)
        every = _interval(self._interval, scenario)
        ticker = Ticker(
            "staging-proof",
            lambda: self._record(during, ProofPhase.DURING, _ASKS_DURING),
            interval=every,
            first_in=every,
        )
        try:
            yield
        finally:
            stop([ticker])
            during.close()
        self._record(log, ProofPhase.AFTER, _ASKS_AT_THE_ENDS)

    def _record(self, log: ObservationLog, phase: ProofPhase, asks: int) -> None:
        for answer in self._ask(asks):
            line = {"kind": "deployed", "t": time.time(), "phase": phase.value, "sha": answer.sha}
            log.append(line | {"error": answer.error})

    def _ask(self, asks: int) -> tuple[Deployed, ...]:
        """The different answers of up to so many asks; the first ask without an answer is the last one."""
        seen: dict[Deployed, None] = {}
        for _ in range(asks):
            answer = self._ask_once()
            seen[answer] = None
            if answer.sha is None:
                break
        return tuple(seen)

    def _ask_once(self) -> Deployed:
        match get(self._address, deadline=self._timeout, max_bytes=_LARGEST_ANSWER, accept="application/json"):
            case Failure(text):
                return Deployed(None, text)
            case Answer(status) if status != _OK:
                return Deployed(None, f"the version page answers with status {status}")
            case Answer(_, _, body):
                return _commit_named(body, self._key)


def _interval(interval: float, scenario: ScenarioPlan) -> float:
    """Short scenarios are asked during their run as well."""
    return min(interval, max((scenario.warmup + scenario.duration) / 3, 0.2))


def _commit_named(body: bytes, key: str) -> Deployed:
    try:
        value = jsondoc.pick(jsondoc.load(body), key)
    except ValueError as error:
        return Deployed(None, str(error))
    if not isinstance(value, str):
        return Deployed(None, f"the value at {key} is no text")
    named = value.strip().lower() if len(value) <= _LONGEST_VALUE else value
    if _FULL_ID.fullmatch(named):
        return Deployed(named, "")
    if _SOME_ID.fullmatch(named):
        return Deployed(None, f"the commit id at {key} is not a full one: {named}")
    return Deployed(None, f"the value at {key} is no commit id: {quote(value)}")
