"""A push that the server does not take at once: what is waited for, for how long, and how it ends."""

import signal
import time

import pytest
from support.fakes import Instead, in_turn, raising, unanswered

from bot.cli.signals import guarded
from bot.core.record import Outcome
from bot.errors import OutOfTime

GH006 = """
echo "error: GH006: Protected branch update failed for refs/heads/main." >&2
echo "error: {complaint}" >&2
"""
EXPECTED = GH006.format(complaint='Required status check \\"promote/slo\\" is expected.')
REVIEW = GH006.format(complaint="At least 1 approving review is required by reviewers with write access.")
GH013 = """
echo "error: GH013: Repository rule violations found for refs/heads/main." >&2
echo "Review all repository rules at https://forge.example/rules?ref=refs%2Fheads%2Fmain" >&2
echo >&2
echo "- Changes must be made through a pull request." >&2
"""


def refusing(shop, words, *, times=1000):
    """Have the server refuse so many pushes with those words."""
    count = shop.folder / "pushes"
    shop.remote.hook(
        "pre-receive", f"echo x >> {count}; [ $(wc -l < {count}) -gt {times} ] && exit 0\n{words}\nexit 1\n"
    )


def waits(shop):
    return [float(detail.split(" ")[0]) for name, detail in shop.watcher.steps if name == "wait"]


def test_a_protection_that_waits_for_a_check_is_pushed_to_again_until_it_lets_us(shop):
    refusing(shop, EXPECTED, times=2)
    begun = shop.clock.monotonic()

    record = shop.run()

    assert record.outcome is Outcome.PROMOTED
    assert waits(shop) == [2.0, 4.0]
    assert shop.clock.monotonic() == begun + 60 + 6
    assert shop.events(record).count("pushed") == 3
    assert ("wait", 4.0) in record.timings


def test_the_wait_for_checks_is_told_and_has_an_end(shop):
    refusing(shop, EXPECTED)
    before = shop.remote.refs()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "push-protected")
    assert 'Required status check "promote/slo" is expected' in record.reason
    assert "It stayed so for 60 s." in record.reason
    assert all("promote/slo" in detail for name, detail in shop.watcher.steps if name == "wait")
    assert sum(waits(shop)) == 60
    assert shop.remote.refs() == before
    assert shop.events(record)[-1] == "ended"


@pytest.mark.parametrize(("words", "said"), [(REVIEW, "approving review"), (GH013, "through a pull request")])
def test_a_rule_that_waiting_does_not_change_ends_the_night_at_once(shop, words, said):
    refusing(shop, words)
    before = shop.remote.refs()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "push-policy")
    assert said in record.reason
    assert waits(shop) == []
    assert shop.remote.refs() == before


@pytest.mark.parametrize("stale", ["refs/heads/main.lock", "refs/notes/promotions.lock"])
def test_a_lock_on_the_server_is_waited_for_and_named(shop, stale):
    before = shop.remote.refs()
    lock = shop.remote.path / stale
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "remote-failed")
    assert stale in record.reason
    assert 5 < sum(waits(shop)) < 10
    assert shop.remote.refs() == before
    lock.unlink()
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_lock_that_is_gone_in_time_costs_only_the_wait(shop):
    lock = shop.remote.path / "refs/heads/main.lock"
    lock.touch()

    def passing(seconds):
        shop.clock.pass_time(seconds)
        lock.unlink(missing_ok=True)

    record = shop.run(clock=Instead(shop.clock, sleep=passing))

    assert record.outcome is Outcome.PROMOTED


@pytest.mark.parametrize("there", ["refs/tags/release", "refs/notes/promotions/x"])
def test_a_ref_that_leaves_no_room_for_ours_ends_the_night_at_once_and_is_named(shop, there):
    shop.remote.set(there, shop.remote.sha("refs/heads/main"))
    before = shop.remote.refs()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "push-rejected")
    assert f"'{there}' exists; cannot create '" in record.reason
    assert "rename or delete" in record.action
    assert waits(shop) == []
    assert shop.remote.refs() == before
    assert shop.events(record)[-1] == "ended"
    shop.remote.delete(there)
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_push_that_nobody_answers_is_sent_three_times_with_waits_between(shop):
    record = shop.run(repository=Instead(shop.repository, push=unanswered))

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "push-unknown")
    assert waits(shop) == [0.5, 4.0]
    assert shop.events(record)[-1] == "unsettled"


def test_an_interruption_while_waiting_is_settled_by_the_remote(shop):
    refusing(shop, EXPECTED)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    record = shop.run(clock=Instead(shop.clock, sleep=interrupted))

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "interrupted")


def out_of_time(shop):
    """The repository, with the time of the whole run over in the middle of a push."""

    def push(prepared, lock):
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        return shop.repository.push(prepared, lock)

    return Instead(shop.repository, push=push)


def test_the_time_of_the_whole_run_ends_a_push_and_nothing_is_tried_again(shop):
    shop.remote.hook("pre-receive", "sleep 60\n")
    before, begun = shop.remote.refs(), time.monotonic()

    with guarded(600.0):
        record = shop.run(repository=out_of_time(shop))

    assert time.monotonic() - begun < 30
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "deadline-exceeded")
    assert record.reason.startswith("The whole run did not end within 600 s. ")
    assert [name for name, _ in shop.watcher.steps].count("push") == 1
    assert waits(shop) == []
    assert shop.remote.refs() == before
    assert shop.events(record)[-1] == "unsettled"


def test_what_landed_when_the_time_of_the_whole_run_was_over_is_promoted(shop):
    shop.remote.hook("post-receive", "trap '' TERM; sleep 60\n")

    with guarded(600.0):
        record = shop.run(repository=out_of_time(shop))

    assert (record.outcome, record.promotion.target_after) == (Outcome.PROMOTED, shop.remote.sha("refs/heads/main"))
    assert shop.events(record)[-1] == "ended"


@pytest.mark.parametrize("where", ["push", "read_back"])
def test_the_time_of_the_whole_run_is_settled_by_one_look(shop, where):
    late = in_turn(raising(OutOfTime("It is late.")), getattr(shop.repository, where))

    record = shop.run(repository=Instead(shop.repository, **{where: late}))

    landed = where == "read_back"
    assert record.reason_code == ("promoted" if landed else "deadline-exceeded")
    assert shop.events(record)[-1] == ("ended" if landed else "unsettled")
    assert shop.run().reason_code == ("up-to-date" if landed else "promoted")


def test_a_target_that_was_taken_back_during_the_tests_is_named_so(shop):
    remote = shop.remote
    shop.load.during = lambda: remote.set("refs/heads/main", remote.git("rev-list", "--max-parents=0", "main"))
    ended = remote.sha("refs/heads/main")

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "branch-rewound")
    assert f"main was {ended[:12]} when the run began and was taken back to" in record.reason
