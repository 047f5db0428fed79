"""What earlier runs left: killed runs are settled by the ledger alone, whatever the disk remembers."""

import shutil
from dataclasses import replace

import pytest
from support.fakes import Instead, Killed, raising, unanswered
from support.halves import killed
from support.sealed import assert_sealed
from support.statuses import status_of

from bot.core.record import Outcome, RunKind, Settled
from bot.flows.promote import promote
from bot.flows.request import Effect
from bot.flows.resume_run import resume


def test_a_run_killed_after_its_push_landed_is_promoted_in_the_light_of_the_ledger(shop):
    run_id = killed(shop, read_back=raising(Killed()))
    tag = next(ref for ref in shop.remote.refs() if ref.startswith("refs/tags/")).removeprefix("refs/tags/")

    following = shop.run()

    assert following.outcome is Outcome.UP_TO_DATE
    settled = shop.runs.load(run_id)
    assert (settled.outcome, settled.reason_code, settled.promotion.tag) == (Outcome.PROMOTED, "promoted", tag)
    assert "the next one did" in settled.reason
    assert following.settled == (Settled(run_id, Outcome.PROMOTED, "promoted", settled.reason),)
    assert (shop.known(run_id).outcome, shop.known(run_id).tag) == (Outcome.PROMOTED, tag)
    assert (shop.runs.folder(run_id).path / "report.md").read_text().startswith("promoted")
    assert_sealed(shop.runs.folder(run_id).path)
    assert shop.runs.unfinished() == ()
    assert len(shop.repository.ledger()) == 1


def test_a_run_killed_before_its_push_moved_nothing_and_the_next_one_promotes(shop):
    run_id = killed(shop, push=raising(Killed()))

    following = shop.run()

    assert following.outcome is Outcome.PROMOTED
    settled = shop.runs.load(run_id)
    assert (settled.outcome, settled.reason_code) == (Outcome.ERROR, "interrupted")
    assert "nothing was moved" in settled.reason
    assert following.settled == (Settled(run_id, Outcome.ERROR, "interrupted", settled.reason),)
    assert shop.known(run_id).outcome is Outcome.ERROR
    assert shop.runs.unfinished() == ()


def test_a_run_that_never_saw_an_answer_but_landed_is_settled_too(shop):
    prepared = []

    def gone(plan, lock):
        prepared.append((plan, lock))
        return unanswered()

    record = shop.run(repository=Instead(shop.repository, push=gone))
    assert record.reason_code == "push-unknown"
    shop.repository.push(*prepared[0])  # it arrived late

    assert shop.run().outcome is Outcome.UP_TO_DATE
    assert shop.runs.load(record.run_id).outcome is Outcome.PROMOTED


def test_a_settled_run_is_not_settled_again(shop):
    run_id = killed(shop, push=raising(Killed()))
    assert len(shop.run().settled) == 1
    before = shop.runs.load(run_id)
    shop.remote.commits("staging", ["feat: more"])
    assert shop.run().settled == ()
    assert shop.runs.load(run_id) == before


@pytest.mark.parametrize("content", [None, b"{", b""])
def test_a_killed_run_without_a_readable_record_blocks_nothing(shop, content):
    run_id = killed(shop, fetch=raising(Killed()))
    record = shop.runs.folder(run_id).path / "run.json"
    record.unlink() if content is None else record.write_bytes(content)
    following = shop.run()
    assert following.outcome is Outcome.PROMOTED
    assert following.settled == (Settled(run_id, None, None, "Its record was lost."),)
    assert shop.events(run_id)[-1] == "ended"


def test_resuming_says_which_runs_it_settled_and_how_they_ended(shop):
    run_id = killed(shop, read_back=raising(Killed()))
    record = resume(shop.tools(), shop.request(RunKind.PROMOTION, Effect.WRITE))
    assert (record.reason_code, [each.run_id for each in record.settled]) == ("resumed", [run_id])
    assert record.reason.startswith("1 earlier run was settled; ")
    assert "settled" in [name for name, _ in shop.watcher.steps]


def test_losing_all_local_state_loses_no_promotion_and_causes_no_second_one(shop):
    first = shop.run()
    shop.history.close()
    shutil.rmtree(shop.folder / "state")

    second = shop.run()

    assert second.outcome is Outcome.UP_TO_DATE
    assert shop.known(first.run_id).tag == first.promotion.tag
    assert len(shop.repository.ledger()) == 1


def test_a_run_of_another_repository_is_left_alone(shop):
    run_id = killed(shop, push=raising(Killed()))
    path = shop.runs.folder(run_id).path / "run.json"
    path.write_text(path.read_text().replace(str(shop.remote.path), "https://example.com/other.git"))

    shop.run()

    assert shop.runs.unfinished() == (run_id,)


def test_a_ledger_that_lost_a_promotion_stops_the_next_one(shop):
    first = shop.run()
    shop.remote.delete("refs/notes/promotions")
    shop.remote.commits("staging", ["feat: more"])
    before = shop.remote.refs()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "ledger-broken")
    assert first.run_id in record.reason
    assert shop.remote.refs() == before


def test_a_commit_that_was_taken_back_is_not_promoted_again(shop):
    first = shop.run()
    shop.remote.set("refs/heads/main", first.candidate.base_sha)
    before = shop.remote.refs()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "target-rewound")
    assert first.promotion.tag in record.reason
    assert shop.remote.refs() == before


def test_status_says_what_the_night_says_of_a_commit_that_was_taken_back(shop):
    first = shop.run()
    shop.remote.set("refs/heads/main", first.candidate.base_sha)

    seen = status_of(shop)

    assert not seen.promotable
    assert seen.reason == shop.run().reason


def test_a_commit_by_hand_on_main_is_not_called_a_promotion_taken_back(shop):
    shop.run()
    stray = shop.remote.commit("main", "fix: by hand")

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "not-fast-forward")
    assert stray[:12] in record.reason


def test_a_night_that_another_machine_promoted_is_not_run_again(shop):
    first = shop.run()
    assert first.slot is not None
    shop.history.close()
    shutil.rmtree(shop.folder / "state")
    shop.remote.commits("staging", ["feat: more"])
    before = shop.remote.refs()

    record = promote(shop.tools(), replace(shop.request(RunKind.PROMOTION, Effect.WRITE), slot=first.slot))

    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "slot-done")
    assert shop.remote.refs() == before


def test_a_plan_whose_commit_nobody_has_any_more_is_settled_all_the_same(shop):
    """Killed before its push; then staging was rewritten, main moved, and the cache was lost."""
    run_id = killed(shop, push=raising(Killed()))
    shop.remote.set("refs/heads/staging", shop.remote.commit("main", "fix: by hand"))
    shop.remote.git("reflog", "expire", "--expire=now", "--all")
    shop.remote.git("prune", "--expire=now")
    shutil.rmtree(shop.folder / "state" / "cache.git")

    assert shop.run().outcome is Outcome.UP_TO_DATE
    assert shop.runs.unfinished() == ()
    assert "nothing was moved" in shop.runs.load(run_id).reason


def test_a_run_that_knew_its_end_and_was_killed_while_it_said_so_keeps_its_words(shop):
    """The record is whole; only the line that says so is missing in the journal."""
    record = shop.run()
    journal = shop.runs.folder(record.run_id).path / "journal.ndjson"
    journal.write_text("".join(line for line in journal.read_text().splitlines(True) if '"ended"' not in line))
    assert shop.runs.unfinished() == (record.run_id,)

    shop.run()

    assert shop.runs.load(record.run_id).reason == record.reason
    assert shop.runs.unfinished() == ()
