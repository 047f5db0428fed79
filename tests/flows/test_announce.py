"""What is said on the host: at three moments, once each, by whoever comes after where this run could not."""

import shutil
from dataclasses import replace

import pytest
from support.evidence import slow
from support.fakehost import HERALD, FakeHost, failing, on_host, warnings
from support.fakes import Instead, Killed, Shop, raising
from support.gitrepos import Repo
from support.hotfixes import cut_hotfix, ship
from support.rollbacks import rolled_back
from support.sealed import assert_sealed

from bot.adapters.worktree import WorkTree
from bot.core.hosting import Announced
from bot.core.hotfix import Reach
from bot.core.record import Outcome, RunKind
from bot.errors import BotError, OutOfTime, Reason
from bot.flows.backport import Order, backport
from bot.flows.promote import promote
from bot.flows.request import Effect
from bot.flows.resume_run import resume


@pytest.fixture
def host(tmp_path):
    return FakeHost(tmp_path)


def told(shop):
    return shop.runs.untold() == ()


def resumed(shop, host):
    request = replace(shop.request(RunKind.PROMOTION, Effect.WRITE), slot=None, plan=None)
    return resume(shop.tools(host=host, herald=HERALD), request)


def test_a_promoted_night_says_it_at_three_moments(shop, host):
    record = on_host(shop, host)
    sha, tag = record.candidate.sha, record.promotion.tag
    assert host.calls == ["status", "status", "status", "deployment", "release", "issue"]
    state = host.state
    assert [light for light, _ in state["statuses"][sha]] == ["pending", "success"]
    assert state["deployments"] == [[sha, tag]]
    assert state["releases"] == {tag: {"sha": sha, "latest": True, "count": 1}}
    assert told(shop)


def test_what_was_said_is_in_the_record_and_in_run_json(shop, host):
    record = on_host(shop, host)
    assert record.announced == (
        Announced("status", f"https://host.example/commit/{record.candidate.sha}"),
        Announced("deployment", "https://host.example/deployments"),
        Announced("release", f"https://host.example/releases/{record.promotion.tag}"),
        Announced("issue", None),
    )
    assert shop.runs.load(record.run_id) == record
    assert_sealed(shop.runs.folder(record.run_id).path)


def test_each_announcement_is_journalled_before_it_is_made_and_with_its_answer_after_it(shop, host):
    record = on_host(shop, host)
    events = [event for event in shop.events(record) if event.startswith(("announce", "push", "ended", "told"))]
    assert events == [
        *("announce status", "announced"),
        *("announce status", "announced", "push", "pushed", "ended"),
        *("announce status", "announced"),
        *("announce deployment", "announced"),
        *("announce release", "announced"),
        *("announce issue", "announced"),
        "told",
    ]
    release = [line for line in shop.runs.folder(record.run_id).journal_lines() if line.get("what") == "release"]
    assert [line["url"] for line in release] == [f"https://host.example/releases/{record.promotion.tag}"]


def test_without_a_host_nothing_happens_at_all(shop):
    reached = []
    points = type("Points", (), {"reached": lambda _self, name: reached.append(name)})()
    record = shop.run(points=points)
    words = ("announce", "told", "save candidate", "save announced")
    assert not [name for name in (*reached, *shop.events(record)) if any(word in name for word in words)]
    assert shop.runs.untold() == ()


@pytest.mark.parametrize("run", [{"kind": RunKind.GATE}, {"effect": Effect.DRY_RUN}])
def test_what_moves_nothing_says_nothing(shop, host, run):
    assert on_host(shop, host, **run).outcome in (Outcome.PASSED, Outcome.DRY_RUN)
    assert host.calls == []
    assert told(shop)


def test_a_blocked_night_says_so_at_the_end_alone(shop, host):
    shop.load.make = slow
    record = on_host(shop, host)
    assert host.calls == ["status", "status", "issue"]
    assert [light for light, _ in host.state["statuses"][record.candidate.sha]] == ["pending", "failure"]
    assert host.state["issues"] == [{"branch": "main", "open": True, "runs": [record.run_id]}]


def test_a_hotfix_and_a_rollback_are_released(shop, host):
    on_host(shop, host)
    cut_hotfix(shop.remote)
    first = ship(shop, host=host, herald=HERALD)
    second = rolled_back(shop, host=host, herald=HERALD)
    assert (first.outcome, second.outcome) == (Outcome.PROMOTED, Outcome.PROMOTED)
    assert host.state["latest"] == second.promotion.tag
    assert {first.promotion.tag, second.promotion.tag} <= set(host.state["releases"])
    assert told(shop)


def test_a_back_merge_says_nothing_for_it_is_no_release(shop, host):
    shop.run()
    cut_hotfix(shop.remote)
    assert ship(shop, reach=Reach.TARGET_ONLY).outcome is Outcome.PROMOTED
    order = Order("staging", "main", WorkTree(shop.remote.url, shop.folder / "bench", shop.folder / "cache"))
    request = replace(shop.request(RunKind.BACKPORT, Effect.WRITE), slot=None, plan=None)
    assert backport(shop.tools(host=host, herald=HERALD), request, order).outcome is Outcome.PROMOTED
    assert host.calls == []
    assert told(shop)


# --- the host fails


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("number", range(6))
def test_a_call_that_fails_changes_nothing_and_the_next_run_says_it_once(shop, host, number, applied):
    fail = failing(applied=applied)
    host.on_call = lambda _what, do: fail(do) if len(host.calls) == number + 1 else do()
    first = on_host(shop, host)
    assert (first.outcome, first.reason_code) == (Outcome.PROMOTED, "promoted")
    in_passing = number < 2
    assert told(shop) is in_passing
    (warning,) = warnings(shop)
    assert warning.startswith("Not said on GitHub: ")
    assert ("promote run --resume" in warning) is not in_passing

    assert on_host(shop, host).outcome is Outcome.UP_TO_DATE

    assert told(shop)
    assert host.state["releases"][first.promotion.tag] == {
        "sha": first.candidate.sha,
        "latest": True,
        "count": 2 if (number, applied) == (4, True) else 1,
    }
    assert len(host.state["deployments"]) == 1
    assert host.state["statuses"][first.candidate.sha][-1] == ["success", first.run_id]
    # Only the call that failed is made again; the second run has nothing of its own but that nothing is blocked.
    assert len(host.calls) == 6 + (not in_passing) + 1 - (number == 5)
    saved = shop.runs.load(first.run_id)
    assert [each.failure for each in saved.announced if each.what != "issue"] == [None] * 3


def test_a_host_that_does_not_answer_is_asked_once_and_not_for_each_announcement(shop, host):
    host.on_call = lambda _what, do: failing(Reason.HOST_UNREACHABLE)(do) if len(host.calls) > 2 else do()
    record = on_host(shop, host)
    assert record.outcome is Outcome.PROMOTED
    assert host.calls == ["status", "status", "status"]
    assert [(each.what, each.failure is None) for each in record.announced] == [
        ("status", False),
        ("deployment", False),
        ("release", False),
        ("issue", False),
    ]
    (warning,) = warnings(shop)
    assert f"status of run {record.run_id}, deployment of run" in warning
    assert shop.runs.load(record.run_id) == record


@pytest.mark.parametrize("where", ["announce", "name"])
def test_a_bug_in_saying_it_unsays_no_promotion(shop, host, where):
    def broken(*_args):
        raise ZeroDivisionError

    if where == "announce":
        host.on_call = broken
        tools = {"host": host, "herald": HERALD}
    else:
        tools = {"host": host, "herald": Instead(HERALD, ended=broken)}
    record = shop.run(**tools)
    assert record.outcome is Outcome.PROMOTED
    assert any("ZeroDivisionError" in each for each in warnings(shop))
    assert not told(shop)


def test_whoever_interrupts_the_telling_has_a_promoted_run_all_the_same(shop, host):
    host.on_call = lambda _what, do: raising(KeyboardInterrupt())() if len(host.calls) > 3 else do()
    record = on_host(shop, host)
    assert record.outcome is Outcome.PROMOTED
    assert shop.events(record).count("ended") == 1
    assert shop.runs.untold() == (record.run_id,)
    host.on_call = lambda _what, do: do()
    on_host(shop, host)
    assert told(shop)
    assert host.state["releases"][record.promotion.tag]["count"] == 1


def test_the_time_of_the_whole_run_is_no_failure_of_the_host(shop, host):
    before = shop.remote.refs()
    host.on_call = lambda _what, do: raising(OutOfTime("It is late."))() if len(host.calls) == 2 else do()
    record = on_host(shop, host)
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "deadline-exceeded")
    assert shop.remote.refs() == before


# --- later runs make up for it


def silent_night(shop, host, **run):
    """A night that the host hears nothing of."""
    host.on_call = lambda _what, do: failing(Reason.HOST_UNREACHABLE)(do)
    record = on_host(shop, host, **run)
    host.on_call = lambda _what, do: do()
    host.calls.clear()
    return record


def test_an_old_release_does_not_become_the_latest_over_a_newer_one(shop, host):
    old = silent_night(shop, host)
    shop.remote.commits("staging", ["feat: more"])
    new = on_host(shop, host)
    state = host.state
    assert state["releases"][old.promotion.tag]["latest"] is False
    assert state["latest"] == new.promotion.tag
    assert list(state["releases"]) == [old.promotion.tag, new.promotion.tag]
    assert [sha for sha, _ in state["deployments"]] == [old.candidate.sha, new.candidate.sha]


def test_an_old_issue_is_not_opened_once_a_newer_run_says_something_else(shop, host):
    shop.load.make = slow
    old = silent_night(shop, host)
    shop.load.make = Shop(shop.folder / "other").load.make
    shop.remote.commits("staging", ["fix: it"])
    assert on_host(shop, host).outcome is Outcome.PROMOTED
    assert host.state["issues"] == []
    assert host.state["statuses"][old.candidate.sha] == [["failure", old.run_id]]
    assert told(shop)


def test_what_a_newer_run_said_already_is_not_overwritten_by_an_older_one(shop, host):
    shop.load.make = slow
    old = silent_night(shop, host)
    # The older run is out of reach while the newer one tells.
    told_of = Instead(shop.runs, untold=lambda: tuple(each for each in shop.runs.untold() if each != old.run_id))
    new = on_host(shop, host, runs=told_of)
    assert host.state["issues"][0]["runs"] == [new.run_id]
    host.calls.clear()
    assert resumed(shop, host).reason_code == "resumed"
    assert host.calls == []
    assert host.state["statuses"][old.candidate.sha][-1] == ["failure", new.run_id]
    assert told(shop)


def silent_nights(shop, host, count):
    """Nights that each promoted something, and that the host hears nothing of."""
    found = []
    for _ in range(count):
        shop.remote.commits("staging", ["feat: more"])
        found.append(silent_night(shop, host).run_id)
    shop.remote.commits("staging", ["feat: more"])
    return found


def test_a_night_tells_of_one_earlier_run_and_resume_of_all(shop, host):
    old = silent_nights(shop, host, 3)
    on_host(shop, host)
    assert shop.runs.untold() == tuple(old[1:])
    assert "2 earlier runs wait to be told of" in warnings(shop)[-1]
    record = resumed(shop, host)
    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "resumed")
    assert "6 announcements of 2 runs" in record.reason
    assert told(shop)
    assert len(host.state["releases"]) == 4


def refusing(host, tag):
    """The host takes everything but the release of that tag."""
    announce = host.announce

    def refuse(what, folder):
        if getattr(what, "tag", "") == tag and what.what == "release":
            raise BotError(Reason.HOST_REFUSED, "It does not want that one.")
        return announce(what, folder)

    return Instead(host, announce=refuse)


def test_a_release_that_the_host_never_takes_keeps_no_other_run_from_its_turn(shop, host):
    old = silent_nights(shop, host, 2)
    picky = refusing(host, shop.runs.load(old[0]).promotion.tag)
    for _ in range(2):
        on_host(shop, picky)
    assert shop.runs.untold() == (old[0],)
    assert shop.runs.load(old[1]).promotion.tag in host.state["releases"]


def test_after_a_month_what_the_host_never_took_is_given_up_with_a_warning(shop, host):
    (old,) = silent_nights(shop, host, 1)
    picky = refusing(host, shop.runs.load(old).promotion.tag)
    on_host(shop, picky)
    assert shop.runs.untold() == (old,)
    shop.clock.pass_time(31 * 86400)
    on_host(shop, picky)
    assert told(shop)
    assert any("over a month old" in each for each in warnings(shop))


def test_a_run_of_another_repository_is_left_to_its_own_bot(shop, host):
    old = silent_night(shop, host)
    shop.runs.save(replace(old, repository=replace(old.repository, remote="https://host.example/other.git")))
    assert resumed(shop, host).reason_code == "resumed"
    assert host.calls == []
    assert not told(shop)


@pytest.mark.parametrize("content", [None, b"{"])
def test_a_run_whose_record_is_lost_is_told_and_in_nobody_s_way(shop, host, content):
    old = silent_night(shop, host)
    path = shop.runs.folder(old.run_id).path / "run.json"
    path.unlink() if content is None else path.write_bytes(content)
    shop.remote.commits("staging", ["feat: more"])
    assert on_host(shop, host).outcome is Outcome.PROMOTED
    assert any("run.json" in each for each in warnings(shop))


# --- promote run --resume


def test_resume_says_what_is_left_and_promotes_nothing(shop, host):
    old = silent_night(shop, host)
    shop.remote.commits("staging", ["feat: not tonight"])
    before = shop.remote.refs()
    record = resumed(shop, host)
    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "resumed")
    assert shop.remote.refs() == before
    assert host.calls == ["status", "deployment", "release", "issue"]
    assert shop.runs.load(old.run_id).announced[2].url == f"https://host.example/releases/{old.promotion.tag}"
    assert told(shop)


def test_resume_with_nothing_left_says_that(shop, host):
    on_host(shop, host)
    host.calls.clear()
    assert "nothing was left" in resumed(shop, host).reason
    assert host.calls == []


@pytest.mark.parametrize("reason", [Reason.HOST_UNREACHABLE, Reason.HOST_FAILED, Reason.HOST_LIMITED])
def test_resume_that_still_cannot_say_it_ends_as_a_failure_of_the_host(shop, host, reason):
    old = silent_night(shop, host)
    host.on_call = lambda _what, do: failing(reason)(do)
    record = resumed(shop, host)
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, reason.code)
    assert f"release of run {old.run_id}" in record.reason
    assert shop.runs.untold() == (old.run_id,)


def test_resume_without_a_host_only_settles(shop):
    with pytest.raises(Killed):
        shop.run(repository=Instead(shop.repository, read_back=raising(Killed())))
    (killed,) = shop.runs.run_ids()
    request = replace(shop.request(RunKind.PROMOTION, Effect.WRITE), slot=None, plan=None)
    assert "no host" in resume(shop.tools(), request).reason
    assert shop.runs.load(killed).outcome is Outcome.PROMOTED


# --- crashes


class Trap:
    """Kills the run at one point, counted from its beginning."""

    def __init__(self, at):
        self.names, self._at = [], at

    def reached(self, name):
        self.names.append(name)
        if len(self.names) - 1 == self._at:
            raise Killed


ABOUT_THE_HOST = ("announce", "told", "journal ended", "save candidate", "read back")


def rehearsed(folder):
    """The points of a promoted night on a host: all those about the host, and a few of the others."""
    shop, trap = Shop(folder), Trap(-1)
    on_host(shop, FakeHost(folder), points=trap)
    shop.history.close()
    names = enumerate(trap.names)
    return [at for at, name in names if any(word in name for word in ABOUT_THE_HOST) or at % 20 == 0]


PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_a_night_killed_at_any_point_about_the_host_ends_with_everything_said_once(tmp_path, part):
    points = rehearsed(tmp_path / "rehearsal")[part::PARTS]
    assert len(points) > 8
    kept, world = tmp_path / "kept", tmp_path / "world"
    Shop(kept).history.close()
    for at in points:
        shutil.copytree(kept, world, symlinks=True)
        _killed_and_started_again(world, at)
        shutil.rmtree(world)


def _killed_and_started_again(folder, at):
    trap, host = Trap(at), FakeHost(folder)
    shop = Shop(folder, remote=Repo(folder / "remote.git"))
    with pytest.raises(Killed):
        on_host(shop, host, points=trap)
    where = trap.names[-1]
    on_host(shop, host)
    shop.repository.fetch()
    shop.history.close()
    state = host.state
    assert shop.runs.untold() == shop.runs.unfinished() == (), where
    (entry,) = shop.repository.ledger()
    assert_sealed(shop.runs.folder(entry.run_id).path)
    assert state["deployments"] == [[entry.sha, entry.tag]], where
    # Only what was under way when it was killed is said a second time, and the host knows it again.
    in_doubt = {"after announce release", "before journal announced"}
    assert state["releases"][entry.tag]["count"] <= 1 + (where in in_doubt), where
    assert state["releases"][entry.tag]["latest"], where
    assert state["statuses"][entry.sha][-1] == ["success", entry.run_id], where
    assert state["issues"] == [], where


def test_a_run_killed_in_its_soak_does_not_leave_its_commit_pending(shop, host):
    shop.load.during = raising(Killed())
    with pytest.raises(Killed):
        on_host(shop, host)
    (killed,) = shop.runs.run_ids()
    sha = shop.remote.sha("refs/heads/staging")
    shop.remote.commits("staging", ["feat: more"])
    shop.load.during = lambda: None
    assert on_host(shop, host).outcome is Outcome.PROMOTED
    assert host.state["statuses"][sha] == [["pending", killed], ["error", killed]]


# --- required checks


def checked(shop, host, *answers, wait=0.0, **run):
    host.checks_said = list(answers)
    asked = shop.request

    def request(*args):
        return replace(asked(*args), required_checks=("test", "build"), checks_wait=wait)

    shop.request = request
    try:
        return on_host(shop, host, **run)
    finally:
        shop.request = asked


GREEN = {"test": "success", "build": "success", "other": "failure"}


def test_checks_that_succeeded_let_the_night_go_on_and_are_asked_before_and_after_the_load(shop, host):
    record = checked(shop, host, GREEN)
    assert record.outcome is Outcome.PROMOTED
    assert host.asked == 2
    assert [(each.name, each.said) for each in record.required_checks] == [("test", "success"), ("build", "success")]
    assert shop.runs.load(record.run_id).required_checks == record.required_checks


@pytest.mark.parametrize("word", ["failure", "skipped", "neutral", "cancelled"])
def test_a_check_that_did_not_succeed_blocks_before_any_load(shop, host, word):
    record = checked(shop, host, GREEN | {"build": word}, wait=600.0)
    assert (record.outcome, record.reason_code) == (Outcome.BLOCKED, "checks-failed")
    assert f"build is {word} (https://host.example/checks/build)" in record.reason
    assert shop.load.ran == []
    assert host.asked == 1


@pytest.mark.parametrize("seen", [{"test": "success"}, GREEN | {"build": "in_progress"}])
def test_a_check_that_is_pending_or_missing_is_waited_for_no_longer_than_may_be(shop, host, seen):
    begun = shop.clock.monotonic()
    record = checked(shop, host, seen, wait=600.0)
    assert (record.outcome, record.reason_code) == (Outcome.INCONCLUSIVE, "checks-pending")
    assert shop.load.ran == []
    assert host.asked <= 12
    assert 600 <= shop.clock.monotonic() - begun < 700
    assert next(detail for name, detail in shop.watcher.steps if name == "wait").startswith("10 s: ")


def test_a_check_that_comes_to_an_end_while_it_is_waited_for_lets_the_night_go_on(shop, host):
    assert checked(shop, host, {}, {"test": "success"}, GREEN, wait=600.0).outcome is Outcome.PROMOTED


def test_a_check_that_turned_red_during_the_soak_blocks(shop, host):
    before = shop.remote.refs()
    record = checked(shop, host, GREEN, GREEN | {"test": "failure"})
    assert (record.outcome, record.reason_code) == (Outcome.BLOCKED, "checks-failed")
    assert record.verdict.result == "pass"
    assert shop.remote.refs() == before
    assert host.state["statuses"][record.candidate.sha][-1][0] == "failure"


@pytest.mark.parametrize("run", [{"kind": RunKind.GATE}, {"effect": Effect.DRY_RUN}])
def test_checks_are_part_of_a_gate_and_of_a_dry_run(shop, host, run):
    assert checked(shop, host, GREEN | {"test": "failure"}, **run).reason_code == "checks-failed"


def test_a_host_that_cannot_be_asked_is_no_success(shop, host):
    record = checked(shop, host, BotError(Reason.HOST_UNREACHABLE, "It does not answer."))
    assert (record.outcome, record.reason_code) == (Outcome.ERROR, "host-unreachable")
    assert shop.load.ran == []


def test_required_checks_without_a_host_promote_nothing(shop):
    request = replace(shop.request(RunKind.PROMOTION, Effect.WRITE), required_checks=("test",))
    before = shop.remote.refs()
    assert promote(shop.tools(), request).reason_code == "host-unreachable"
    assert shop.remote.refs() == before
