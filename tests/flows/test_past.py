"""What earlier runs left: killed runs are settled by the ledger alone, whatever the disk remembers."""

import shutil

import pytest
from support.fakes import Instead, Killed, raising, unanswered

from bot.core.record import Outcome


def killed(shop, **methods):
    """A run that is killed somewhere; its id."""
    with pytest.raises(Killed):
        shop.run(repository=Instead(shop.repository, **methods))
    return shop.runs.run_ids()[-1]


def test_a_run_killed_after_its_push_landed_is_promoted_in_the_light_of_the_ledger(shop):
    run_id = killed(shop, read_back=raising(Killed()))
    tag = next(ref for ref in shop.remote.refs() if ref.startswith("refs/tags/")).removeprefix("refs/tags/")

    following = shop.run()

    assert following.outcome is Outcome.UP_TO_DATE
    settled = shop.runs.load(run_id)
    assert (settled.outcome, settled.reason_code, settled.promotion.tag) == (Outcome.PROMOTED, "promoted", tag)
    assert "the ledger does" in settled.reason
    assert (shop.known(run_id).outcome, shop.known(run_id).tag) == (Outcome.PROMOTED, tag)
    assert (shop.runs.folder(run_id).path / "report.md").read_text().startswith("promoted")
    assert shop.runs.unfinished() == ()
    assert len(shop.repository.ledger()) == 1


def test_a_run_killed_before_its_push_moved_nothing_and_the_next_one_promotes(shop):
    run_id = killed(shop, push=raising(Killed()))

    following = shop.run()

    assert following.outcome is Outcome.PROMOTED
    settled = shop.runs.load(run_id)
    assert (settled.outcome, settled.reason_code) == (Outcome.ERROR, "interrupted")
    assert "nothing was moved" in settled.reason
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
    shop.run()
    before = shop.runs.load(run_id)
    shop.remote.commits("staging", ["feat: more"])
    shop.run()
    assert shop.runs.load(run_id) == before


@pytest.mark.parametrize("content", [None, b"{", b""])
def test_a_killed_run_without_a_readable_record_blocks_nothing(shop, content):
    run_id = killed(shop, fetch=raising(Killed()))
    record = shop.runs.folder(run_id).path / "run.json"
    record.unlink() if content is None else record.write_bytes(content)
    assert shop.run().outcome is Outcome.PROMOTED
    assert shop.events(run_id)[-1] == "ended"


def test_losing_all_local_state_loses_no_promotion_and_causes_no_second_one(shop):
    first = shop.run()
    shop.history.close()
    shutil.rmtree(shop.folder / "state")

    second = shop.run()

    assert second.outcome is Outcome.UP_TO_DATE
    assert shop.known(first.run_id).tag == first.promotion.tag
    assert len(shop.repository.ledger()) == 1
