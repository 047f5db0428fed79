"""The same contract for every way to push: all or nothing, each ref by its lease, and git's own reading believed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from support.gitrepos import make_remote
from support.promotions import landed, plan_for, pushed
from support.transports import Transport, ways

from bot.adapters.lock import FileLock
from bot.core.gate import Refusal
from bot.core.objects import plan_commit
from bot.core.promotion import Move, Promotion, PushOutcome, PushPlan, Way
from bot.core.settle import Unsettled, settle
from bot.errors import BotError, Reason

MAIN, STAGING, LEDGER = "refs/heads/main", "refs/heads/staging", "refs/notes/promotions"
TAG = "refs/tags/release/20261121-020000"


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture(params=Transport, ids=lambda each: each.name.lower())
def way(request, tmp_path, remote, monkeypatch):
    with ways(tmp_path, remote, request.param, monkeypatch) as made:
        yield made


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


def test_target_tag_and_ledger_land_as_they_were_prepared(way, remote, tmp_path, lock):
    repository, prepared = way.prepared(tmp_path)
    tip = remote.sha(STAGING)

    report, end = pushed(repository, prepared, lock)

    assert (report.outcome, report.detail) == (PushOutcome.LANDED, "")
    assert isinstance(end, Promotion)
    assert remote.refs() == {MAIN: tip, STAGING: tip, TAG: prepared.tag_oid, LEDGER: prepared.ledger_oid}
    assert {(line.ref, line.flag) for line in report.refs} == {(MAIN, " "), (TAG, "*"), (LEDGER, "*")}
    assert remote.git("fsck", "--full", "--strict") == ""


def test_the_ledger_grows_and_the_same_push_again_changes_nothing(way, remote, tmp_path, lock):
    repository, first = way.prepared(tmp_path)
    repository.push(first, lock)
    remote.commit("staging", "feat: more")
    repository.fetch()
    second = repository.prepare(plan_for(repository, run_id="run-2"))

    assert isinstance(pushed(repository, second, lock)[1], Promotion)
    after = remote.refs()
    report, end = pushed(repository, second, lock)

    assert report.outcome is PushOutcome.LANDED
    assert {line.flag for line in report.refs} == {"="}
    assert isinstance(end, Promotion)
    assert remote.refs() == after
    repository.fetch()
    assert [entry.run_id for entry in repository.ledger()] == ["run-1", "run-2"]


@pytest.mark.parametrize("kept", [[MAIN], [LEDGER], [TAG], [MAIN, TAG], [MAIN, LEDGER]])
def test_a_half_that_a_killed_push_left_is_healed_by_the_same_push(way, remote, tmp_path, lock, kept):
    repository, prepared = way.prepared(tmp_path)
    old = remote.refs()
    repository.push(prepared, lock)
    full = remote.refs()
    for ref in full.keys() - {STAGING, *kept}:
        remote.set(ref, old[ref]) if ref in old else remote.delete(ref)
    assert not landed(repository, prepared)

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)
    assert remote.refs() == full


def moved_on(remote, _prepared):
    remote.commit("main", "fix: by hand")


def rewound(remote, prepared):
    remote.set(MAIN, remote.git("rev-parse", f"{prepared.plan.moves[0].before}^"))


def gone(remote, _prepared):
    remote.delete(MAIN)


def tagged(remote, prepared):
    remote.tag(prepared.plan.tag.name, prepared.plan.moves[0].after)


def noted(remote, prepared):
    remote.git("notes", "--ref=promotions", "add", "-m", "{}", prepared.plan.moves[0].after)


MEANWHILE = [
    (moved_on, (PushOutcome.TARGET_MOVED, Reason.TARGET_MOVED)),
    (rewound, (PushOutcome.TARGET_MOVED, Reason.BRANCH_REWOUND)),
    (gone, (PushOutcome.TARGET_MOVED, Reason.TARGET_MOVED)),
    (tagged, (PushOutcome.TAG_EXISTS, Reason.TAG_EXISTS)),
    (noted, (PushOutcome.LEDGER_MOVED, Reason.LEDGER_MOVED)),
]


@pytest.mark.parametrize("case", MEANWHILE, ids=lambda case: case[0].__name__)
def test_whatever_changed_since_the_fetch_refuses_all_of_it(way, remote, tmp_path, lock, case):
    meanwhile, expected = case
    repository, prepared = way.prepared(tmp_path)
    meanwhile(remote, prepared)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert isinstance(end, Refusal)
    assert (report.outcome, end.reason) == expected
    assert remote.refs() == before
    # What is known beforehand needs no words of a server that may have none for it.
    assert not way.hub.writes


def merged(repository, remote):
    """A planned merge of main into staging, with new files, folders and a tag of nothing."""
    repository.fetch()
    ours, theirs = remote.sha(STAGING), remote.sha(MAIN)
    tree = repository.merge(ours, theirs).tree
    commit = plan_commit(
        tree=tree, parents=(ours, theirs), at=1_795_000_000, message="Merge main, größer\n\nTrailer: x\n"
    )
    move = Move(STAGING, ours, commit.sha)
    return PushPlan((move,), None, None, None, 0, "Merge main into staging", commits=(commit,))


@pytest.fixture
def apart(remote):
    text = "".join(f"{number}\n" for number in range(40))
    remote.commit("main", "feat: both", files={"deep/er/both.txt": text, "größe ünd.txt": "x\n"})
    remote.set(STAGING, remote.sha(MAIN))
    remote.commit("staging", "feat: ours", files={"deep/er/both.txt": "ours\n" + text, "deep/ours.txt": "o\n"})
    remote.commit("main", "fix: theirs", files={"deep/er/both.txt": text + "theirs\n", "theirs/a.txt": "t\n"})


@pytest.mark.usefixtures("apart")
def test_a_merge_arrives_with_every_file_and_folder_that_only_it_has(way, remote, tmp_path, lock):
    repository = way.open(tmp_path)
    prepared = repository.prepare(merged(repository, remote))

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.LANDED, report.detail
    assert isinstance(end, Promotion)
    assert remote.sha(STAGING) == prepared.plan.commits[0].sha
    assert remote.git("show", f"{STAGING}:deep/er/both.txt").startswith("ours\n0\n")
    assert remote.git("fsck", "--full", "--strict", "--no-dangling") == ""


@pytest.mark.usefixtures("apart")
def test_a_source_that_moved_refuses_the_merge_into_it(way, remote, tmp_path, lock):
    repository = way.open(tmp_path)
    plan = merged(repository, remote)
    first = Move(MAIN, remote.sha(MAIN), remote.sha(MAIN))
    prepared = repository.prepare(replace(plan, moves=(first, *plan.moves)))
    remote.commit("staging", "feat: meanwhile")
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.SOURCE_MOVED
    assert isinstance(end, Refusal)
    assert remote.refs() == before


def back(repository, remote):
    """Main back to where it was one commit ago."""
    repository.fetch()
    tip = remote.sha(MAIN)
    move = Move(MAIN, tip, remote.git("rev-parse", f"{tip}^"), Way.REWIND)
    return repository.prepare(PushPlan((move,), None, None, None, 0, "Take main back"))


def test_a_branch_goes_back_only_where_that_is_planned(way, remote, tmp_path, lock):
    repository = way.open(tmp_path)
    prepared = back(repository, remote)
    forward = replace(prepared, plan=replace(prepared.plan, moves=(replace(prepared.plan.moves[0], way=Way.FORWARD),)))

    with pytest.raises(BotError):
        repository.push(forward, lock)
    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.LANDED
    assert [line.flag for line in report.refs] == ["+"]
    assert isinstance(end, Promotion)
    assert remote.sha(MAIN) == prepared.plan.moves[0].after


def test_a_server_that_lets_no_branch_go_back_says_so(way, remote, tmp_path, lock):
    repository = way.open(tmp_path)
    prepared = back(repository, remote)
    way.hub.guard_pushes()
    way.hub.protect("main")
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.POLICY
    assert isinstance(end, Refusal)
    assert "Cannot force-push" in end.sentence
    assert remote.refs() == before


def test_of_racing_bots_exactly_one_promotes(way, remote, tmp_path):
    bots = [way.prepared(tmp_path / f"bot{n}", run_id=f"run-{n}", actor=f"bot-{n}") for n in range(3)]

    def run(number):
        with FileLock(tmp_path / f"lock{number}").hold() as proof:
            return pushed(*bots[number], proof)[1]

    with ThreadPoolExecutor(3) as pool:
        ends = list(pool.map(run, range(3)))

    (winner,) = [number for number, end in enumerate(ends) if isinstance(end, Promotion)]
    assert all(isinstance(end, Promotion | Refusal | Unsettled) for end in ends)
    prepared = bots[winner][1]
    assert remote.sha(LEDGER) == prepared.ledger_oid
    assert [ref for ref in remote.refs() if "tags" in ref] == [f"refs/tags/{prepared.plan.tag.name}"]


def test_a_rule_is_never_waited_for(way, remote, tmp_path, lock):
    way.hub.guard_pushes()
    way.hub.add_ruleset("main", [{"type": "pull_request"}])
    repository, prepared = way.prepared(tmp_path)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.POLICY
    assert isinstance(end, Refusal)
    assert "through a pull request" in end.sentence
    assert remote.refs() == before


def test_nothing_is_believed_but_what_is_read_back(way, remote, tmp_path, lock):
    repository, prepared = way.prepared(tmp_path)
    report = repository.push(prepared, lock)
    remote.set(MAIN, prepared.plan.moves[0].before)

    assert report.outcome is PushOutcome.LANDED
    assert isinstance(settle(prepared, report, repository.read_back(prepared)), Unsettled)
