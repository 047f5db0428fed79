"""Every flow that writes, with GitHub's API in the place of git's push: the remote ends as it does with git."""

import pytest
from support.fakes import Shop
from support.github import BAD_GATEWAY
from support.stories import STORIES, Silence, new_shop
from support.transports import Transport, ways

from bot.core.record import Outcome
from bot.flows.request import Effect

WRITES = ["first promotion", "promote", "resume main", "hotfix", "backport", "rollback", "rewind"]


@pytest.fixture
def shop(tmp_path):
    made: Shop = new_shop(tmp_path / "shop")
    yield made
    made.history.close()


def told(shop):
    """How many promotions the ledger tells of."""
    shop.repository.fetch()
    return len(shop.repository.ledger())


def sent_by_api(shop, way):
    shop.repository = way.open(shop.folder / "state")


@pytest.mark.parametrize("name", WRITES)
def test_what_git_can_land_the_api_can_land(shop, tmp_path, monkeypatch, name):
    story = STORIES[name]
    story.arrange(shop)
    entries = told(shop)
    with ways(tmp_path, shop.remote, Transport.API, monkeypatch) as way:
        sent_by_api(shop, way)

        ended = story.run(shop, Silence())

        assert ended.outcome in (Outcome.PROMOTED, Outcome.UP_TO_DATE), ended.reason
        assert any(one.path == "/graphql" and one.status == 200 for one in way.hub.requests)
    assert story.is_done(shop.remote)
    assert told(shop) == entries + story.adds
    assert shop.remote.git("fsck", "--full", "--strict", "--no-dangling") == ""


def test_a_promotion_that_was_cut_off_before_its_tag_gets_it_in_the_next_run(shop, tmp_path, monkeypatch):
    tip = shop.remote.sha("refs/heads/staging")
    with ways(tmp_path, shop.remote, Transport.API, monkeypatch) as way:
        sent_by_api(shop, way)
        outage = way.hub.fail("POST */git/refs", BAD_GATEWAY, times=1000)

        cut_off = shop.run()

        assert (cut_off.outcome, cut_off.reason_code) == (Outcome.ERROR, "read-back-failed")
        assert "tag release/20261121-020100 is lacking" in cut_off.reason
        assert shop.remote.sha("refs/heads/main") == tip
        assert not any("tags" in ref for ref in shop.remote.refs())
        outage.times = 0

        shop.run()

    assert shop.remote.git("rev-parse", "refs/tags/release/20261121-020100^{commit}") == tip
    assert told(shop) == 1
    assert shop.known(cut_off.run_id).outcome is Outcome.PROMOTED


def test_a_dry_run_says_how_it_would_be_sent_and_asks_github_nothing(shop, tmp_path, monkeypatch):
    before = shop.remote.refs()
    with ways(tmp_path, shop.remote, Transport.API, monkeypatch) as way:
        sent_by_api(shop, way)

        record = shop.run(effect=Effect.DRY_RUN)

        assert way.hub.requests == []
    assert record.outcome is Outcome.DRY_RUN
    assert record.reason.endswith("It would be sent through GitHub's API (its objects, then `updateRefs`).")
    assert shop.remote.refs() == before
