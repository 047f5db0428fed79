"""Stopping the line and starting it again: told to every bot, read back, and never twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from support.fakes import Instead, Killed, broken, in_turn, unanswered
from support.gitrepos import make_remote
from support.nights import FakeClock
from support.promotions import open_repository
from support.stopping import clear, desk, freeze, quarantine, told, unfreeze, wish

from bot.adapters.lock import FileLock
from bot.core.audit import next_sighting
from bot.core.control import Control, ControlKind
from bot.core.controlling import Change
from bot.core.ledgerlog import read_steps
from bot.core.promotion import PushOutcome, PushReport
from bot.core.reasons import Exit, Reason
from bot.errors import BotError
from bot.flows.control import control
from bot.flows.request import Effect

LEDGER = "refs/notes/promotions"
AT = "2026-11-21T02:00:30Z"


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


def branches(remote):
    return {ref: sha for ref, sha in remote.refs().items() if ref != LEDGER}


def test_a_freeze_is_one_commit_of_the_ledger_and_moves_nothing_else(remote, tmp_path):
    before = branches(remote)

    done = freeze(tmp_path / "bob", remote, until="2026-11-24T00:00:00Z")

    event = Control(ControlKind.FREEZE, AT, "bob", "release weekend", until="2026-11-24T00:00:00Z")
    assert told(remote) == (event,)
    assert done.change.event == done.standing.freeze == event
    (update,) = done.updates
    assert (update.ref, update.expected, update.new) == (LEDGER, None, remote.sha(LEDGER))
    assert branches(remote) == before
    assert remote.git("log", "--format=%s", LEDGER) == "Freeze promotions until 2026-11-24T00:00:00Z"


def test_whoever_freezes_twice_writes_once(remote, tmp_path):
    freeze(tmp_path / "bob", remote)
    once = remote.sha(LEDGER)
    done = freeze(tmp_path / "eve", remote, actor="eve")
    assert (done.change.event, done.change.before.actor) == (None, "bob")
    assert remote.sha(LEDGER) == once


def test_another_reason_replaces_the_freeze_and_tells_which(remote, tmp_path):
    freeze(tmp_path, remote)
    done = freeze(tmp_path, remote, "an audit")
    assert (done.change.before.reason, done.standing.freeze.reason) == ("release weekend", "an audit")
    assert [event.reason for event in told(remote)] == ["release weekend", "an audit"]


def test_a_freeze_is_lifted_once_and_lifting_none_says_so(remote, tmp_path):
    assert unfreeze(tmp_path, remote).change == Change(None)
    assert remote.sha(LEDGER) is None
    freeze(tmp_path, remote)
    done = unfreeze(tmp_path, remote)
    assert (done.change.before.reason, done.standing.freeze) == ("release weekend", None)
    assert unfreeze(tmp_path, remote).change.event is None
    assert [event.kind.value for event in told(remote)] == ["freeze", "unfreeze"]


def test_a_freeze_that_is_over_may_be_set_anew(remote, tmp_path):
    freeze(tmp_path, remote, until="2026-11-21T03:00:00Z")
    later = desk(tmp_path, remote, clock=FakeClock("2026-11-21T03:00:00"))
    assert control(later, wish(ControlKind.UNFREEZE)).change.event is None
    done = control(later, wish(ControlKind.FREEZE, until="2026-11-21T04:00:00Z"))
    assert (done.change.event.until, done.change.before) == ("2026-11-21T04:00:00Z", None)


def test_a_commit_is_named_by_branch_tag_or_id_and_kept_by_its_full_id(remote, tmp_path):
    staging, main = remote.sha("refs/heads/staging"), remote.sha("refs/heads/main")
    assert quarantine(tmp_path, remote, "staging").sha == staging
    assert quarantine(tmp_path, remote, main[:9]).sha == main
    assert [event.sha for event in told(remote)] == [staging, main]
    done = clear(tmp_path, remote, staging[:7])
    assert [event.sha for event in done.standing.quarantined] == [main]


def test_quarantining_twice_writes_once_and_clearing_what_is_not_quarantined_nothing(remote, tmp_path):
    quarantine(tmp_path, remote, "staging")
    assert quarantine(tmp_path, remote, "staging").change.event is None
    assert clear(tmp_path, remote, "main").change.event is None
    assert len(told(remote)) == 1


@pytest.mark.parametrize(
    "name", ["", "gone", "deadbeef", "f" * 40, "--all", "refs/heads/*", "HEAD", "staging^", "\x1b"]
)
def test_what_is_no_commit_of_either_branch_is_wrong_usage(remote, tmp_path, name):
    for kind in (ControlKind.QUARANTINE, ControlKind.CLEAR):
        with pytest.raises(BotError, match="is no commit of staging or main") as caught:
            control(desk(tmp_path, remote), wish(kind, commit=name))
        assert caught.value.reason.exit is Exit.USAGE
        assert caught.value.sentence.isprintable()
    assert told(remote) == ()


def test_a_commit_that_only_some_other_ref_holds_is_none_either(remote, tmp_path):
    stray = remote.commit("feat/x", "feat: not merged")
    remote.tag("release/20261120-020000", stray)
    with pytest.raises(BotError, match="is no commit of staging or main"):
        quarantine(tmp_path, remote, "release/20261120-020000")


def test_a_quarantined_commit_that_left_the_branch_can_still_be_cleared(remote, tmp_path):
    gone = remote.sha("refs/heads/staging")
    quarantine(tmp_path, remote, gone)
    remote.set("refs/heads/staging", remote.sha("refs/heads/main"))
    assert clear(tmp_path / "fresh", remote, gone[:10]).standing.quarantined == ()


def test_a_dry_run_shows_the_exact_update_and_writes_nothing(remote, tmp_path):
    freeze(tmp_path, remote)
    before = remote.refs()
    for kind, more in (
        (ControlKind.FREEZE, {"reason": "another"}),
        (ControlKind.UNFREEZE, {}),
        (ControlKind.QUARANTINE, {"commit": "staging"}),
    ):
        done = control(desk(tmp_path, remote), wish(kind, **more, effect=Effect.DRY_RUN))
        (update,) = done.updates
        assert (update.ref, update.expected, update.new) == (LEDGER, before[LEDGER], "")
        assert done.standing.freeze.reason == "release weekend"
    assert remote.refs() == before


def test_a_push_without_an_answer_is_sent_again(remote, tmp_path):
    real = open_repository(remote, tmp_path)
    push = in_turn(unanswered, real.push)
    control(desk(tmp_path, remote, repository=Instead(real, push=push)), wish(ControlKind.FREEZE))
    assert len(told(remote)) == 1


def test_a_push_whose_answer_was_lost_is_not_sent_again(remote, tmp_path):
    real, sent = open_repository(remote, tmp_path), []

    def lost(*args):
        sent.append(real.push(*args))
        return unanswered()

    done = control(desk(tmp_path, remote, repository=Instead(real, push=lost)), wish(ControlKind.FREEZE))
    assert (len(sent), len(told(remote))) == (1, 1)
    assert done.updates[0].new == remote.sha(LEDGER)


def test_a_lost_answer_is_settled_also_where_the_ledger_moved_on_since(remote, tmp_path):
    real = open_repository(remote, tmp_path / "one")

    def overtaken(*args):
        real.push(*args)
        quarantine(tmp_path / "two", remote, "staging")
        return unanswered()

    control(desk(tmp_path / "one", remote, repository=Instead(real, push=overtaken)), wish(ControlKind.FREEZE))
    assert [event.kind.value for event in told(remote)] == ["freeze", "quarantine"]


def test_a_push_that_never_gets_an_answer_is_an_error_and_asking_again_writes_once(remote, tmp_path):
    lost = Instead(open_repository(remote, tmp_path), push=unanswered)
    with pytest.raises(BotError) as caught:
        control(desk(tmp_path, remote, repository=lost), wish(ControlKind.FREEZE))
    assert (caught.value.reason, caught.value.reason.exit) == (Reason.PUSH_UNKNOWN, Exit.OPERATIONAL)
    assert told(remote) == ()
    freeze(tmp_path, remote)
    assert len(told(remote)) == 1


def test_what_git_calls_done_is_not_believed_until_it_is_seen(remote, tmp_path):
    liar = Instead(open_repository(remote, tmp_path), push=lambda *_args: PushReport(PushOutcome.LANDED, (), ""))
    with pytest.raises(BotError) as caught:
        control(desk(tmp_path, remote, repository=liar), wish(ControlKind.FREEZE))
    assert caught.value.reason is Reason.READ_BACK_FAILED


def test_a_remote_that_cannot_be_read_back_is_no_success(remote, tmp_path):
    blind = Instead(open_repository(remote, tmp_path), read_back=broken())
    with pytest.raises(BotError, match="could not be read back") as caught:
        control(desk(tmp_path, remote, repository=blind), wish(ControlKind.FREEZE))
    assert caught.value.reason is Reason.READ_BACK_FAILED
    assert freeze(tmp_path, remote).change.event is None


def test_a_server_that_refuses_says_so(remote, tmp_path):
    remote.hook("update", 'test "$1" != refs/notes/promotions || { echo "no notes here" >&2; exit 1; }\n')
    with pytest.raises(BotError, match="no notes here") as caught:
        freeze(tmp_path, remote)
    assert (caught.value.reason, told(remote)) == (Reason.PUSH_REJECTED, ())


def test_a_race_that_was_lost_starts_anew_from_the_new_ledger(remote, tmp_path):
    real, others = open_repository(remote, tmp_path / "one"), iter(["a", "b", "c"])

    def beaten(*args):
        for reason in others:
            freeze(tmp_path / "two", remote, reason)
            break
        return real.push(*args)

    done = control(
        desk(tmp_path / "one", remote, repository=Instead(real, push=beaten)), wish(ControlKind.FREEZE, "mine")
    )
    assert [event.reason for event in told(remote)] == ["a", "b", "c", "mine"]
    assert done.change.before.reason == "c"


def test_a_race_that_is_lost_to_the_same_wish_has_nothing_left_to_do(remote, tmp_path):
    real = open_repository(remote, tmp_path / "one")

    def beaten(*args):
        freeze(tmp_path / "two", remote, actor="eve")
        return real.push(*args)

    done = control(desk(tmp_path / "one", remote, repository=Instead(real, push=beaten)), wish(ControlKind.FREEZE))
    assert (done.change.event, done.standing.freeze.actor) == (None, "eve")
    assert len(told(remote)) == 1


def test_a_branch_is_resolved_once_however_many_races_are_lost(remote, tmp_path):
    real, meant = open_repository(remote, tmp_path / "one"), remote.sha("refs/heads/staging")

    def beaten(*args):
        if len(told(remote)) == 0:
            remote.commit("staging", "feat: pushed meanwhile")
            freeze(tmp_path / "two", remote)
        return real.push(*args)

    other = desk(tmp_path / "one", remote, repository=Instead(real, push=beaten))
    assert control(other, wish(ControlKind.QUARANTINE, commit="staging")).sha == meant
    assert told(remote)[-1].sha == meant


def test_races_are_lost_only_so_often(remote, tmp_path):
    moved = PushReport(PushOutcome.LEDGER_MOVED, (), "stale info")
    always = Instead(open_repository(remote, tmp_path), push=lambda *_args: moved)
    with pytest.raises(BotError, match="nothing of this was written") as caught:
        control(desk(tmp_path, remote, repository=always), wish(ControlKind.FREEZE))
    assert (caught.value.reason, caught.value.action) == (Reason.LEDGER_MOVED, "Run again.")
    assert told(remote) == ()


def test_while_another_one_is_written_here_it_waits_and_no_longer_than_its_patience(remote, tmp_path):
    with FileLock(tmp_path / "control.lock").hold(), pytest.raises(BotError) as caught:
        control(
            desk(tmp_path, remote, lock=FileLock(tmp_path / "control.lock", patience=0.2)), wish(ControlKind.FREEZE)
        )
    assert caught.value.reason is Reason.LOCKED


class Points:
    """Ends the process at one point."""

    def __init__(self, at):
        self._at = at

    def reached(self, name):
        if name == self._at:
            raise Killed


@pytest.mark.parametrize("event", ["fetch", "prepare", "push", "read back"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_wherever_it_is_cut_off_doing_it_again_leaves_it_written_once(remote, tmp_path, side, event):
    with pytest.raises(Killed):
        control(desk(tmp_path, remote, points=Points(f"{side} {event}")), wish(ControlKind.FREEZE))
    assert len(told(remote)) == (1 if f"{side} {event}" in {"after push", "before read back", "after read back"} else 0)
    freeze(tmp_path, remote)
    assert len(told(remote)) == 1


def test_a_ledger_that_cannot_be_understood_is_not_added_to(remote, tmp_path):
    freeze(tmp_path, remote)
    spoilt(remote, b'{"schema": 2, "kind": "thaw"}\n')
    before = remote.sha(LEDGER)
    with pytest.raises(BotError, match="its schema is not 1") as caught:
        unfreeze(tmp_path, remote)
    assert caught.value.reason is Reason.AUDIT_FAILED
    assert remote.sha(LEDGER) == before


def spoilt(remote, content):
    """Somebody puts another control file into the ledger."""
    blob = remote.git("hash-object", "-w", "--stdin", data=content)
    tree = remote.git("mktree", data=f"100644 blob {blob}\tcontrol.ndjson\n".encode())
    commit = remote.git("commit-tree", tree, "-p", remote.sha(LEDGER), "-m", "by hand")
    remote.set(LEDGER, commit)


@pytest.mark.parametrize("folders", ["abcde", "aaaaa"], ids=["five installations", "one installation"])
def test_of_five_freezes_at_once_every_one_lands_exactly_once(remote, tmp_path, folders):
    reasons, together = "12345", Barrier(5)

    def race(folder, reason):
        racer = desk(tmp_path / folder, remote)
        together.wait(30)
        return control(racer, wish(ControlKind.FREEZE, reason)).change.event.reason

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(race, folders, reasons)) == list(reasons)
    assert sorted(event.reason for event in told(remote)) == list(reasons)
    assert len(remote.git("rev-list", LEDGER).splitlines()) == 5


def test_the_events_are_lines_that_any_tool_reads(remote, tmp_path):
    freeze(tmp_path, remote)
    quarantine(tmp_path, remote, "staging")
    lines = remote.git("show", f"{LEDGER}:control.ndjson").splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["freeze", "quarantine"]
    assert remote.git("log", "-1", "--format=%an <%ae>", LEDGER) == "promotion-bot <promotion-bot@localhost>"


# --- a ledger that is not what it was


def seen_by_an_audit(desk):
    desk.repository.fetch()
    facts = desk.repository.auditable()
    trail = facts.trail()
    facts.remember(next_sighting(trail, read_steps(trail.steps), facts.sighting(), facts.rule))


def test_a_ledger_that_was_taken_back_is_not_built_on_until_somebody_accepts_it(remote, tmp_path):
    quarantine(tmp_path / "bob", remote, "staging")
    freeze(tmp_path / "bob", remote)
    bobs = desk(tmp_path / "bob", remote)
    seen_by_an_audit(bobs)
    seen = remote.sha(LEDGER)
    remote.set(LEDGER, remote.git("rev-parse", f"{LEDGER}^"))
    rewound = remote.sha(LEDGER)

    with pytest.raises(BotError) as caught:
        control(bobs, wish(ControlKind.FREEZE))

    assert caught.value.reason is Reason.AUDIT_FAILED
    assert f"The ledger was at {seen[:12]} when it was last audited here" in caught.value.sentence
    assert remote.sha(LEDGER) == rewound

    terms = replace(bobs.terms, accepted=(f"ledger-rewritten:{seen[:12]}",))
    assert control(replace(bobs, terms=terms), wish(ControlKind.FREEZE)).change.event


def test_a_ledger_that_is_lost_is_not_begun_anew_by_a_freeze(shop, tmp_path):
    shop.run()
    shop.remote.delete(LEDGER)

    with pytest.raises(BotError) as caught:
        freeze(tmp_path / "fresh", shop.remote)

    assert caught.value.reason is Reason.AUDIT_FAILED
    assert "There is no ledger, though tag release/" in caught.value.sentence
    assert shop.remote.sha(LEDGER) is None
