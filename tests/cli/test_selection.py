"""The one run that a RUN argument means, in what this installation knows."""

from dataclasses import replace

import pytest
from support import records
from support.installation import Installation

from bot.cli import selection, wiring
from bot.core.promotion import LedgerEntry
from bot.errors import BotError, Reason

ENTRY = LedgerEntry(
    *(1, "promotion", "20261121-020000-0021", records.SHA, records.BASE, records.TAG),
    *("pass", "e" * 64, "ada", "2026-11-21T02:21:09Z"),
)


@pytest.fixture
def shop(tmp_path):
    made = Installation(tmp_path)
    first = replace(records.promoted(), run_id="20261119-020000-0001", started_at="2026-11-19T02:00:00Z")
    made.remember(first, replace(records.blocked_slow(), run_id="20261120-020000-0002"))
    return made


@pytest.mark.parametrize(
    ("argument", "number"),
    [("last", "2"), ("20261119", "1"), ("20261120-020000-0002", "2"), (records.TAG, "1"), (records.SHA[:7], "2")],
)
def test_a_run_is_found_by_any_of_its_names(shop, argument, number):
    assert selection.run_id(shop.settings, argument).endswith(number)


@pytest.mark.parametrize(
    ("argument", "words"),
    [("2026", "more than one run"), ("release/20261121-020001", "nearest: release/"), ("", "No run matches")],
)
def test_what_means_no_single_run_is_said(shop, argument, words):
    with pytest.raises(BotError, match=words) as caught:
        selection.run_id(shop.settings, argument)
    assert caught.value.reason is Reason.RUN_NOT_FOUND


def test_history_that_was_lost_is_learnt_from_the_folders(shop):
    (shop.state / "history.sqlite3").unlink()
    assert selection.run_id(shop.settings, "last") == "20261120-020000-0002"


def test_without_local_state_a_release_is_looked_for_where_it_still_is(tmp_path):
    with pytest.raises(BotError, match="No run matches 'release/") as caught:
        selection.run_id(Installation(tmp_path).settings, records.TAG)
    assert "`promote status` reads the releases again from the ledger" in caught.value.action


@pytest.mark.parametrize("argument", [records.TAG, records.SHA, "last"])
def test_of_a_run_that_only_the_ledger_knows_everything_is_said_that_it_knows(tmp_path, argument):
    settings = Installation(tmp_path).settings
    history = wiring.history(settings)
    history.restore([ENTRY])
    history.close()

    with pytest.raises(BotError) as caught:
        selection.run_id(settings, argument)

    assert caught.value.reason is Reason.RUN_NOT_FOUND
    assert caught.value.sentence == (
        f"Of run 20261121-020000-0021 only the ledger's entry is left: promotion of {records.SHA[:12]} as "
        f"{records.TAG} by ada at 2026-11-21T02:21:09Z."
    )
    assert "git log --notes=promotions" in caught.value.action


def test_where_nothing_ran_there_is_no_last_run(tmp_path):
    with pytest.raises(BotError, match="There is no run yet") as caught:
        selection.run_id(Installation(tmp_path).settings, "last")
    assert "promote --now" in caught.value.action
