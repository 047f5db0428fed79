"""Nights that sign their tags: known before the load to be able to, and one tag whatever happens in between."""

import pytest
from support.fakes import Instead, Killed, Shop, raising
from support.hotfixes import cut_hotfix, ship
from support.keys import needs_ssh, ssh_key

from bot.adapters.git import GitRepository
from bot.adapters.git_signing import Signer, Signing
from bot.core.audit import Terms
from bot.core.hotfix import Gate
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.flows.audit import look
from bot.flows.nohost import NoHost
from bot.flows.request import Effect

pytestmark = needs_ssh


class Cut:
    """Ends the process at one point."""

    def __init__(self, name):
        self.name = name

    def reached(self, name):
        if name == self.name:
            raise Killed


@pytest.fixture
def key(tmp_path):
    # Two signatures of the same bytes by such a key differ, so only the journalled one can be sent again.
    return ssh_key(tmp_path / "key", kind="ecdsa")


@pytest.fixture
def shop(tmp_path, key):
    made = Shop(tmp_path)
    made.repository = GitRepository(
        *(made.remote.url, tmp_path / "state" / "cache.git", "staging", "main", "release/"),
        signing=Signing(Signer(str(key))),
    )
    return made


def releases(shop):
    return {ref: oid for ref, oid in shop.remote.refs().items() if ref.startswith("refs/tags/")}


def audited(shop):
    return look(shop.repository, shop.history, Terms("main", "release/"), NoHost())


@pytest.mark.parametrize("point", ["after sign tag", "after make tag", "before push"])
def test_a_night_that_is_killed_before_its_push_leaves_no_tag_and_the_next_makes_one(shop, point):
    with pytest.raises(Killed):
        shop.run(points=Cut(point))
    assert not releases(shop)

    assert shop.run().outcome is Outcome.PROMOTED

    assert len(releases(shop)) == 1
    assert (audited(shop).differences, audited(shop).scope.signed) == ((), 1)


def test_a_night_that_is_killed_after_its_push_is_settled_with_the_very_tag_that_it_signed(shop):
    with pytest.raises(Killed):
        shop.run(points=Cut("after push"))
    before = releases(shop)

    assert shop.run().outcome is Outcome.UP_TO_DATE

    assert releases(shop) == before != {}
    assert audited(shop).differences == ()


def test_a_half_landed_push_is_completed_with_the_very_tag_that_was_signed(shop):
    with pytest.raises(Killed):
        shop.run(points=Cut("after push"))
    (ref, oid), *_ = releases(shop).items()
    shop.remote.delete(ref)

    shop.run()

    assert releases(shop) == {ref: oid}
    assert audited(shop).scope.signed == 1


def test_a_key_that_cannot_sign_ends_the_night_before_any_load(shop, key):
    key.unlink()

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, Reason.SIGNING_FAILED.code)
    assert str(key) in record.reason
    assert not shop.load.ran


def test_a_key_that_cannot_sign_ends_a_hotfix_before_its_tests(shop, key):
    cut_hotfix(shop.remote)
    key.unlink()

    record = ship(shop, gate=Gate.EXPEDITED)

    assert (record.outcome, record.reason_code) == (Outcome.ERROR, Reason.SIGNING_FAILED.code)
    assert not shop.load.ran


@pytest.mark.parametrize("asked", [{"kind": RunKind.GATE}, {"effect": Effect.DRY_RUN}])
def test_what_writes_nothing_needs_no_key(shop, asked):
    broken = Instead(shop.repository, check_signing=raising(AssertionError("nobody asks the key")))

    assert shop.run(repository=broken, **asked).outcome in {Outcome.PASSED, Outcome.DRY_RUN}
