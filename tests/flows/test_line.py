"""The stopped line: what one installation freezes or quarantines, every other obeys."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier

import pytest
from support.evidence import slow
from support.fakes import Instead, broken, in_turn
from support.hotfixes import cut_hotfix, ship
from support.rollbacks import rolled_back, shipped
from support.stopping import clear, desk, freeze, quarantine, told, unfreeze, wish
from support.town import installation

from bot.core.control import ControlKind
from bot.core.hotfix import Gate
from bot.core.record import Outcome, RunKind
from bot.core.rollback import RollbackWay
from bot.flows.control import control
from bot.flows.line import warn_of_freeze
from bot.flows.promote import promote
from bot.flows.request import Effect, Override
from bot.flows.run import Run

LEDGER = "refs/notes/promotions"


@pytest.fixture
def bob(shop):
    """Where bob's installation is."""
    return shop.folder / "bob"


def overriding(shop, override, **tools):
    """A run by a person who goes past something."""
    request = shop.request(RunKind.PROMOTION, Effect.WRITE)
    return promote(shop.tools(**tools), replace(request, slot=None, override=override, justification="must ship"))


def warnings(shop):
    return [detail for name, detail in shop.watcher.steps if name == "warning"]


def test_a_freeze_by_one_installation_stops_the_night_of_another_before_any_load(shop, bob):
    freeze(bob, shop.remote, until="2026-11-24T00:00:00Z")
    before = shop.remote.refs()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "frozen")
    assert record.reason == (
        "Promotions are frozen by bob since 2026-11-21T02:00:30Z until 2026-11-24T00:00:00Z: release weekend."
    )
    assert "promote unfreeze" in record.action
    assert shop.load.ran == []
    assert shop.remote.refs() == before


def test_once_it_is_lifted_the_next_night_promotes(shop, bob):
    freeze(bob, shop.remote)
    assert shop.run().reason_code == "frozen"
    unfreeze(bob, shop.remote)
    record = shop.run()
    assert record.outcome is Outcome.PROMOTED
    assert [event.kind.value for event in told(shop.remote)] == ["freeze", "unfreeze"]


def test_a_freeze_ends_by_itself(shop, bob):
    freeze(bob, shop.remote, until="2026-11-21T02:01:30Z")
    assert shop.run().reason_code == "frozen"
    assert shop.run().outcome is Outcome.PROMOTED


def test_where_nothing_is_to_be_promoted_nothing_is_stopped(shop, bob):
    freeze(bob, shop.remote)
    shop.remote.set("refs/heads/staging", shop.remote.sha("refs/heads/main"))
    assert shop.run().reason_code == "up-to-date"


def test_a_dry_run_is_stopped_as_the_night_would_be(shop, bob):
    freeze(bob, shop.remote)
    assert shop.run(effect=Effect.DRY_RUN).reason_code == "frozen"


def test_a_gate_is_not_stopped_but_says_so(shop, bob):
    freeze(bob, shop.remote)
    record = shop.run(kind=RunKind.GATE)
    assert record.outcome is Outcome.PASSED
    (said,) = warnings(shop)
    assert said.startswith("Promotions are frozen by bob")
    assert said.endswith("A gate moves nothing, so it goes on.")


def test_who_goes_past_a_freeze_says_why_and_the_ledger_keeps_it(shop, bob):
    freeze(bob, shop.remote)

    record = overriding(shop, Override.LINE)

    assert record.outcome is Outcome.PROMOTED
    assert record.justification == "must ship"
    assert shop.runs.load(record.run_id).justification == "must ship"
    shop.repository.fetch()
    (entry,) = shop.repository.ledger()
    assert (entry.run_id, entry.reason) == (record.run_id, "must ship")
    assert "override" in shop.events(record)
    assert warnings(shop)[0].endswith("release weekend. ada goes past it: must ship")
    assert len(told(shop.remote)) == 1


def test_who_goes_past_both_a_freeze_and_a_quarantine_is_told_of_both(shop, bob):
    quarantine(bob, shop.remote, shop.remote.sha("refs/heads/staging"))
    freeze(bob, shop.remote)

    record = overriding(shop, Override.LINE)

    assert record.outcome is Outcome.PROMOTED
    past = [line["reason"] for line in shop.runs.folder(record.run_id).journal_lines() if line["event"] == "override"]
    assert past[:2] == ["frozen", "quarantined"]
    assert {said.rpartition(" ada goes past it: ")[2] for said in warnings(shop)} == {"must ship"}


def test_who_goes_past_the_window_does_not_go_past_a_freeze(shop, bob):
    freeze(bob, shop.remote)
    assert overriding(shop, Override.WINDOW).reason_code == "frozen"
    assert overriding(shop, Override.WINDOW | Override.LINE).outcome is Outcome.PROMOTED


def test_an_override_is_of_rules_never_of_the_verdict(shop, bob):
    freeze(bob, shop.remote)
    shop.load.make = slow
    assert overriding(shop, Override.LINE).outcome is Outcome.BLOCKED


def test_a_quarantined_commit_stays_out_until_a_fix_follows_it(shop, bob):
    bad = shop.remote.sha("refs/heads/staging")
    quarantine(bob, shop.remote, bad)
    shop.remote.commit("staging", "feat: more")

    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "quarantined")
    assert bad[:12] in record.reason
    assert "bob" in record.reason
    assert shop.load.ran == []

    shop.remote.commit("staging", f"fix: mend it\n\nFixes: {bad[:12]}")
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_quarantined_commit_is_let_in_by_its_revert(shop, bob):
    bad = shop.remote.commit("staging", "feat: leak")
    quarantine(bob, shop.remote, bad)
    assert shop.run().reason_code == "quarantined"
    shop.remote.commit("staging", f'Revert "feat: leak"\n\nThis reverts commit {bad}.')
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_quarantined_commit_is_let_in_when_it_is_cleared(shop, bob):
    quarantine(bob, shop.remote, "staging")
    assert shop.run().reason_code == "quarantined"
    clear(bob, shop.remote, "staging")
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_quarantined_commit_that_the_tip_does_not_contain_stops_nothing(shop, bob):
    quarantine(bob, shop.remote, "staging")
    shop.remote.set("refs/heads/staging", shop.remote.sha("refs/heads/main"))
    shop.remote.commit("staging", "feat: without it")
    assert shop.run().outcome is Outcome.PROMOTED


def test_who_goes_past_the_line_goes_past_a_quarantine_and_a_gate_only_says_it(shop, bob):
    quarantine(bob, shop.remote, "staging")
    assert shop.run(kind=RunKind.GATE).outcome is Outcome.PASSED
    assert "quarantined" in warnings(shop)[0]
    assert overriding(shop, Override.LINE).outcome is Outcome.PROMOTED


def test_a_quarantine_of_a_range_whose_beginning_is_unknown_still_holds(shop, bob):
    bad = shop.remote.sha("refs/heads/staging")
    quarantine(bob, shop.remote, bad)
    events = [replace(event, base="d" * 40) for event in told(shop.remote)]
    record = shop.run(repository=Instead(shop.repository, controls=lambda: tuple(events)))
    assert record.reason_code == "quarantined"


def test_the_revert_of_any_commit_of_a_quarantined_range_is_its_fix(shop, bob):
    base, bad = shop.remote.sha("refs/heads/main"), shop.remote.sha("refs/heads/staging")
    quarantine(bob, shop.remote, bad)
    events = tuple(replace(event, base=base) for event in told(shop.remote))
    first = shop.remote.git("rev-list", f"{base}..{bad}").splitlines()[-1]
    shop.remote.commit("staging", f'Revert "feat: step 1"\n\nThis reverts commit {first}.')
    assert shop.run().reason_code == "quarantined"
    assert shop.run(repository=Instead(shop.repository, controls=lambda: events)).outcome is Outcome.PROMOTED


def test_a_freeze_during_the_load_keeps_the_promotion_out_and_the_ending_says_who_and_why(shop, bob):
    branches = {ref: sha for ref, sha in shop.remote.refs().items() if ref != LEDGER}
    shop.load.during = partial(freeze, bob, shop.remote)

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "frozen")
    assert "by bob" in record.reason
    assert "release weekend" in record.reason
    assert record.promotion is None
    assert shop.events(record)[-1] == "ended"
    # Nothing half: no branch, no tag, no entry; the freeze alone.
    assert {ref: sha for ref, sha in shop.remote.refs().items() if ref != LEDGER} == branches
    assert shop.remote.git("ls-tree", "-r", "--name-only", LEDGER) == "control.ndjson"


def test_a_quarantine_during_the_load_keeps_the_promotion_out(shop, bob):
    shop.load.during = partial(quarantine, bob, shop.remote, "staging")
    assert shop.run().reason_code == "quarantined"


def test_a_freeze_that_came_and_went_during_the_load_leaves_a_ledger_that_moved(shop, bob):
    def during():
        freeze(bob, shop.remote)
        unfreeze(bob, shop.remote)

    shop.load.during = during
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "ledger-moved")
    assert "Meanwhile promotions were frozen by bob since" in record.reason
    assert "Meanwhile bob lifted the freeze at" in record.reason
    shop.load.during = lambda: None
    assert shop.run().outcome is Outcome.PROMOTED


def freezing(bob, remote):
    """What somebody does while a run of somebody else is under way."""
    return partial(freeze, bob, remote, until="2026-11-24T00:00:00Z")


FROZEN_MEANWHILE = (
    "Meanwhile promotions were frozen by bob since 2026-11-21T02:00:30Z until 2026-11-24T00:00:00Z: release weekend."
)


def test_a_freeze_during_the_tests_of_a_hotfix_is_named_with_who_why_and_until_when(shop, bob):
    cut_hotfix(shop.remote)
    shop.load.during = freezing(bob, shop.remote)

    record = ship(shop, gate=Gate.EXPEDITED)

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "ledger-moved")
    assert record.reason.endswith(FROZEN_MEANWHILE)
    assert shop.events(record).count("push") == 1
    shop.load.during = lambda: None
    assert ship(shop, gate=Gate.EXPEDITED).outcome is Outcome.PROMOTED


def test_a_quarantine_during_the_tests_of_a_hotfix_is_named_with_who_and_why(shop, bob):
    fix = cut_hotfix(shop.remote)
    bad = shop.remote.sha("refs/heads/staging")
    shop.load.during = partial(quarantine, bob, shop.remote, "staging")
    record = ship(shop, gate=Gate.EXPEDITED)
    assert record.reason_code == "ledger-moved"
    assert f"Meanwhile bob quarantined {bad[:12]} at 2026-11-21T02:00:30Z: " in record.reason
    assert shop.remote.sha("refs/heads/main") != fix


def two_releases(shop):
    shipped(shop, "feat: good")
    shipped(shop, "feat: bad")


@pytest.mark.parametrize("way", RollbackWay)
def test_a_freeze_at_the_last_moment_of_a_rollback_is_named(shop_after, bob, way):
    shop = shop_after(two_releases)
    before = {ref: sha for ref, sha in shop.remote.refs().items() if ref != LEDGER}

    def overtaken(prepared, lock):
        freezing(bob, shop.remote)()
        return shop.repository.push(prepared, lock)

    record = rolled_back(shop, way=way, repository=Instead(shop.repository, push=overtaken))

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "ledger-moved")
    assert record.reason.endswith(FROZEN_MEANWHILE)
    assert {ref: sha for ref, sha in shop.remote.refs().items() if ref != LEDGER} == before


def test_a_promotion_by_another_bot_during_the_tests_is_laid_at_nobody(shop, bob):
    cut_hotfix(shop.remote)
    other = installation(bob, shop.remote)
    cut_hotfix(shop.remote, branch="hotfix/other", files={"other.txt": "1\n"})
    shop.load.during = lambda: ship(other, branch="hotfix/other")
    record = ship(shop, gate=Gate.EXPEDITED)
    other.history.close()
    assert record.outcome is Outcome.REFUSED
    assert "Meanwhile" not in record.reason


def test_a_remote_that_cannot_be_asked_why_the_ledger_moved_leaves_the_ending_as_it_was(shop, bob):
    shop.load.during = partial(freeze, bob, shop.remote)
    fetch = in_turn(shop.repository.fetch, broken())
    record = shop.run(repository=Instead(shop.repository, fetch=fetch))
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "ledger-moved")
    assert warnings(shop)[0].startswith("It broke.")


def test_controls_that_cannot_be_understood_stop_the_line(shop, bob):
    freeze(bob, shop.remote)
    content = shop.remote.git("show", f"{LEDGER}:control.ndjson") + '\n{"schema": 2, "kind": "thaw"}\n'
    blob = shop.remote.git("hash-object", "-w", "--stdin", data=content.encode())
    tree = shop.remote.git("mktree", data=f"100644 blob {blob}\tcontrol.ndjson\n".encode())
    shop.remote.set(LEDGER, shop.remote.git("commit-tree", tree, "-p", shop.remote.sha(LEDGER), "-m", "by hand"))
    for record in (shop.run(), overriding(shop, Override.LINE), shop.run(kind=RunKind.GATE)):
        assert record.reason_code in {"audit-failed", "ledger-broken"}
        # What was added is named by its place, be it in the file or in what the last commit added.
        assert "of control.ndjson is no event" in record.reason
    assert shop.load.ran == []


def test_what_people_do_in_a_freeze_is_told_of_it(shop, bob):
    freeze(bob, shop.remote)
    run = Run(shop.tools(), shop.request(RunKind.HOTFIX, Effect.WRITE))
    shop.clock.pass_time(3600)
    shop.repository.fetch()
    warn_of_freeze(run, "a hotfix")
    assert warnings(shop) == [
        "Promotions are frozen by bob since 2026-11-21T02:00:30Z: release weekend. But a hotfix goes through."
    ]
    line = shop.runs.folder(run.request.run_id).journal_lines()[-1]
    assert (line["event"], line["frozen_at"], line["actor"]) == ("past-freeze", "2026-11-21T02:00:30Z", "bob")
    assert line["at"] == shop.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    unfreeze(bob, shop.remote)
    shop.repository.fetch()
    warn_of_freeze(run, "a hotfix")
    assert len(warnings(shop)) == 1


def test_words_of_a_freeze_command_no_terminal_and_no_report(shop, bob):
    freeze(bob, shop.remote, "\x1b[2Jcalm\r\n\u202edown <script>", actor="eve\x07")
    record = shop.run()
    assert record.reason.isprintable()
    assert "eve" in record.reason


def test_a_promotion_that_was_cut_off_half_way_is_completed_in_a_freeze(shop, bob):
    """A freeze stops new promotions; half of one is worse than all of it (invariant I8)."""
    tested = shop.remote.sha("refs/heads/staging")
    record = shop.run(repository=Instead(shop.repository, read_back=broken()))
    assert record.reason_code == "read-back-failed"
    assert shop.remote.sha("refs/heads/main") == tested
    freeze(bob, shop.remote)
    shop.remote.commit("staging", "feat: more")
    assert shop.run().reason_code == "frozen"
    assert shop.runs.load(record.run_id).outcome is Outcome.PROMOTED


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2])
def test_a_freeze_at_the_very_time_of_the_push_comes_before_it_or_after_it(shop, bob, delay):
    before, tested = shop.remote.refs(), shop.remote.sha("refs/heads/staging")
    together, other = Barrier(2), desk(bob, shop.remote)
    other.repository.fetch()

    def freezing():
        together.wait(30)
        time.sleep(delay)
        return control(other, wish(ControlKind.FREEZE))

    shop.plan = replace(shop.plan, scenarios=shop.plan.scenarios[:1])
    shop.load.during = lambda: together.wait(30)
    with ThreadPoolExecutor(1) as pool:
        frozen = pool.submit(freezing)
        record = shop.run()
        frozen.result(30)

    assert [event.kind for event in told(shop.remote)] == [ControlKind.FREEZE]
    subjects = shop.remote.git("log", "--reverse", "--format=%s", LEDGER).splitlines()
    after = {ref: sha for ref, sha in shop.remote.refs().items() if ref != LEDGER}
    if record.outcome is Outcome.PROMOTED:
        tag = f"refs/tags/{record.promotion.tag}"
        assert after == before | {"refs/heads/main": tested, tag: record.promotion.tag_oid}
        assert subjects[-1] == "Freeze promotions"
        assert len(subjects) == 2
    else:
        assert record.reason_code == "frozen"
        assert after == before
        assert subjects == ["Freeze promotions"]
