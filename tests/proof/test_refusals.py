"""A server that refuses one ref or all: nothing of a run is ever half written, and the next night lands it whole."""

import pytest
from support.fakes import Shop
from support.gitrepos import make_remote
from support.people import PushLog
from support.promotions import landed, open_repository, plan_for

from bot.adapters.lock import FileLock
from bot.core.objects import plan_commit
from bot.core.plan import Extras
from bot.core.promotion import Move, PushOutcome
from bot.core.record import Outcome
from bot.errors import BotError, Reason

REFS = {
    "main": "refs/heads/main",
    "staging": "refs/heads/staging",
    "tag": "refs/tags/*",
    "ledger": "refs/notes/promotions",
    "all": "*",
}
# What a server may refuse by: each is told the refs in its own way, and may say what it likes.
UPDATE = 'case "$1" in {refused}) echo "{words}" >&2; exit 1;; esac\n'
LISTED = 'while read -r old new ref; do case "$ref" in {refused}) echo "{words}" >&2; exit 1;; esac; done\n'
WAYS = {
    "update": UPDATE,
    "pre-receive": LISTED,
    "reference-transaction": '[ "$1" = prepared ] || exit 0\n' + LISTED,
}
WORDS = ["not on a Friday", "GH006: Protected branch update failed", "GH013: Repository rule violations found"]


def refuse(remote, way, refused, words="no"):
    remote.hook(way, WAYS[way].format(refused=REFS[refused], words=words))


def allow(remote, way):
    (remote.path / "hooks" / way).unlink()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("refused", ["main", "tag", "ledger", "all"])
def test_a_night_of_which_a_part_is_refused_writes_nothing_and_the_next_one_lands_it_whole(tmp_path, way, refused):
    shop = Shop(tmp_path)
    log, before = PushLog(shop.remote), shop.remote.refs()
    refuse(shop.remote, way, refused)

    record = shop.run()

    assert record.outcome in (Outcome.REFUSED, Outcome.ERROR)
    assert record.promotion is None
    assert (shop.remote.refs(), log.all()) == (before, ())

    allow(shop.remote, way)
    assert shop.run().outcome is Outcome.PROMOTED
    assert len(log.all()) == 3
    shop.history.close()


@pytest.mark.parametrize("words", WORDS)
def test_what_a_hook_says_is_told(tmp_path, words):
    shop = Shop(tmp_path)
    refuse(shop.remote, "update", "tag", words)

    assert words.split(":")[0] in shop.run().reason
    shop.history.close()


def test_a_server_that_cannot_push_atomically_is_never_asked_twice_nor_by_halves(tmp_path):
    shop = Shop(tmp_path)
    shop.remote.config("receive.advertiseAtomic", "false")
    before = shop.remote.refs()

    record = shop.run()

    assert record.reason_code == "no-atomic-push"
    assert shop.remote.refs() == before
    shop.history.close()


@pytest.fixture
def four(tmp_path):
    """A push of four refs, as a hotfix makes one: target, tag, ledger, and a merge for the source."""
    remote = make_remote(tmp_path / "remote.git")
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    plain = plan_for(repository)
    staging, main = plain.moves[0].after, plain.moves[0].before
    tree = repository.tree_of(staging)
    merge = plan_commit(tree=tree, parents=(staging, main), at=plain.at, message="Merge\n", copied_from=staging)
    with_source = Extras(moves=(Move("refs/heads/staging", staging, merge.sha),), commits=(merge,))
    return remote, repository, repository.prepare(plan_for(repository, extras=with_source))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("refused", REFS)
def test_of_a_push_of_four_refs_all_land_or_none(tmp_path, four, way, refused):
    remote, repository, prepared = four
    log, before = PushLog(remote), remote.refs()
    refuse(remote, way, refused)

    with FileLock(tmp_path / "lock", "run").hold() as lock:
        report = repository.push(prepared, lock)
        assert report.outcome is not PushOutcome.LANDED
        assert (remote.refs(), log.all()) == (before, ())

        allow(remote, way)
        assert repository.push(prepared, lock).outcome is PushOutcome.LANDED
    assert landed(repository, prepared)
    assert len(log.all()) == 4


@pytest.mark.parametrize("stale", ["refs/heads/main", "refs/heads/staging", "refs/notes/promotions", "tag"])
def test_of_a_push_of_four_refs_one_stale_lease_keeps_all_back(tmp_path, four, stale):
    remote, repository, prepared = four
    ref = f"refs/tags/{prepared.plan.tag.name}" if stale == "tag" else stale
    remote.set(ref, remote.commit("elsewhere", "by hand"))
    before = remote.refs()

    with FileLock(tmp_path / "lock", "run").hold() as lock:
        report = repository.push(prepared, lock)

    assert report.outcome not in (PushOutcome.LANDED, PushOutcome.UNKNOWN)
    assert remote.refs() == before


def test_a_second_branch_that_would_leave_its_past_is_never_sent(tmp_path):
    remote = make_remote(tmp_path / "remote.git")
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    plain = plan_for(repository)
    back = Extras(moves=(Move("refs/heads/staging", plain.moves[0].after, plain.moves[0].before),))
    prepared, before = repository.prepare(plan_for(repository, extras=back)), remote.refs()

    with FileLock(tmp_path / "lock", "run").hold() as lock, pytest.raises(BotError) as caught:
        repository.push(prepared, lock)

    assert caught.value.reason is Reason.NOT_FAST_FORWARD
    assert remote.refs() == before


@pytest.mark.parametrize("file", ["shallow", "info/grafts", "objects/info/alternates"])
def test_a_history_that_became_incomplete_since_the_fetch_is_never_pushed_by(tmp_path, four, file):
    remote, repository, prepared = four
    before, path = remote.refs(), tmp_path / "cache.git" / file
    path.parent.mkdir(exist_ok=True)
    tip = prepared.plan.moves[0].after
    path.write_text(f"{remote.path / 'objects'}\n" if "alternates" in file else f"{tip}\n")

    with FileLock(tmp_path / "lock", "run").hold() as lock, pytest.raises(BotError) as caught:
        repository.push(prepared, lock)

    assert caught.value.reason is Reason.HISTORY_INCOMPLETE
    assert remote.refs() == before
