"""SIGKILL of the server's side of a push: a file-backed server keeps half of it, and the next run heals that half.

What was sent again must be the very same tag and ledger objects (I8). Locks that a killed server leaves in its own way
belong to whoever runs it: until they are gone nothing is claimed, and nothing is built on the half.
"""

import pytest
from support.auditor import audit
from support.races import Addressed
from support.serverkill import DONE, fake_ssh, hook_that_kills, is_traceable, kill_when, stale_locks
from support.stories import Silence, main_is_staging, new_shop, nightly, open_shop

MOMENTS = [
    ("pre-receive", ""),
    ("update", ""),
    ("reference-transaction", "prepared"),
    ("reference-transaction", "committed"),
    ("post-receive", ""),
]


@pytest.fixture
def shop(tmp_path):
    made = new_shop(tmp_path)
    (made.remote.path / "hooks" / "post-receive").unlink()
    yield made
    made.history.close()


def journalled(shop):
    """The ids of tag and ledger as they were before the first push."""
    first = shop.runs.run_ids()[0]
    line = next(line for line in shop.runs.folder(first).journal_lines() if line["event"] == "prepared")
    return line["tag_oid"], line["ledger_oid"]


def heal(shop):
    """Whoever runs the server clears its locks; then two nights at the most."""
    for lock in stale_locks(shop.remote):
        lock.unlink()
    for _ in range(2):
        nightly(shop, Silence())


def holds_the_very_same(shop):
    refs = shop.remote.refs()
    tag = next(ref for ref in refs if ref.startswith("refs/tags/"))
    return (refs[tag], refs["refs/notes/promotions"]) == journalled(shop)


@pytest.mark.parametrize(("hook", "state"), MOMENTS)
def test_a_server_killed_in_a_hook_leaves_nothing_or_is_healed_by_the_next_run(shop, hook, state):
    hook_that_kills(shop.remote, hook, state)
    before = shop.remote.refs()

    nightly(shop, Silence())
    is_begun = shop.remote.refs() != before
    heal(shop)

    assert (shop.remote.path / DONE).exists()
    found = audit(shop.remote.path)
    assert (found.violations, len(found.entries)) == ((), 1)
    assert main_is_staging(shop.remote)
    assert holds_the_very_same(shop) or not is_begun
    assert shop.runs.unfinished() == ()


def test_locks_that_a_killed_server_left_are_not_ours_to_break_and_nothing_is_claimed_meanwhile(shop):
    hook_that_kills(shop.remote, "reference-transaction", "prepared")
    before = shop.remote.refs()

    records = [nightly(shop, Silence()), nightly(shop, Silence())]

    assert [record.outcome.value for record in records] == ["error", "error"]
    assert shop.remote.refs() == before
    assert stale_locks(shop.remote)


@pytest.mark.skipif(not is_traceable(), reason="this machine lets nobody trace a process")
@pytest.mark.parametrize(
    "seen", [{"locks": 1}, {"locks": 2}, {"locks": 3}, {"landed": 1}, {"landed": 2}, {"landed": 3}]
)
def test_every_half_of_a_transaction_is_healed_with_the_very_same_objects(shop, tmp_path, monkeypatch, seen):
    monkeypatch.setenv("PATH", fake_ssh(tmp_path / "bin"))
    shop = open_shop(tmp_path, Addressed(shop.remote.path, address=f"ssh://git@127.0.0.1{shop.remote.path}"))
    kill_when(shop.remote, **seen)
    before = shop.remote.refs()

    nightly(shop, Silence())
    half = shop.remote.refs()
    heal(shop)
    shop.history.close()

    assert (shop.remote.path / DONE).exists()
    found = audit(shop.remote.path)
    assert (found.violations, len(found.entries)) == ((), 1)
    assert holds_the_very_same(shop) or half == before
    assert (half != before) == ("landed" in seen)
    assert shop.runs.unfinished() == ()
