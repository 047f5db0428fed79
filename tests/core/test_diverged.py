"""The diverged state: it begins with a release to the target alone, and ends when the source has it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.candidate import BranchFacts, Commit
from bot.core.diverged import diverged, diverged_sentence
from bot.core.gate import examine
from bot.core.promotion import LedgerEntry
from bot.core.reasons import Exit, Reason
from bot.core.record import RunKind

IDS = [sign * 40 for sign in "0123456789"]
ENTRY = LedgerEntry(
    1, "hotfix", "run-1", IDS[0], IDS[9], "release/20261121-020000", "skipped", "", "ada", "2026-11-21T02:00:00Z"
)
FACTS = BranchFacts("staging", "main", "a" * 40, IDS[0], target_is_ancestor=False, only_on_target=(), incomplete=())


def commit(sha):
    return Commit(sha, (), "Ada", "ada@example.com", 0, 0, "fix: it", "")


ENTRIES = st.builds(
    lambda sha, kind, minute: replace(ENTRY, sha=sha, kind=kind, at=f"2026-11-21T02:{minute:02}:00Z"),
    st.sampled_from(IDS), st.sampled_from([kind.value for kind in RunKind]), st.integers(0, 59),
)  # fmt: skip


@given(st.lists(ENTRIES, max_size=6), st.sets(st.sampled_from(IDS)), st.sampled_from(IDS), st.booleans())
def test_it_is_a_hotfix_or_rollback_that_the_target_has_and_the_source_lacks(entries, alone, target, is_ancestor):
    facts = replace(
        FACTS, target_sha=target, only_on_target=tuple(map(commit, sorted(alone))), target_is_ancestor=is_ancestor
    )
    expected = [entry for entry in entries if entry.kind in ("hotfix", "rollback") and entry.sha in alone | {target}]
    found = diverged(facts, entries)
    if is_ancestor or not expected:
        assert found is None
    else:
        assert found in expected
        assert found.at == max(entry.at for entry in expected)


@given(st.lists(ENTRIES, max_size=4))
def test_the_gate_refuses_in_either_case_and_names_the_right_remedy(entries):
    facts = replace(FACTS, only_on_target=(commit(IDS[0]),))
    refusal = examine(facts, entries)
    is_ours = diverged(facts, entries) is not None
    assert refusal.reason is (Reason.DIVERGED if is_ours else Reason.NOT_FAST_FORWARD)
    assert refusal.commits == (IDS[0],)


def test_without_the_ledger_it_is_an_ordinary_refusal():
    assert examine(FACTS).reason is Reason.NOT_FAST_FORWARD


def test_the_reason_ends_in_refused_and_says_what_to_do():
    assert (Reason.DIVERGED.code, Reason.DIVERGED.exit) == ("diverged", Exit.REFUSED)
    assert "promote backport" in Reason.DIVERGED.action


def test_the_sentence_names_the_release_by_whom_and_when():
    assert diverged_sentence(FACTS, ENTRY) == (
        "main and staging have diverged: staging lacks the hotfix release/20261121-020000 "
        "(000000000000, by ada at 2026-11-21T02:00:00Z)."
    )


@pytest.mark.parametrize("change", [{"tag": ""}, {"actor": "\x1b[31mada"}, {"at": "\u202enow"}, {"tag": "\x07"}])
def test_the_sentence_is_harmless_whatever_the_ledger_holds(change):
    assert diverged_sentence(FACTS, replace(ENTRY, **change)).isprintable()


@pytest.mark.parametrize("incomplete", [("shallow",), ("grafts",)])
def test_an_incomplete_history_proves_no_divergence(incomplete):
    assert examine(replace(FACTS, incomplete=incomplete), [ENTRY]).reason is Reason.HISTORY_INCOMPLETE
