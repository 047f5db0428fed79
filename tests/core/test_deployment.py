from dataclasses import replace

import pytest
from support.evidence import CANDIDATE, OTHER, load, load_plan, proof

from bot.core.deployment import deployment_refuted, judge_deployment, names
from bot.core.evidence import DeploymentObservation, ProofPhase
from bot.core.verdict import Result


def judged(observations, duration=120.0):
    return judge_deployment(load(load_plan(duration=duration), deployment=tuple(observations)), CANDIDATE)


def during(at, sha=CANDIDATE, error=""):
    return DeploymentObservation(at, ProofPhase.DURING, sha, error)


def test_the_same_answer_throughout_is_proof():
    finding = judged(proof())
    assert finding.result is Result.PASS
    assert finding.bounds.samples == 26
    assert finding.words.startswith(f"staging ran {CANDIDATE[:12]} before")


@pytest.mark.parametrize("phase", list(ProofPhase))
def test_each_phase_must_be_proved(phase):
    finding = judged(seen for seen in proof() if seen.phase is not phase)
    assert finding.result is Result.INVALID
    assert phase.value in finding.words


@pytest.mark.parametrize("phase", list(ProofPhase))
def test_an_error_is_no_answer_and_is_told(phase):
    silenced = (
        replace(seen, sha=None, error="connection refused") if seen.phase is phase else seen for seen in proof()
    )
    finding = judged(silenced)
    assert finding.result is Result.INVALID
    assert "connection refused" in finding.words


@pytest.mark.parametrize("phase", list(ProofPhase))
def test_one_other_commit_at_any_time_is_invalid(phase):
    observations = list(proof())
    index = next(i for i, seen in enumerate(observations) if seen.phase is phase)
    observations[index] = replace(observations[index], sha=OTHER)
    finding = judged(observations)
    assert finding.result is Result.INVALID
    assert OTHER[:12] in finding.words
    assert OTHER not in finding.words
    assert "both it and" in finding.words


def test_only_another_commit_is_not_called_mixed():
    finding = judged(proof(sha=OTHER))
    assert finding.result is Result.INVALID
    assert "both" not in finding.words


def test_single_unanswered_questions_are_told_but_no_gap():
    finding = judged((*proof(), during(33.0, None, "timed out")))
    assert finding.result is Result.PASS
    assert "1 question went unanswered" in finding.words


@pytest.mark.parametrize(("missing", "result"), [((40, 50), Result.PASS), ((40, 56), Result.INVALID)])
def test_no_gap_may_exceed_fifteen_seconds(missing, result):
    kept = (seen for seen in proof() if seen.phase is not ProofPhase.DURING or not missing[0] < seen.at < missing[1])
    assert judged(kept).result is result


@pytest.mark.parametrize("edge", [(0, 16), (104, 120)])
def test_the_edges_of_the_window_are_gaps_too(edge):
    kept = (seen for seen in proof() if seen.phase is not ProofPhase.DURING or not edge[0] < seen.at < edge[1])
    assert judged(kept).result is Result.INVALID


def test_answers_in_the_warm_up_prove_nothing_about_the_window():
    outside = [seen if seen.phase is not ProofPhase.DURING else replace(seen, at=-1.0) for seen in proof(12.0)]
    assert judged(outside, duration=12.0).result is Result.INVALID


def test_a_short_scenario_needs_one_answer_during_it():
    before, *_, after = proof(8.0)
    assert judged((before, during(4.0), after), duration=8.0).result is Result.PASS
    assert judged((before, after), duration=8.0).result is Result.INVALID


@pytest.mark.parametrize(
    ("observations", "refuted"),
    [
        (proof(), False),
        ((), False),
        (proof()[:1], False),
        ((*proof()[:1], during(3.0, None, "timed out")), False),
        ((replace(proof()[0], sha=None), proof()[0]), False),
        ((replace(proof()[0], sha=None, error="connection refused"),), True),
        ((*proof()[:1], during(3.0, OTHER)), True),
    ],
)
def test_a_deployment_is_refuted_by_another_commit_or_by_silence_before_the_load(observations, refuted):
    assert deployment_refuted(load(deployment=observations), CANDIDATE) is refuted


@pytest.mark.parametrize("digits", [7, 12, 39])
def test_an_abbreviated_id_proves_nothing(digits):
    finding = judged(proof(sha=CANDIDATE[:digits]))
    assert finding.result is Result.INVALID
    assert CANDIDATE[:digits] in finding.words


@pytest.mark.parametrize(
    ("sha", "same"),
    [
        (CANDIDATE, True),
        (CANDIDATE.upper(), True),
        (f" {CANDIDATE}\n", True),
        (CANDIDATE[:39], False),
        (CANDIDATE[:7], False),
        (CANDIDATE[1:8], False),
        (CANDIDATE + "0", False),
        (CANDIDATE + "-dirty", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_which_answers_name_the_candidate(sha, same):
    assert names(sha, CANDIDATE) is same


def test_an_empty_candidate_is_named_by_nothing():
    assert not names("", "")
    assert not names(CANDIDATE, "")


def test_a_hostile_answer_cannot_write_to_the_terminal():
    finding = judged(proof(sha="\x1b]0;pwned\x07" + "A" * 9000))
    assert "\x1b" not in finding.words
    assert len(finding.words) < 300
