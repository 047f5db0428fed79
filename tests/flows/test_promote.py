"""The night, told with a made-up load: what moves, what does not, and what the record says of it."""

from dataclasses import replace
from functools import partial

import pytest
from support.evidence import OTHER, empty, failing, slow
from support.fakes import FakeStaging, Instead, PlainReports, broken, in_turn, raising, unanswered
from support.stopping import freeze

from bot.adapters.lock import FileLock
from bot.core.promotion import PushOutcome, PushReport
from bot.core.record import Outcome, RunKind
from bot.errors import BotError, Reason
from bot.flows.request import Effect

LANDED = PushReport(PushOutcome.LANDED, (), "")


def test_a_night_that_passes_moves_target_tag_and_ledger_to_the_commit_that_was_tested(shop):
    tested, before = shop.remote.sha("refs/heads/staging"), shop.remote.sha("refs/heads/main")

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.PROMOTED, "promoted")
    refs = shop.remote.refs()
    assert refs["refs/heads/main"] == tested == record.promotion.target_after
    assert record.promotion.target_before == before
    assert refs[f"refs/tags/{record.promotion.tag}"] == record.promotion.tag_oid
    assert refs["refs/notes/promotions"] == record.promotion.ledger_oid
    assert shop.load.ran == ["load-1k", "more"]
    # How long the reports took is known only after they are written.
    assert shop.runs.load(record.run_id) == replace(record, timings=record.timings[:-1])
    assert shop.known(record.run_id).tag == record.promotion.tag


def test_the_ids_of_what_will_be_pushed_are_journalled_before_the_push(shop):
    events = shop.events(shop.run())
    assert events.index("prepared") < events.index("push") < events.index("read back") < events.index("landed")
    assert (events[0], events[-1]) == ("started", "ended")


def test_every_step_is_timed_and_told(shop):
    record = shop.run()
    steps = [name for name, _ in record.timings]
    assert steps == [
        "fetch", "audit", "candidate", "recall", "prepare reports", "scenario load-1k", "scenario more", "judge",
        "prepare", "push", "read back", "report",
    ]  # fmt: skip
    assert [name for name, _ in shop.watcher.steps if name != "wrote"] == steps


@pytest.mark.parametrize(
    ("measured", "outcome", "reason"),
    [
        (slow, Outcome.BLOCKED, Reason.SLO_FAILED),
        (failing, Outcome.BLOCKED, Reason.SLO_FAILED),
        (empty, Outcome.INVALID, Reason.MEASUREMENT_INVALID),
    ],
)
def test_a_verdict_that_is_no_pass_moves_nothing(shop, measured, outcome, reason):
    before = shop.remote.refs()
    shop.load.make = measured

    record = shop.run()

    assert (record.outcome, record.reason_code) == (outcome, reason.code)
    assert shop.remote.refs() == before
    assert record.promotion is None
    assert "push" not in shop.events(record)


def test_bad_nights_are_counted_and_name_what_came_since_the_last_good_one(shop):
    good = shop.run()
    shop.remote.commits("staging", ["feat: one", "feat: two"])
    shop.load.make = slow
    first = shop.run()
    shop.remote.commits("staging", ["feat: three"])
    second = shop.run()
    assert (first.trouble.nights, second.trouble.nights) == (1, 2)
    assert second.trouble.since == first.started_at
    assert second.trouble.last_good_sha == good.candidate.sha
    assert [each.subject for each in second.trouble.suspects] == ["feat: three", "feat: two", "feat: one"]


def test_nights_refused_until_a_person_acts_are_counted_and_name_what_waits(shop):
    good = shop.run()
    shop.remote.commit("main", "fix: by hand", files={"x.txt": "x\n"})
    shop.remote.commits("staging", ["feat: one", "feat: two"])
    first, second = shop.run(), shop.run()
    assert (first.outcome, first.reason_code) == (Outcome.REFUSED, "not-fast-forward")
    assert (first.trouble.nights, second.trouble.nights) == (1, 2)
    assert second.trouble.since == first.started_at
    assert second.trouble.last_good_sha == good.candidate.sha
    assert [each.subject for each in second.trouble.suspects] == ["feat: two", "feat: one"]


def test_a_night_that_a_freeze_stops_is_in_no_trouble(shop):
    shop.run()
    shop.remote.commit("staging", "feat: one")
    freeze(shop.folder / "people", shop.remote)
    record = shop.run()
    assert (record.outcome, record.reason_code, record.trouble) == (Outcome.REFUSED, "frozen", None)
    assert record.candidate.commits == ()


def test_a_promotion_knows_the_verdict_of_the_one_before(shop):
    first = shop.run()
    shop.remote.commits("staging", ["feat: more"])
    second = shop.run()
    assert first.previous is None
    assert second.previous == first.verdict
    assert second.candidate.base_sha == first.candidate.sha


def test_a_gate_judges_and_moves_nothing(shop):
    before = shop.remote.refs()
    record = shop.run(kind=RunKind.GATE)
    assert (record.outcome, record.reason_code) == (Outcome.PASSED, "gate-passed")
    assert shop.remote.refs() == before
    assert record.updates == ()


def test_a_dry_run_shows_what_it_would_write(shop):
    before = shop.remote.refs()
    record = shop.run(effect=Effect.DRY_RUN)
    assert record.outcome is Outcome.DRY_RUN
    target, tag, ledger = record.updates
    assert (target.expected, target.new) == (before["refs/heads/main"], before["refs/heads/staging"])
    assert tag.ref == "refs/tags/release/20261121-020100"
    assert (ledger.ref, ledger.expected) == ("refs/notes/promotions", None)
    assert shop.remote.refs() == before
    assert (shop.runs.folder(record.run_id).path / "notes.md").read_text().startswith("# Nightly Release: 2026")


def test_nothing_new_sends_no_load(shop):
    shop.remote.set("refs/heads/staging", shop.remote.sha("refs/heads/main"))
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "up-to-date")
    assert shop.load.ran == []


def test_a_target_with_commits_of_its_own_is_refused_before_any_load(shop):
    stray = shop.remote.commit("main", "fix: straight onto main")
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "not-fast-forward")
    assert stray[:12] in record.reason
    assert shop.load.ran == []


def test_staging_that_runs_another_commit_gets_no_load_and_the_rest_is_spared_too(shop):
    before = shop.remote.refs()
    record = shop.run(staging=FakeStaging(OTHER))
    assert (record.outcome, record.reason_code) == (Outcome.INVALID, "staging-mismatch")
    assert shop.load.ran == []
    assert shop.remote.refs() == before


def test_a_deployment_between_two_scenarios_ends_the_load(shop):
    record = shop.run(staging=FakeStaging("", OTHER))
    assert record.reason_code == "staging-mismatch"
    assert shop.load.ran == ["load-1k"]
    assert OTHER[:7] in record.reason


def test_a_target_that_moves_during_the_load_is_left_alone(shop):
    shop.load.during = partial(shop.remote.commit, "main", "fix: pushed around the bot")
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "target-moved")
    assert {"refs/heads/main", "refs/heads/staging"} == set(shop.remote.refs())


def test_a_source_that_moves_on_during_the_load_promotes_what_was_tested(shop):
    tested = shop.remote.sha("refs/heads/staging")
    shop.load.during = partial(shop.remote.commit, "staging", "feat: pushed during the load")
    assert shop.run().outcome is Outcome.PROMOTED
    assert shop.remote.sha("refs/heads/main") == tested


def test_a_source_that_is_rewritten_during_the_load_is_refused(shop):
    shop.load.during = partial(shop.remote.set, "refs/heads/staging", shop.remote.sha("refs/heads/main"))
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "source-rewritten")
    assert "refs/notes/promotions" not in shop.remote.refs()


def test_a_target_that_somebody_moves_to_the_candidate_during_the_load_is_refused(shop):
    """A push asks no lease for a ref that already is where it goes."""
    tested = shop.remote.sha("refs/heads/staging")
    shop.load.during = partial(shop.remote.set, "refs/heads/main", tested)
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "target-moved")
    assert f"somebody else moved it to {tested[:12]} meanwhile" in record.reason
    assert {"refs/heads/main", "refs/heads/staging"} == set(shop.remote.refs())


def test_a_hook_of_the_server_may_refuse_the_push(shop):
    before = shop.remote.refs()
    shop.remote.hook("pre-receive", 'echo "main is protected" >&2\nexit 1\n')
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "push-rejected")
    assert shop.remote.refs() == before


@pytest.mark.parametrize("where", ["fetch", "branch_facts", "commits", "authors", "prepare", "meanwhile"])
def test_a_failure_before_the_push_is_an_operational_error_and_moves_nothing(shop, where):
    before = shop.remote.refs()

    record = shop.run(repository=Instead(shop.repository, **{where: broken()}))

    assert (record.outcome, record.reason_code, record.reason) == (Outcome.ERROR, "remote-unreachable", "It broke.")
    assert shop.remote.refs() == before
    assert shop.events(record)[-1] == "ended"
    assert shop.run().outcome is Outcome.PROMOTED


def test_an_interruption_during_the_load_is_recorded_and_ends_the_run(shop):
    shop.load.during = raising(KeyboardInterrupt())
    record = shop.run()
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "interrupted")
    assert "nothing was sent" in record.reason
    assert shop.events(record)[-1] == "ended"


def test_an_interruption_after_the_push_landed_is_a_promotion(shop):
    read_back = in_turn(raising(KeyboardInterrupt()), shop.repository.read_back)
    record = shop.run(repository=Instead(shop.repository, read_back=read_back))
    assert (record.outcome, record.promotion.target_after) == (Outcome.PROMOTED, shop.remote.sha("refs/heads/main"))
    assert shop.events(record)[-1] == "ended"


def test_an_interruption_before_the_push_landed_is_left_to_be_settled(shop):
    before = shop.remote.refs()
    record = shop.run(repository=Instead(shop.repository, push=raising(KeyboardInterrupt())))
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "interrupted")
    assert "while it pushed" in record.reason
    assert "Last heard of it" not in record.reason
    assert shop.remote.refs() == before
    assert shop.events(record)[-1] == "unsettled"


def test_a_second_interruption_does_not_lose_the_record(shop):
    write = in_turn(raising(KeyboardInterrupt()), shop.tools().reporter.write)
    record = shop.run(reporter=Instead(PlainReports(), write=write))
    assert record.outcome is Outcome.PROMOTED
    assert shop.events(record)[-1] == "ended"


def test_while_another_run_holds_the_lock_nothing_begins(shop):
    with FileLock(shop.folder / "state" / "lock").hold(), pytest.raises(BotError) as caught:
        shop.run()
    assert caught.value.reason is Reason.LOCKED
    assert shop.runs.run_ids() == ()


def test_a_push_without_an_answer_is_sent_again_and_lands(shop):
    push = in_turn(unanswered, shop.repository.push)

    record = shop.run(repository=Instead(shop.repository, push=push))

    assert record.outcome is Outcome.PROMOTED
    assert shop.events(record).count("pushed") == 2
    assert len(shop.repository.ledger()) <= 1
    assert shop.remote.refs()["refs/notes/promotions"] == record.promotion.ledger_oid


def test_a_push_whose_answer_was_lost_is_not_sent_again(shop):
    def lost(*args):
        shop.repository.push(*args)
        return unanswered()

    record = shop.run(repository=Instead(shop.repository, push=lost))

    assert record.outcome is Outcome.PROMOTED
    assert shop.events(record).count("pushed") == 1


def test_a_push_that_never_gets_an_answer_is_an_error_and_the_next_night_promotes(shop):
    before = shop.remote.refs()

    record = shop.run(repository=Instead(shop.repository, push=unanswered))

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "push-unknown")
    assert "the connection was lost" in record.reason
    assert shop.events(record).count("pushed") == 3
    assert shop.events(record)[-1] == "unsettled"
    assert shop.remote.refs() == before
    assert shop.run().outcome is Outcome.PROMOTED


def test_a_push_that_git_calls_done_is_not_believed_until_it_is_seen(shop):
    seen = shop.remote.refs()
    landed = Instead(shop.repository, push=lambda *_args: LANDED)

    record = shop.run(repository=landed)

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "read-back-failed")
    assert shop.remote.refs() == seen


def test_a_remote_that_cannot_be_read_back_once_is_read_again(shop):
    read_back = in_turn(broken(), shop.repository.read_back)
    record = shop.run(repository=Instead(shop.repository, read_back=read_back))
    assert record.outcome is Outcome.PROMOTED


def test_a_remote_that_cannot_be_read_back_at_all_is_never_called_promoted(shop):
    tested = shop.remote.sha("refs/heads/staging")

    record = shop.run(repository=Instead(shop.repository, read_back=broken()))

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "read-back-failed")
    assert "It broke." in record.reason
    assert shop.remote.sha("refs/heads/main") == tested
    assert shop.events(record)[-1] == "unsettled"
    assert shop.run().outcome is Outcome.UP_TO_DATE
    assert shop.runs.load(record.run_id).outcome is Outcome.PROMOTED
    assert shop.known(record.run_id).outcome is Outcome.PROMOTED
