"""Pushes of which the server kept a part: completed by the next run, whatever people did meanwhile, or left alone."""

import pytest
from support.fakes import Instead, Shop, unanswered
from support.halves import LEDGER, half_there, keep, killed_after_push
from support.hotfixes import cut_hotfix, ship
from support.rollbacks import MAIN, STAGING, rolled_back, shipped
from support.stopping import desk, wish

from bot.core.audit import Terms
from bot.core.control import ControlKind
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.core.rollback import RollbackWay
from bot.errors import BotError
from bot.flows.audit import look
from bot.flows.control import control
from bot.flows.nohost import NoHost
from bot.flows.request import Effect


def tell(shop, kind):
    """A person freezes or unfreezes from another machine: the ledger grows."""
    control(desk(shop.folder / "elsewhere", shop.remote, clock=shop.clock), wish(kind, actor="bob"))


def freeze_for_a_while(shop):
    tell(shop, ControlKind.FREEZE)
    tell(shop, ControlKind.UNFREEZE)


def entries(shop):
    shop.repository.fetch()
    return shop.repository.ledger()


def is_clean(shop):
    shop.repository.fetch()
    return look(shop.repository, shop.history, Terms("main", "release/"), NoHost()).is_clean


@pytest.mark.parametrize("kinds", [("heads",), ("heads", "tags"), ("heads", "notes")])
def test_a_half_applied_push_is_completed_with_the_very_same_objects(shop, kinds):
    before = shop.remote.refs()
    run_id = killed_after_push(shop)
    whole = shop.remote.refs()
    keep(shop, before, *kinds)
    assert shop.remote.refs() != whole

    following = shop.run()

    assert following.outcome is Outcome.UP_TO_DATE
    assert shop.remote.refs() == whole
    assert shop.runs.load(run_id).outcome is Outcome.PROMOTED
    assert shop.runs.load(run_id).verdict is not None
    assert shop.runs.unfinished() == ()


def test_nothing_is_built_on_a_half_that_cannot_be_completed_now(shop):
    run_id = half_there(shop, "heads")
    shop.remote.commits("staging", ["feat: more"])
    before = shop.remote.refs()

    record = shop.run(repository=Instead(shop.repository, push=unanswered))

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "read-back-failed")
    assert "half there" in record.reason
    assert shop.remote.refs() == before
    assert run_id in shop.runs.unfinished()
    assert shop.run().outcome is Outcome.PROMOTED
    assert len(shop.repository.ledger()) == 1
    assert shop.runs.load(run_id).outcome is Outcome.PROMOTED


@pytest.mark.parametrize("asked", [{"kind": RunKind.GATE}, {"effect": Effect.DRY_RUN}])
def test_a_run_that_may_write_nothing_leaves_a_half_to_the_next_one(shop, asked):
    run_id = half_there(shop, "heads")
    before = shop.remote.refs()

    shop.run(**asked)

    assert shop.remote.refs() == before
    assert shop.runs.unfinished() == (run_id,)
    shop.run()
    assert shop.runs.unfinished() == ()
    assert len(shop.remote.refs()) == len(before) + 2


# --- what people did before the next run


@pytest.mark.parametrize("left", [("heads",), ("heads", "notes"), ("heads", "tags")])
def test_a_ledger_that_grew_meanwhile_gets_the_same_entry_on_top(shop, left):
    # Beside a tag, nobody begins a ledger.
    times = 2 if "tags" in left else 1
    if times > 1:
        freeze_for_a_while(shop)
    run_id = half_there(shop, *left)
    written = shop.remote.sha(LEDGER) if "notes" in left else None
    freeze_for_a_while(shop)
    candidate = shop.remote.sha(MAIN)

    assert shop.run().outcome is Outcome.UP_TO_DATE

    (entry,) = entries(shop)
    assert (entry.run_id, entry.sha) == (run_id, candidate)
    settled = shop.runs.load(run_id)
    assert (settled.outcome, settled.promotion.tag, settled.promotion.ledger_oid) == (
        Outcome.PROMOTED,
        entry.tag,
        written or shop.remote.sha(LEDGER),
    )
    assert shop.remote.git("rev-parse", f"refs/tags/{entry.tag}^{{commit}}") == candidate
    assert [event.kind for event in shop.repository.controls()] == [ControlKind.FREEZE, ControlKind.UNFREEZE] * times
    assert is_clean(shop)
    shop.remote.commit("staging", "feat: next")
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_tag_beside_which_there_is_no_ledger_at_all_has_a_freeze_wait_for_the_run_that_heals_it(shop):
    half_there(shop, "heads", "tags")
    before = shop.remote.refs()
    with pytest.raises(BotError) as caught:
        freeze_for_a_while(shop)
    assert caught.value.reason is Reason.AUDIT_FAILED
    assert shop.remote.refs() == before
    shop.run()
    freeze_for_a_while(shop)
    assert is_clean(shop)


def test_a_freeze_that_stands_does_not_keep_a_half_from_being_completed(shop):
    half_there(shop, "heads")
    tell(shop, ControlKind.FREEZE)
    shop.remote.commit("staging", "feat: next")

    record = shop.run()

    assert record.reason_code == "frozen"
    assert len(entries(shop)) == 1
    assert is_clean(shop)


def test_a_target_that_was_pushed_to_by_hand_keeps_the_push_and_gets_the_tag(shop):
    half_there(shop, "heads", "notes")
    by_hand = shop.remote.commit("main", "fix: by hand", files={"hand.txt": "by hand\n"})

    shop.run()

    (entry,) = entries(shop)
    assert shop.remote.git("rev-parse", f"refs/tags/{entry.tag}^{{commit}}") == entry.sha
    assert shop.remote.sha(MAIN) == by_hand
    assert shop.runs.unfinished() == ()


@pytest.mark.parametrize("left", [("notes",), ("tags", "notes"), ("tags",)])
@pytest.mark.parametrize("is_frozen", [False, True], ids=["", "then frozen"])
def test_a_target_that_was_taken_back_before_anybody_heard_of_the_push_is_left_there(shop, left, is_frozen):
    """Servers write branches first: whoever took it back is not overruled, and the bot is not blocked by it."""
    if is_frozen:
        freeze_for_a_while(shop)
    run_id = half_there(shop, *left)
    before = shop.remote.refs()
    if is_frozen:
        freeze_for_a_while(shop)
    tested = shop.remote.sha(STAGING)

    record = shop.run()

    settled = shop.runs.load(run_id)
    assert settled.outcome is Outcome.ERROR
    assert "somebody took it back" in settled.reason
    assert shop.runs.unfinished() == ()
    if "notes" in left:
        assert record.reason_code == "target-rewound"
        assert shop.remote.sha(MAIN) == before[MAIN] != tested
    else:
        # The ledger never heard of it: it is tested anew, unless there is no ledger at all beside a tag of the bot's.
        assert record.reason_code == ("promoted" if is_frozen else "audit-failed")


def test_a_commit_that_another_machine_released_meanwhile_is_not_released_twice(shop, tmp_path):
    run_id = half_there(shop, "heads")
    other = Shop(tmp_path / "other", remote=shop.remote)
    other.clock.pass_time(60)
    shop.remote.set(MAIN, shop.runs.load(run_id).candidate.base_sha)
    released = other.run()
    other.history.close()
    before = shop.remote.refs()

    assert shop.run().outcome is Outcome.UP_TO_DATE

    assert shop.remote.refs() == before
    assert [entry.run_id for entry in entries(shop)] == [released.run_id]
    assert f"run {released.run_id} released the same" in shop.runs.load(run_id).reason


def test_a_rewind_of_which_the_branch_alone_landed_still_quarantines_what_it_took_back(shop):
    for subject in ("feat: one", "feat: bad"):
        shipped(shop, subject)
    bad = shop.remote.sha(MAIN)
    half_there(shop, "heads", "tags", run=lambda **tools: rolled_back(shop, way=RollbackWay.REWIND, **tools))
    freeze_for_a_while(shop)
    shop.remote.commit("staging", "feat: one more")

    record = shop.run()

    assert record.reason_code == "quarantined"
    assert entries(shop)[-1].kind == "rollback"
    assert [event.sha for event in shop.repository.controls() if event.kind is ControlKind.QUARANTINE] == [bad]


def test_a_hotfix_whose_source_moved_on_is_completed_without_it(shop):
    shipped(shop, "feat: one")
    shop.remote.commit("staging", "feat: two", files={"two.txt": "two\n"})
    fix = cut_hotfix(shop.remote)
    run_id = half_there(shop, MAIN, "tags", run=lambda **tools: ship(shop, **tools))
    shop.remote.delete(
        next(ref for ref in shop.remote.refs() if ref.startswith("refs/tags/") and fix == peeled(shop, ref))
    )
    staging = shop.remote.commit("staging", "feat: three", files={"three.txt": "three\n"})

    shop.run(kind=RunKind.GATE)
    assert shop.runs.unfinished() != (), "a gate writes nothing"
    record = shop.run()

    assert record.reason_code == "diverged"
    settled = shop.runs.load(run_id)
    assert (settled.outcome, settled.promotion.others) == (Outcome.PROMOTED, ())
    assert (shop.remote.sha(MAIN), shop.remote.sha(STAGING)) == (fix, staging)
    assert entries(shop)[-1].sha == fix == peeled(shop, f"refs/tags/{entries(shop)[-1].tag}")


def peeled(shop, ref):
    return shop.remote.git("rev-parse", f"{ref}^{{commit}}")
