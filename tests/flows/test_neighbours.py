"""Two pairs of branches of one remote, each with its installation and its prefix: they share the ledger, no more."""

from dataclasses import replace

import pytest
from support.fakes import Shop
from support.rollbacks import rolled_back

from bot.adapters.git import GitRepository
from bot.adapters.history import SqlHistory
from bot.core.audit import Terms
from bot.core.record import Outcome, Repository, RunKind
from bot.core.rollback import RollbackWay
from bot.core.selectors import repository_key
from bot.flows.audit import look
from bot.flows.nohost import NoHost
from bot.flows.request import Effect


def neighbour(shop, folder, source="dev", target="staging", prefix="staging/"):
    """An installation of its own that promotes other branches of the same remote."""
    made = Shop(folder, remote=shop.remote)
    made.facts = Repository(shop.remote.url, source, target, None)
    made.history = SqlHistory(folder / "state", "", repository_key(made.facts))
    cache = folder / "state" / "cache.git"
    made.repository = GitRepository(shop.remote.url, cache, source=source, target=target, tag_prefix=prefix)
    made.request = lambda *args: as_neighbour(Shop.request(made, *args), prefix)
    return made


def as_neighbour(request, prefix):
    """That run of the same night, by another installation."""
    return replace(request, tag_prefix=prefix, run_id=request.run_id.replace("20261121", "20261122"))


@pytest.fixture
def dev(shop, tmp_path):
    """A branch with one commit on top of staging, and who promotes it there."""
    shop.remote.branch("dev", shop.remote.sha("refs/heads/staging"))
    shop.remote.commit("dev", "feat: from dev")
    return neighbour(shop, tmp_path / "dev")


def promoted(shop):
    record = shop.run()
    assert record.outcome is Outcome.PROMOTED, record.reason
    return record


def audited(shop, target="main", prefix="release/"):
    return look(shop.repository, shop.history, Terms(target, prefix), NoHost())


def test_a_commit_goes_from_branch_to_branch_in_nights_of_the_same_date(shop, dev):
    first, second = promoted(dev), promoted(shop)

    assert first.slot == second.slot
    assert first.promotion.target_after == second.promotion.target_after
    assert shop.remote.sha("refs/heads/main") == shop.remote.sha("refs/heads/dev")


def test_what_each_knows_is_its_own(shop, dev):
    tag = promoted(shop).promotion.tag
    other = promoted(dev).promotion.tag
    promoted(shop)

    dev.repository.fetch()
    assert {run.tag for run in shop.history.query() if run.tag} > {tag}
    assert other not in {run.tag for run in shop.history.query()}
    assert [entry.tag for entry in dev.repository.ledger()] == [other]


@pytest.mark.parametrize("way", [RollbackWay.TARGET_ONLY, RollbackWay.REWIND])
def test_a_rollback_goes_back_to_the_last_release_of_its_own(shop, dev, way):
    tag = promoted(shop).promotion.tag
    promoted(dev)
    promoted(shop)
    shop.remote.commit("dev", "feat: more from dev")
    promoted(dev)

    assert rolled_back(shop, way=way).restored.tag == tag


def test_neither_finds_what_the_other_did_in_its_audit(shop, dev):
    promoted(shop)
    promoted(dev)
    promoted(shop)

    found = audited(shop)

    assert [each.kind.code for each in found.differences] == ["other-prefix"]
    assert [each.kind.code for each in audited(dev, "staging", "staging/").differences] == ["other-prefix"]


def test_whoever_changes_the_prefix_goes_on(shop, tmp_path):
    promoted(shop)
    shop.remote.commit("staging", "feat: more")
    renamed = neighbour(shop, tmp_path, "staging", "main", "v")
    renamed.request(RunKind.PROMOTION, Effect.WRITE)  # that night is done, under whatever name

    assert promoted(renamed).promotion.tag.startswith("v")
