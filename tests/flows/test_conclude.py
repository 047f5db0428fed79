"""The end of a run: nothing that fails after the push changes what happened, and a lost record is said to be lost."""

import pytest
from support.evidence import slow
from support.fakes import Instead, PlainReports, broken, in_turn

from bot.core.record import Outcome
from bot.errors import BotError, Reason


def warnings(shop):
    return [detail for name, detail in shop.watcher.steps if name == "warning"]


def test_a_history_that_fails_changes_nothing_about_a_promotion(shop):
    record = shop.run(history=Instead(shop.history, add=broken(Reason.STATE_UNUSABLE)))
    assert (record.outcome, record.reason_code) == (Outcome.PROMOTED, "promoted")
    assert warnings(shop) == [f"It broke. {Reason.STATE_UNUSABLE.action}"]
    assert shop.runs.load(record.run_id).promotion == record.promotion
    assert shop.events(record)[-1] == "ended"


def test_a_promotion_that_the_history_missed_is_learnt_from_the_ledger(shop):
    record = shop.run(history=Instead(shop.history, add=broken(Reason.STATE_UNUSABLE)))
    shop.run()
    assert shop.known(record.run_id).tag == record.promotion.tag


def test_a_report_that_fails_changes_nothing_about_a_promotion(shop):
    record = shop.run(reporter=Instead(PlainReports(), write=broken(Reason.DISK_FULL)))
    assert record.outcome is Outcome.PROMOTED
    assert warnings(shop) == [f"It broke. {Reason.DISK_FULL.action}"]


def test_a_blocked_night_whose_history_cannot_be_read_is_still_blocked(shop):
    shop.load.make = slow
    record = shop.run(history=Instead(shop.history, query=broken(Reason.STATE_UNUSABLE)))
    assert record.outcome is Outcome.BLOCKED
    assert record.trouble is None
    assert len(warnings(shop)) == 2


class At:
    """Something goes wrong at one point, once."""

    def __init__(self, point, error):
        self._waiting = {point: error}

    def reached(self, name):
        if error := self._waiting.pop(name, None):
            raise error


def newest_tag(shop):
    return max(ref for ref in shop.remote.refs() if ref.startswith("refs/tags/")).removeprefix("refs/tags/")


def full_after(shop, saves):
    """A disk that is full by the time the record is written for the last time."""
    return Instead(shop.runs, save=in_turn(*[shop.runs.save] * saves, broken(Reason.DISK_FULL)))


def test_a_record_that_cannot_be_written_before_the_push_keeps_anything_from_being_sent(shop):
    before = shop.remote.refs()
    with pytest.raises(BotError):
        shop.run(runs=full_after(shop, 1))
    assert shop.remote.refs() == before


def test_a_record_lost_after_a_promotion_says_that_the_promotion_stands(shop):
    tested = shop.remote.sha("refs/heads/staging")
    with pytest.raises(BotError) as caught:
        shop.run(runs=full_after(shop, 2))
    assert caught.value.reason is Reason.DISK_FULL
    assert f"main is at {tested[:12]}, tagged release/" in caught.value.sentence
    assert "its record was lost: It broke." in caught.value.sentence
    assert shop.remote.sha("refs/heads/main") == tested


def test_the_run_after_a_lost_record_writes_it_anew_from_the_ledger(shop):
    with pytest.raises(BotError):
        shop.run(runs=full_after(shop, 2))
    (lost,) = shop.runs.run_ids()
    assert shop.run().outcome is Outcome.UP_TO_DATE
    assert shop.runs.load(lost).outcome is Outcome.PROMOTED
    assert shop.known(lost).outcome is Outcome.PROMOTED


def test_a_disk_that_fills_after_the_push_leaves_the_run_to_be_settled_by_the_next_one(shop):
    """What was pushed is asked of the remote at once; the journal that failed says nothing, so nobody relies on it."""
    full = BotError(Reason.DISK_FULL, "It is full.")
    record = shop.run(points=At("after push", full))
    assert (record.outcome, record.promotion.tag) == (Outcome.PROMOTED, newest_tag(shop))
    assert shop.runs.unfinished() == ()


def test_a_failure_after_the_push_with_no_answer_from_the_remote_is_left_open(shop):
    broke = BotError(Reason.GIT_FAILED, "It broke.")
    silent = Instead(shop.repository, read_back=broken())
    record = shop.run(points=At("after push", broke), repository=silent)
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "git-failed")
    assert "could not be asked" in record.reason
    assert shop.runs.unfinished() == (record.run_id,)
    assert shop.run().outcome is Outcome.UP_TO_DATE
    assert shop.runs.load(record.run_id).outcome is Outcome.PROMOTED


def test_a_record_lost_without_a_promotion_claims_none(shop):
    shop.load.make = slow
    with pytest.raises(BotError, match=r"^It broke\.$"):
        shop.run(runs=full_after(shop, 1))
