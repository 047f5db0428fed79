"""Promotions on real bare remotes: prepared, pushed, raced, refused and read back."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from support.gitrepos import make_remote
from support.promotions import TWO, landed, open_repository, plan_for, prepared_on, pushed

from bot.adapters.git import GitRepository
from bot.adapters.lock import FileLock
from bot.core.candidate import Meanwhile
from bot.core.gate import Refusal
from bot.core.promotion import Promotion, PushOutcome
from bot.core.settle import Unsettled, settle
from bot.errors import BotError, Reason

LEDGER = "refs/notes/promotions"


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


def test_one_push_moves_main_makes_the_tag_and_starts_the_ledger(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    tip = remote.sha("refs/heads/staging")

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.LANDED
    assert isinstance(end, Promotion)
    assert end.target_after == tip
    assert remote.refs() == {
        "refs/heads/main": tip,
        "refs/heads/staging": tip,
        "refs/tags/release/20261121-020000": prepared.tag_oid,
        LEDGER: prepared.ledger_oid,
    }
    assert landed(repository, prepared)


def test_nothing_is_sent_by_preparing(remote, tmp_path):
    before = remote.refs()

    repository, prepared = prepared_on(remote, tmp_path)

    assert remote.refs() == before
    assert not landed(repository, prepared)


def test_plain_git_shows_the_ledger_under_the_commit_and_the_tags_trailers(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    repository.push(prepared, lock)

    note = remote.git("log", "-1", "--format=%N", "--notes=promotions", "main").strip()
    trailers = remote.git("for-each-ref", "--format=%(contents:trailers)", "refs/tags").strip()

    assert json.loads(note)["tag"] == "release/20261121-020000"
    assert trailers.split("\n")[0] == f"Promoted-Commit: {prepared.plan.moves[0].after}"
    assert remote.git("fsck", "--full", "--strict") == ""


def test_the_same_plan_makes_the_same_objects_here_and_in_another_clone(remote, tmp_path):
    repository, prepared = prepared_on(remote, tmp_path / "one")
    other = open_repository(remote, tmp_path / "two")
    other.fetch()

    assert repository.prepare(prepared.plan) == prepared
    assert other.prepare(prepared.plan) == prepared


def test_the_ledger_grows_by_one_commit_and_keeps_what_was_there(remote, tmp_path, lock):
    repository, first = prepared_on(remote, tmp_path)
    repository.push(first, lock)
    remote.commit("staging", "feat: more")
    repository.fetch()
    second = repository.prepare(plan_for(repository, run_id="run-2"))

    _, end = pushed(repository, second, lock)

    assert isinstance(end, Promotion)
    assert end.tag == "release/20261121-020001"
    assert remote.git("rev-list", LEDGER).split() == [second.ledger_oid, first.ledger_oid]
    repository.fetch()
    assert [entry.run_id for entry in repository.ledger()] == ["run-1", "run-2"]
    assert repository.release_tags() == ("release/20261121-020000", "release/20261121-020001")


def test_a_second_entry_for_one_commit_goes_on_a_line_of_its_own(remote, tmp_path, lock):
    repository, first = prepared_on(remote, tmp_path)
    repository.push(first, lock)
    remote.set("refs/heads/main", first.plan.moves[0].before)
    repository.fetch()
    second = repository.prepare(plan_for(repository, run_id="run-2"))

    _, end = pushed(repository, second, lock)

    assert isinstance(end, Promotion)
    lines = remote.git("notes", "--ref=promotions", "show", first.plan.moves[0].after).split("\n")
    assert [json.loads(line)["run_id"] for line in lines] == ["run-1", "run-2"]


@pytest.mark.parametrize("fanout", [0, 1, 2])
def test_a_ledger_that_git_notes_has_rewritten_is_read_and_continued(remote, tmp_path, lock, fanout):
    repository, first = prepared_on(remote, tmp_path)
    repository.push(first, lock)
    sha = first.plan.moves[0].after
    blob = remote.git("rev-parse", f"{LEDGER}:{sha[:2]}/{sha[2:]}")
    parts = [sha[2 * n : 2 * n + 2] for n in range(fanout)] + [sha[2 * fanout :]]
    tree = remote.git("mktree", data=f"100644 blob {blob}\t{parts[-1]}\n".encode())
    for part in reversed(parts[:-1]):
        tree = remote.git("mktree", data=f"040000 tree {tree}\t{part}\n".encode())
    remote.set(LEDGER, remote.git("commit-tree", tree, "-p", LEDGER, "-m", "rewritten"))
    remote.set("refs/heads/main", first.plan.moves[0].before)
    repository.fetch()

    second = repository.prepare(plan_for(repository, run_id="run-2"))
    pushed(repository, second, lock)

    repository.fetch()
    assert [entry.run_id for entry in repository.ledger()] == ["run-1", "run-2"]
    assert len(remote.git("ls-tree", "-r", LEDGER).split("\n")) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda repo, sha: repo.git("notes", "--ref=promotions", "append", "-m", "looks good to me", sha),
        lambda repo, sha: repo.git("notes", "--ref=promotions", "add", "-f", "-m", '{"schema": 1}', sha),
        lambda repo, sha: repo.git("notes", "--ref=promotions", "copy", sha, f"{sha}^"),
        lambda repo, _sha: repo.set(LEDGER, repo.sha("refs/heads/staging")),
    ],
)
def test_a_ledger_that_holds_anything_else_stops_the_line(remote, tmp_path, lock, spoil):
    repository, prepared = prepared_on(remote, tmp_path)
    repository.push(prepared, lock)
    spoil(remote, prepared.plan.moves[0].after)
    repository.fetch()

    with pytest.raises(BotError) as caught:
        repository.ledger()

    assert caught.value.reason is Reason.LEDGER_BROKEN


def test_the_identical_push_again_has_landed_and_changes_nothing(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    repository.push(prepared, lock)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.LANDED
    assert isinstance(end, Promotion)
    assert remote.refs() == before


@pytest.mark.parametrize(
    "present", [["refs/heads/main"], [LEDGER], ["tag"], ["refs/heads/main", "tag"], ["tag", LEDGER]]
)
def test_a_half_state_left_by_a_killed_server_is_seen_and_healed_by_the_same_push(remote, tmp_path, lock, present):
    repository, prepared = prepared_on(remote, tmp_path)
    old = remote.refs()
    repository.push(prepared, lock)
    full = remote.refs()
    kept = [prepared.plan.tag.name if name == "tag" else name for name in present]
    for ref in full:
        if ref != "refs/heads/staging" and not any(ref.endswith(name) for name in kept):
            remote.set(ref, old[ref]) if ref in old else remote.delete(ref)

    before_healing = settle(prepared, repository.push(prepared, lock), repository.read_back(prepared))

    assert isinstance(before_healing, Promotion)
    assert remote.refs() == full


def test_a_half_state_is_never_taken_for_a_promotion(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    report = repository.push(prepared, lock)
    remote.set("refs/heads/main", prepared.plan.moves[0].before)

    end = settle(prepared, report, repository.read_back(prepared))

    assert isinstance(end, Unsettled)
    assert not landed(repository, prepared)


def moved_on(remote, _prepared):
    remote.commit("main", "fix: by hand")


def rewound(remote, prepared):
    remote.set("refs/heads/main", remote.git("rev-parse", f"{prepared.plan.moves[0].before}^"))


def gone(remote, _prepared):
    remote.delete("refs/heads/main")


def tagged(remote, prepared):
    remote.tag(prepared.plan.tag.name, prepared.plan.moves[0].after)


def noted(remote, prepared):
    remote.git("notes", "--ref=promotions", "add", "-m", "{}", prepared.plan.moves[0].after)


@pytest.mark.parametrize(
    ("meanwhile", "expected"),
    [
        (moved_on, (PushOutcome.TARGET_MOVED, Reason.TARGET_MOVED)),
        (rewound, (PushOutcome.TARGET_MOVED, Reason.BRANCH_REWOUND)),
        (gone, (PushOutcome.TARGET_MOVED, Reason.TARGET_MOVED)),
        (tagged, (PushOutcome.TAG_EXISTS, Reason.TAG_EXISTS)),
        (noted, (PushOutcome.LEDGER_MOVED, Reason.LEDGER_MOVED)),
    ],
)
def test_whatever_changed_since_the_fetch_refuses_all_of_it(remote, tmp_path, lock, meanwhile, expected):
    repository, prepared = prepared_on(remote, tmp_path)
    meanwhile(remote, prepared)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert isinstance(end, Refusal)
    assert (report.outcome, end.reason) == expected
    assert remote.refs() == before


def test_a_ledger_that_was_taken_back_meanwhile_is_not_mistaken_for_another_bots(remote, tmp_path, lock):
    repository, first = prepared_on(remote, tmp_path)
    repository.push(first, lock)
    remote.commit("staging", "feat: more")
    repository.fetch()
    second = repository.prepare(plan_for(repository, run_id="run-2"))
    repository.push(second, lock)
    remote.commit("staging", "feat: even more")
    repository.fetch()
    third = repository.prepare(plan_for(repository, run_id="run-3"))
    remote.set(LEDGER, first.ledger_oid)

    report, end = pushed(repository, third, lock)

    assert report.outcome is PushOutcome.LEDGER_MOVED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.LEDGER_BROKEN
    assert f"taken back to {first.ledger_oid[:12]}" in end.sentence


@pytest.mark.parametrize("refused", ["refs/heads/*", "refs/tags/*", "refs/notes/*"])
def test_a_hook_that_refuses_one_ref_keeps_all_of_them_where_they_were(remote, tmp_path, lock, refused):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.hook("update", f'case "$1" in {refused}) echo "not on a Friday" >&2; exit 1;; esac\n')
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.REJECTED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.PUSH_REJECTED
    assert "not on a Friday" in end.sentence
    assert remote.refs() == before


def test_a_hostile_hook_gets_no_control_character_and_no_megabyte_through(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.hook(
        "pre-receive",
        r"""printf '\033]0;owned\007\033[2J\302\233\342\200\256 =\tx:refs/heads/main\t[up to date]\r\nDone\n' >&2
        yes noise | head -c 3000000 >&2
        exit 1
        """,
    )

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.REJECTED
    assert isinstance(end, Refusal)
    assert end.sentence.isprintable()
    assert len(end.sentence) < 1000


def test_a_server_without_atomic_pushes_gets_nothing(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.config("receive.advertiseAtomic", "false")
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.NO_ATOMIC
    assert isinstance(end, Refusal)
    assert end.reason is Reason.NO_ATOMIC_PUSH
    assert remote.refs() == before


def test_a_server_that_dies_while_receiving_leaves_an_unknown_that_the_next_push_settles(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.hook("pre-receive", "kill -9 $PPID\n")

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Unsettled)
    assert end.reason is Reason.PUSH_UNKNOWN
    (remote.path / "hooks/pre-receive").unlink()
    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_a_server_that_hangs_after_it_has_written_is_settled_by_reading_back(remote, tmp_path, lock):
    _, prepared = prepared_on(remote, tmp_path)
    remote.hook("post-receive", "sleep 30\n")
    hasty = open_repository(remote, tmp_path, deadline=2.0)

    report, end = pushed(hasty, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert "2 s" in report.detail
    assert isinstance(end, Promotion)


def test_a_remote_that_is_gone_leaves_the_push_unknown_and_reading_back_says_why(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.path.rename(tmp_path / "elsewhere.git")

    assert repository.push(prepared, lock).outcome is PushOutcome.UNKNOWN
    with pytest.raises(BotError) as caught:
        repository.read_back(prepared)
    assert caught.value.reason is Reason.REMOTE_UNREACHABLE


def test_a_promotion_is_still_known_when_others_have_moved_on_from_it(remote, tmp_path, lock):
    repository, first = prepared_on(remote, tmp_path / "one")
    report = repository.push(first, lock)
    remote.commit("staging", "feat: more")
    other, second = prepared_on(remote, tmp_path / "two", run_id="run-2")
    other.push(second, lock)

    seen = repository.read_back(first)

    assert (seen.moves[0].past, seen.ledger.past) == (True, True)
    assert isinstance(settle(first, report, seen), Promotion)


def test_a_promotion_that_somebody_took_back_is_not_called_landed(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    repository.push(prepared, lock)
    rewound(remote, prepared)
    remote.commit("main", "fix: another way")

    assert not landed(repository, prepared)


def test_a_plan_that_is_no_fast_forward_is_not_even_sent(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.commit("main", "fix: aside")
    repository.fetch()
    aside = replace(prepared.plan.moves[0], before=remote.sha("refs/heads/main"))
    sideways = replace(prepared, plan=replace(prepared.plan, moves=(aside,)))

    with pytest.raises(BotError) as caught:
        repository.push(sideways, lock)

    assert caught.value.reason is Reason.NOT_FAST_FORWARD


def test_a_push_demands_the_proof_of_the_lock(remote, tmp_path):
    repository, prepared = prepared_on(remote, tmp_path)

    with pytest.raises(TypeError):
        repository.push(prepared, "lock")


def test_the_tested_commit_is_promoted_although_staging_has_moved_on(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.commit("staging", "feat: later")

    (move,) = prepared.plan.moves
    assert repository.meanwhile("staging", move.after) == Meanwhile(True, move.before)
    _, end = pushed(repository, prepared, lock)

    assert isinstance(end, Promotion)
    assert remote.sha("refs/heads/main") == prepared.plan.moves[0].after


@pytest.mark.parametrize("rewrite", ["rewound", "rewritten", "deleted"])
def test_a_source_that_lost_the_tested_commit_is_seen(remote, tmp_path, rewrite):
    repository, prepared = prepared_on(remote, tmp_path)
    sha = prepared.plan.moves[0].after
    if rewrite == "deleted":
        remote.delete("refs/heads/staging")
    else:
        remote.set("refs/heads/staging", remote.git("rev-parse", f"{sha}^"))
    if rewrite == "rewritten":
        remote.commit("staging", "feat: rewritten")

    assert not repository.meanwhile("staging", sha).has_candidate
    assert repository.resolve("staging") == sha


def test_a_target_that_is_gone_is_nowhere(remote, tmp_path):
    repository, prepared = prepared_on(remote, tmp_path)
    remote.delete("refs/heads/main")
    assert repository.meanwhile("staging", prepared.plan.moves[0].after) == Meanwhile(True, None)


def race(remote, tmp_path, count):
    """So many bots, each with a cache of its own, that have all fetched the same state and push at once."""
    bots = [prepared_on(remote, tmp_path / f"bot{n}", run_id=f"run-{n}", actor=f"bot-{n}") for n in range(count)]
    proofs = [FileLock(tmp_path / f"lock{n}") for n in range(count)]

    def run(number):
        repository, prepared = bots[number]
        with proofs[number].hold() as proof:
            return pushed(repository, prepared, proof)[1]

    with ThreadPoolExecutor(count) as pool:
        return bots, list(pool.map(run, range(count)))


def test_of_racing_bots_exactly_one_promotes_and_the_others_know_that_they_did_not(remote, tmp_path):
    bots, ends = race(remote, tmp_path, 5)

    winners = [number for number, end in enumerate(ends) if isinstance(end, Promotion)]
    assert len(winners) == 1
    winner = bots[winners[0]][1]
    assert sorted(remote.refs()) == [
        "refs/heads/main",
        "refs/heads/staging",
        LEDGER,
        f"refs/tags/{winner.plan.tag.name}",
    ]
    assert remote.sha(LEDGER) == winner.ledger_oid
    assert all(isinstance(end, Promotion | Refusal | Unsettled) for end in ends)
    repository: GitRepository = bots[0][0]
    repository.fetch()
    assert [entry.run_id for entry in repository.ledger()] == [winner.plan.entry.run_id]


def test_a_bot_that_comes_second_for_the_same_commit_makes_no_second_tag(remote, tmp_path, lock):
    first, one = prepared_on(remote, tmp_path / "one")
    second, two = prepared_on(remote, tmp_path / "two", run_id="run-2", at=TWO.replace(minute=1))
    first.push(one, lock)

    report, end = pushed(second, two, lock)

    assert report.outcome is PushOutcome.LEDGER_MOVED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.LEDGER_MOVED
    assert [ref for ref in remote.refs() if "tags" in ref] == [f"refs/tags/{one.plan.tag.name}"]


def test_a_sha256_repository_is_promoted_all_the_same(tmp_path, lock):
    remote = make_remote(tmp_path / "remote.git", object_format="sha256")
    repository, prepared = prepared_on(remote, tmp_path)

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)
