"""Which commit staging said it ran (invariant I7): before, during and after, and never another one."""

import math

from bot.core.evidence import DeploymentObservation, ProofPhase, ScenarioEvidence
from bot.core.finding import Finding, invalid, stated
from bot.core.series import gap
from bot.core.text import plain, short
from bot.core.thresholds import THRESHOLDS
from bot.core.verdict import Result
from bot.core.wording import counted, listed


def judge_deployment(evidence: ScenarioEvidence, candidate: str) -> Finding:
    """Whether staging proved to run the candidate throughout; ids compare whole, no abbreviation is believed."""
    answers = _answers(evidence)
    trouble = _foreign(answers, candidate) or _unproved(evidence, answers)
    if trouble:
        return invalid(trouble, len(answers))
    return stated(Result.PASS, _proved(evidence.deployment, candidate), len(answers))


def deployment_refuted(evidence: ScenarioEvidence, candidate: str) -> bool:
    """Whether staging named another commit, or named none when it was asked before the load."""
    if _foreign(_answers(evidence), candidate):
        return True
    before = [seen for seen in evidence.deployment if seen.phase is ProofPhase.BEFORE]
    return bool(before) and all(seen.sha is None for seen in before)


def names(sha: str, candidate: str) -> bool:
    """Whether an answer is the candidate's full id."""
    return bool(sha.strip()) and sha.strip().lower() == candidate.strip().lower()


def _answers(evidence: ScenarioEvidence) -> tuple[DeploymentObservation, ...]:
    return tuple(seen for seen in evidence.deployment if seen.sha is not None)


def _foreign(answers: tuple[DeploymentObservation, ...], candidate: str) -> str | None:
    others = tuple(
        dict.fromkeys(seen.sha for seen in answers if seen.sha is not None and not names(seen.sha, candidate))
    )
    if not others:
        return None
    phases = ", ".join(dict.fromkeys(seen.phase.value for seen in answers if seen.sha in others))
    mixed = "both it and " if len(others) < len({seen.sha for seen in answers}) else ""
    ran = f"{mixed}{listed(_shown(sha, candidate) for sha in others)}"
    return f"staging should run {short(candidate)}, but said {phases} the load that it ran {ran}"


def _shown(sha: str, candidate: str) -> str:
    """As many digits as the candidate is shown with; all of an id that is only the beginning of the candidate's."""
    return sha if candidate.startswith(sha) else short(sha)


def _unproved(evidence: ScenarioEvidence, answers: tuple[DeploymentObservation, ...]) -> str | None:
    for phase in ProofPhase:
        if not any(seen.phase is phase for seen in answers):
            return (
                f"nothing proves which commit staging ran {phase.value} the load ({_why(evidence.deployment, phase)})"
            )
    times = sorted(seen.at for seen in answers if seen.phase is ProofPhase.DURING and 0 <= seen.at <= evidence.measured)
    silent = gap(times, evidence.measured, THRESHOLDS.proof_gap)
    if silent or not times:
        start, end = silent or (0.0, evidence.measured)
        return (
            f"staging did not say which commit it ran from {_whole(start)} to {_whole(end)} of the measured time "
            f"({_why(evidence.deployment, ProofPhase.DURING)})"
        )
    return None


def _why(observations: tuple[DeploymentObservation, ...], phase: ProofPhase) -> str:
    errors = [seen.error for seen in observations if seen.phase is phase and seen.sha is None]
    return f"no answer: {plain(errors[-1]) or 'unknown error'}" if errors else "it was not asked"


def _proved(observations: tuple[DeploymentObservation, ...], candidate: str) -> str:
    missed = sum(seen.sha is None for seen in observations)
    unanswered = f"; {counted(missed, 'question')} went unanswered" if missed else ""
    said = counted(len(observations) - missed, "answer")
    return f"staging ran {short(candidate)} before, during and after the load ({said}{unanswered})"


def _whole(time: float) -> str:
    return f"{time:.0f} s" if math.isfinite(time) else "an unknown moment"
