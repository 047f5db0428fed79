"""GitHub's words against moving refs, as outcomes: texts that were seen, and whatever else may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github.failures import rejected
from bot.adapters.github.refusals import detail_of, outcome_of, takes_no_tag
from bot.core.promotion import PushOutcome, RefUpdate

OLD, NEW = "b" * 40, "a" * 40
MAIN, TAG, LEDGER = "refs/heads/main", "refs/tags/release/20261121-020000", "refs/notes/promotions"
ALL = (RefUpdate(MAIN, OLD, NEW), RefUpdate(TAG, None, "c" * 40), RefUpdate(LEDGER, OLD, "d" * 40))
ONE = (RefUpdate("refs/heads/staging", OLD, NEW),)
EXPECTED = 'Expected {} to point to "' + OLD + '" but it did not.'
CHECK = 'Required status check "promote/slo" is expected.'
PROTECTION = "BRANCH_PROTECTION_RULE_VIOLATION"
RULES = "Repository rule violations found\n\n"


def no(message, kind="UNPROCESSABLE", status=200):
    if status == 200:
        error = {"message": message, "path": ["updateRefs"]} | ({"type": kind} if kind else {})
        return rejected(200, {}, {"data": {"updateRefs": None}, "errors": [error]})
    return rejected(status, {}, {"message": message})


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (no(EXPECTED.format(MAIN), "STALE_DATA"), PushOutcome.TARGET_MOVED),
        (no(EXPECTED.format(LEDGER), "STALE_DATA"), PushOutcome.LEDGER_MOVED),
        (no(EXPECTED.format(TAG), "STALE_DATA"), PushOutcome.TAG_EXISTS),
        (no(EXPECTED.format("branch"), "STALE_DATA"), PushOutcome.UNKNOWN),
        (no(f'A ref named "{TAG}" already exists in the repository.'), PushOutcome.TAG_EXISTS),
        (no(f"{MAIN} is not a fast forward"), PushOutcome.TARGET_MOVED),
        (no("refs/heads/mainline is not a fast forward"), PushOutcome.UNKNOWN),
        (no("protected branch 'main' check failed:\n  " + CHECK, PROTECTION), PushOutcome.PROTECTED),
        (no(CHECK, PROTECTION), PushOutcome.PROTECTED),
        (no(f"Protected branch update failed for {MAIN}.\n\n• {CHECK}"), PushOutcome.PROTECTED),
        (no(f"Protected branch update failed for {MAIN}.\n\n• {CHECK}\n• Cannot force-push"), PushOutcome.POLICY),
        (
            no("protected branch 'main' check failed:\n  At least 1 approving review is required by reviewers."),
            PushOutcome.POLICY,
        ),
        (no("protected branch 'main' check failed", PROTECTION), PushOutcome.POLICY),
        (no(f"{RULES}Changes must be made through a pull request.\n\n"), PushOutcome.POLICY),
        # As with git: the ruleset's own words never say that waiting is all there is to do.
        (no(f"{RULES}{CHECK}\n\n"), PushOutcome.POLICY),
        (no("refusing to allow an OAuth App to update a workflow without `workflow` scope"), PushOutcome.POLICY),
        (no("Repository was archived so is read-only.", status=403), PushOutcome.POLICY),
        (no("Resource not accessible by integration", "FORBIDDEN"), PushOutcome.REJECTED),
        (no("Resource not accessible by personal access token", status=403), PushOutcome.REJECTED),
        (no("Not Found", status=404), PushOutcome.REJECTED),
        (no("Could not resolve to a node with the global id of 'R_x'.", "NOT_FOUND"), PushOutcome.REJECTED),
        (no("Reference cannot be updated"), PushOutcome.LOCKED),
        (no("Reference cannot be updated", status=422), PushOutcome.LOCKED),
        (no("Something that was never heard of"), PushOutcome.REJECTED),
        (no("Something that was never heard of", kind=""), PushOutcome.UNKNOWN),
    ],
)
def test_every_refusal_has_its_outcome(said, outcome):
    assert outcome_of(said, ALL) is outcome


@pytest.mark.parametrize("message", ["Update is not a fast forward", "Reference already exists"])
def test_where_one_ref_is_meant_its_name_may_be_lacking(message):
    assert outcome_of(no(message), ONE) is PushOutcome.TARGET_MOVED


def test_that_only_commits_are_taken_is_told_from_every_other_no():
    assert takes_no_tag(no("Invalid object type tag, expected commit"))
    assert not takes_no_tag(no("Invalid object type blob, expected commit"))
    assert not takes_no_tag(no(EXPECTED.format(TAG), "STALE_DATA"))


@given(st.text(max_size=300), st.sampled_from(["", "STALE_DATA", "FORBIDDEN", "X"]), st.sampled_from([200, 403, 422]))
def test_no_words_whatsoever_are_a_success_or_get_out_unharmed(message, kind, status):
    said = no(message, kind, status)

    assert outcome_of(said, ALL) not in (PushOutcome.LANDED, PushOutcome.UNFIT)
    assert detail_of(said).isprintable()
    assert len(detail_of(said)) <= 600


def test_the_words_come_on_one_line_without_controls_or_secrets():
    said = no("\x1b[31mdenied\x07 see https://u:secret@h/x\n\n\u202eevil")

    assert detail_of(said) == "denied see https://***@h/x; evil"


def test_endless_words_are_cut():
    assert len(detail_of(no("no\n" * 100_000))) <= 600
