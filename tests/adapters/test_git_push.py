"""What git says about a push, read from real outputs of git 2.39."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.git_exchange import Completed
from bot.adapters.git_push import parse_push
from bot.core.promotion import PushOutcome, RefUpdate

SHA, TAG, LEDGER = "a" * 40, "c" * 40, "d" * 40
MAIN_REF, TAG_REF, LEDGER_REF = "refs/heads/main", "refs/tags/release/20261121-020000", "refs/notes/promotions"
UPDATES = (RefUpdate(MAIN_REF, "b" * 40, SHA), RefUpdate(TAG_REF, None, TAG), RefUpdate(LEDGER_REF, None, LEDGER))
END = "error: failed to push some refs to '/srv/shop.git'\n"


def said(code, main, tag, ledger, err=""):
    """The output of one push, from (flag, summary) of each ref."""
    parts = ((main, SHA, MAIN_REF), (ledger, LEDGER, LEDGER_REF), (tag, TAG, TAG_REF))
    lines = "".join(f"{flag}\t{sha}:{ref}\t{summary}\n" for (flag, summary), sha, ref in parts)
    return Completed(code, f"To /srv/shop.git\n{lines}Done\n".encode(), err)


FAILED = ("!", "[rejected] (atomic push failed)")
STALE = ("!", "[rejected] (stale info)")
TRANSACTION = ("!", "[remote rejected] (atomic transaction failed)")
UNPACKER = ("!", "[remote rejected] (unpacker error)")
HOOK = ("!", "[remote rejected] (pre-receive hook declined)")
SAME = ("=", "[up to date]")


def lost(ref, how):
    return f"remote: error: cannot lock ref '{ref}': {how}        \n{END}"


def in_the_way(there, wanted):
    return f"'{there}' exists; cannot create '{wanted}'"


def test_a_fast_forward_with_a_new_tag_and_a_new_ledger_has_landed():
    report = parse_push(said(0, (" ", "bbbbbbb..aaaaaaa"), ("*", "[new tag]"), ("*", "[new reference]")), UPDATES)

    assert report.outcome is PushOutcome.LANDED
    assert {(line.ref, line.flag) for line in report.refs} == {(MAIN_REF, " "), (TAG_REF, "*"), (LEDGER_REF, "*")}
    assert report.detail == ""


FORCED = ("+", "bbbbbbb...aaaaaaa (forced update)")
BACK = frozenset({MAIN_REF})


def test_a_branch_that_was_to_go_back_and_did_has_landed():
    report = parse_push(said(0, FORCED, SAME, (" ", "1111111..ddddddd")), UPDATES, BACK)
    assert (report.outcome, report.detail) == (PushOutcome.LANDED, "")
    assert parse_push(said(0, SAME, SAME, SAME), UPDATES, BACK).outcome is PushOutcome.LANDED


@pytest.mark.parametrize("back", [frozenset(), frozenset({TAG_REF}), frozenset({"refs/heads/mai"})])
def test_a_branch_that_was_forced_although_it_was_to_go_forward_is_never_good_and_is_told(back):
    report = parse_push(said(0, FORCED, SAME, SAME), UPDATES, back)
    assert report.outcome is PushOutcome.UNKNOWN
    assert report.detail == f"it forced {MAIN_REF}, which was to go forward"


@pytest.mark.parametrize("flag", [" ", "*", "-", "!"])
def test_a_branch_that_was_to_go_back_and_went_elsewhere_is_not_good(flag):
    assert parse_push(said(0, (flag, "x"), SAME, SAME), UPDATES, BACK).outcome is PushOutcome.UNKNOWN


def test_the_same_push_again_has_landed():
    assert parse_push(said(0, SAME, SAME, SAME), UPDATES).outcome is PushOutcome.LANDED


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        (said(1, STALE, FAILED, FAILED, END), PushOutcome.TARGET_MOVED),
        (said(1, FAILED, STALE, FAILED, END), PushOutcome.TAG_EXISTS),
        (said(1, FAILED, ("!", "[rejected] (already exists)"), FAILED, END), PushOutcome.TAG_EXISTS),
        (said(1, FAILED, FAILED, STALE, END), PushOutcome.LEDGER_MOVED),
        (said(1, SAME, FAILED, STALE, END), PushOutcome.LEDGER_MOVED),
        (said(1, STALE, STALE, STALE, END), PushOutcome.TARGET_MOVED),
        (said(1, ("!", "[rejected] (non-fast-forward)"), FAILED, FAILED, END), PushOutcome.TARGET_MOVED),
        (said(1, HOOK, HOOK, HOOK, END), PushOutcome.REJECTED),
        (
            said(1, TRANSACTION, TRANSACTION, TRANSACTION, lost(MAIN_REF, f"is at {SHA} but expected {'b' * 40}")),
            PushOutcome.TARGET_MOVED,
        ),
        (
            said(1, TRANSACTION, TRANSACTION, TRANSACTION, lost(TAG_REF, "reference already exists")),
            PushOutcome.TAG_EXISTS,
        ),
        (
            said(
                1,
                TRANSACTION,
                TRANSACTION,
                TRANSACTION,
                lost(MAIN_REF, "Unable to create '/x.lock': File exists."),
            ),
            PushOutcome.LOCKED,
        ),
        (
            said(
                1,
                TRANSACTION,
                TRANSACTION,
                TRANSACTION,
                lost(MAIN_REF, "Unable to create '/x.lock': Read-only file system"),
            ),
            PushOutcome.SERVER_FAILED,
        ),
        (
            said(1, TRANSACTION, TRANSACTION, TRANSACTION, lost(TAG_REF, in_the_way("refs/tags/release", TAG_REF))),
            PushOutcome.REJECTED,
        ),
        (
            said(1, *[TRANSACTION] * 3, lost(LEDGER_REF, in_the_way(f"{LEDGER_REF}/x", LEDGER_REF))),
            PushOutcome.REJECTED,
        ),
        (said(1, *[TRANSACTION] * 3, lost(TAG_REF, in_the_way("refs/tags/a", "refs/tags/a/b"))), PushOutcome.UNKNOWN),
        (
            said(1, UNPACKER, UNPACKER, UNPACKER, "remote: fatal: write error: No space left on device\n" + END),
            PushOutcome.SERVER_FAILED,
        ),
        (
            said(1, UNPACKER, UNPACKER, UNPACKER, "remote: fatal: fsck error in packed object\n" + END),
            PushOutcome.POLICY,
        ),
        (
            said(1, UNPACKER, UNPACKER, UNPACKER, "remote: fatal: pack exceeds maximum allowed size (1.00 MiB)\n"),
            PushOutcome.POLICY,
        ),
        (said(1, TRANSACTION, TRANSACTION, TRANSACTION, END), PushOutcome.UNKNOWN),
        (said(1, *[("!", "[remote failure] (remote failed to report status)")] * 3, END), PushOutcome.UNKNOWN),
        (said(1, *[("!", "[remote rejected] (Internal Server Error)")] * 3, END), PushOutcome.UNKNOWN),
        (said(1, *[("!", "[remote rejected] (fatal error in commit_refs)")] * 3, END), PushOutcome.UNKNOWN),
        (Completed(128, b"", "fatal: the receiving end does not support --atomic push\n"), PushOutcome.NO_ATOMIC),
        (Completed(128, b"", "fatal: the remote end hung up unexpectedly\n"), PushOutcome.UNKNOWN),
        (Completed(-9, b"", ""), PushOutcome.UNKNOWN),
        (
            Completed(128, b"", "fatal: unable to access 'https://h/x/': The requested URL returned error: 403\n"),
            PushOutcome.REJECTED,
        ),
        (Completed(128, b"", "remote: Permission to acme/shop.git denied to bot.\n"), PushOutcome.REJECTED),
        (
            Completed(128, b"", "ERROR: The key you are authenticating with has been marked as read only.\n"),
            PushOutcome.REJECTED,
        ),
        (Completed(128, b"", "fatal: Authentication failed for 'https://h/x/'\n"), PushOutcome.UNAUTHENTICATED),
        (Completed(128, b"", "git@h: Permission denied (publickey).\n"), PushOutcome.UNAUTHENTICATED),
        (
            Completed(128, b"", "fatal: could not read Username for 'https://h': terminal prompts disabled\n"),
            PushOutcome.UNAUTHENTICATED,
        ),
        (
            Completed(128, b"", "remote: This repository was archived so it is read-only.\nreturned error: 403\n"),
            PushOutcome.POLICY,
        ),
    ],
)
def test_every_way_to_fail_has_its_outcome(ended, outcome):
    assert parse_push(ended, UPDATES).outcome is outcome


def test_a_hook_that_talks_of_atomic_pushes_is_a_rejection_not_a_missing_capability():
    err = "remote: fatal: the receiving end does not support --atomic push on Fridays\n" + END

    assert parse_push(said(1, HOOK, HOOK, HOOK, err), UPDATES).outcome is PushOutcome.REJECTED


@pytest.mark.parametrize("lacking", range(3))
def test_success_without_a_line_for_every_ref_is_unknown(lacking):
    report = parse_push(said(0, SAME, SAME, SAME), UPDATES)
    lines = [f"=\t{SHA}:{line.ref}\tx\n" for number, line in enumerate(report.refs) if number != lacking]

    assert parse_push(Completed(0, "".join(lines).encode(), ""), UPDATES).outcome is PushOutcome.UNKNOWN


@pytest.mark.parametrize("flag", ["+", "-", "!", "?"])
def test_success_with_a_forced_deleted_or_refused_ref_is_unknown(flag):
    assert parse_push(said(0, (flag, "x"), SAME, SAME), UPDATES).outcome is PushOutcome.UNKNOWN


@given(st.integers(-15, 255).filter(bool), st.binary(max_size=300), st.text(max_size=300))
def test_no_output_whatsoever_of_a_failed_push_is_a_success(code, out, err):
    report = parse_push(Completed(code, out, err), UPDATES)

    assert report.outcome is not PushOutcome.LANDED
    assert report.detail.isprintable()


def test_the_servers_words_come_first_on_one_line_without_controls_or_secrets():
    err = "remote: \x1b[31mdenied\x07 see https://u:secret@h/x        \nremote: \u202eevil\n" + END

    detail = parse_push(said(1, HOOK, HOOK, HOOK, err), UPDATES).detail

    assert detail.startswith("denied see https://***@h/x; evil; refs/heads/main: [remote rejected]")
    assert detail.isprintable()


def test_endless_words_are_cut():
    err = "remote: no\n" * 100_000

    assert len(parse_push(said(1, HOOK, HOOK, HOOK, err), UPDATES).detail) <= 600


PROTECTED = ("!", "[remote rejected] (protected branch hook declined)")
GH006 = f"remote: error: GH006: Protected branch update failed for {MAIN_REF}.        \n"


def declined(*complaints, intro=GH006, line=PROTECTED):
    """A push to GitHub that its protection declines, in its words."""
    told = "".join(f"remote: {complaint}        \n" for complaint in complaints)
    noise = "remote: Resolving deltas: 100% (3/3), completed with 3 local objects.        \n"
    return parse_push(said(1, line, TRANSACTION, TRANSACTION, noise + intro + told + END), UPDATES).outcome


@pytest.mark.parametrize(
    "complaints",
    [
        ['error: Required status check "promote/slo" is expected.'],
        ["error: 4 of 6 required status checks are expected."],
        ["", '- Required status check "Lint PR title" is expected.'],
        ["", "- 2 of 2 required status checks are pending.", ""],
        ['error: Required status check "fix failing pull request" is in progress.'],
        ["error: 2 of 2 required status checks have not succeeded: 1 expected."],
    ],
)
def test_a_protection_that_only_waits_for_checks_is_worth_waiting_for(complaints):
    assert declined(*complaints) is PushOutcome.PROTECTED


@pytest.mark.parametrize(
    "complaints",
    [
        [],
        ["error: Changes must be made through a pull request."],
        ["", "- Changes must be made through a pull request.", "", "- 4 of 4 required status checks are expected."],
        ['error: Changes must be made through a pull request. Required status check "Build" is expected.'],
        ['error: Required status check "test" is failing.'],
        ["error: 2 of 3 required status checks have not succeeded: 1 expected, and 1 failing."],
        ["error: At least 1 approving review is required by reviewers with write access."],
        ["error: This branch must not contain merge commits."],
        ["error: You're not authorized to push to this branch. Visit https://docs.github.com/x for more information."],
        ["error: Cannot force-push to this branch"],
        ["error: Commits must have verified signatures."],
    ],
)
def test_any_other_rule_of_a_protected_branch_stops_at_once(complaints):
    assert declined(*complaints) is PushOutcome.POLICY


RULES = "remote: error: GH013: Repository rule violations found for refs/heads/main.\n"
RULED = ("!", "[remote rejected] (push declined due to repository rule violations)")


def test_a_ruleset_is_never_waited_for():
    outcome = declined("- 12 of 12 required status checks are expected.", intro=RULES, line=RULED)

    assert outcome is PushOutcome.POLICY


def test_a_ruleset_beside_a_protection_that_waits_is_not_waited_for_either():
    assert declined("error: 1 of 1 required status checks are expected.", intro=RULES + GH006) is PushOutcome.POLICY


def test_a_missing_permission_for_workflows_is_told_in_githubs_words():
    words = "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows`"
    line = ("!", f"[remote rejected] ({words} permission)")

    report = parse_push(said(1, line, TRANSACTION, TRANSACTION, END), UPDATES)

    assert report.outcome is PushOutcome.POLICY
    assert words in report.detail
