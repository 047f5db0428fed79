"""The judge judged: every kind of damage that the invariants forbid is seen and named."""

import json
import shutil

import pytest
from support.auditor import LEDGER, Entry, audit, frozen
from support.stopping import freeze
from support.stories import Silence, new_shop, nightly, open_shop

MAIN, STAGING = "refs/heads/main", "refs/heads/staging"


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory):
    """Two promotions, and staging one commit ahead; nobody may change it."""
    folder = tmp_path_factory.mktemp("two-nights")
    made = new_shop(folder)
    for night in ("2026-11-20", "2026-11-21"):
        assert nightly(made, Silence(), slot=night).outcome == "promoted"
        made.remote.commit("staging", f"feat: after {night}")
    made.history.close()
    return folder


@pytest.fixture
def shop(two_nights, tmp_path):
    """The same, to be damaged."""
    shutil.copytree(two_nights, tmp_path, dirs_exist_ok=True)
    made = open_shop(tmp_path)
    yield made
    made.history.close()


def told(shop, **more):
    return " | ".join(audit(shop.remote.path, **more).violations)


def tags(shop):
    return sorted(ref for ref in shop.remote.refs() if ref.startswith("refs/tags/"))


def append_to_ledger(shop, sha, text):
    """Whatever text under the note of that commit, as a commit on the ledger."""
    shop.remote.git("notes", "--ref=promotions", "append", "--message", text, sha)


def test_what_bots_made_is_whole(shop):
    found = audit(shop.remote.path)
    assert found.violations == ()
    assert [entry.slot for entry in found.entries] == ["2026-11-20", "2026-11-21"]


def test_a_deleted_tag_is_missed(shop):
    shop.remote.delete(tags(shop)[0])
    assert "of an entry is missing" in told(shop)


def test_a_moved_tag_is_seen(shop):
    shop.remote.tag(tags(shop)[0].removeprefix("refs/tags/"), shop.remote.sha(STAGING))
    assert "its entry says" in told(shop)
    assert "was written 2 times" in told(shop)


def test_a_tag_that_was_put_in_place_of_another_is_seen_by_what_it_carries(shop):
    name = tags(shop)[0]
    shop.remote.tag(name.removeprefix("refs/tags/"), shop.remote.git("rev-parse", f"{name}^{{commit}}"))
    assert "does not carry its own commit and run" in told(shop)


def test_a_tag_without_an_entry_is_seen(shop):
    shop.remote.tag("release/20270101-000000", shop.remote.sha(MAIN))
    assert "release/20270101-000000 has 0 entries" in told(shop)


def test_main_that_somebody_moved_is_seen_unless_it_is_known_to_be_people(shop):
    tip = shop.remote.sha(STAGING)
    shop.remote.set(MAIN, tip)
    assert "without an entry" in told(shop)
    assert told(shop, people=[tip]) == ""


def test_main_that_was_taken_back_is_seen(shop):
    shop.remote.set(MAIN, shop.remote.git("rev-parse", f"{MAIN}~1"))
    assert "left its past" in told(shop)


def test_staging_that_was_rewritten_is_seen(shop):
    shop.remote.set(STAGING, shop.remote.git("rev-parse", f"{STAGING}~2"))
    assert "staging left its past" in told(shop)


def test_a_ledger_that_was_taken_back_is_seen(shop):
    shop.remote.set(LEDGER, shop.remote.git("rev-parse", f"{LEDGER}~1"))
    assert "the ledger jumped" in told(shop)
    assert "has 0 entries" in told(shop)


def test_a_ledger_that_was_rewritten_is_seen(shop):
    first = shop.remote.git("commit-tree", f"{LEDGER}^{{tree}}", "-m", "anew")
    shop.remote.set(LEDGER, first)
    assert "brought 2 promotions" in told(shop)
    assert "the ledger jumped" in told(shop)


def test_a_ledger_that_lost_a_line_is_seen(shop):
    sha = audit(shop.remote.path).entries[0].sha
    shop.remote.git("notes", "--ref=promotions", "remove", sha)
    assert "the ledger lost a line" in told(shop)


def test_a_second_promotion_of_a_commit_a_slot_and_a_run_is_seen(shop):
    entry = dict(audit(shop.remote.path).entries[1].line)
    append_to_ledger(shop, entry["sha"], json.dumps(entry))
    seen = told(shop)
    for words in ("was promoted twice", "slot 2026-11-21", "promoted twice", "has 2 entries", "does not follow"):
        assert words in seen


def test_a_promotion_that_main_never_saw_is_seen(shop):
    first, second = (dict(entry.line) for entry in audit(shop.remote.path).entries)
    append_to_ledger(shop, second["sha"], json.dumps(second | {"base": first["base"], "run_id": "another"}))
    assert "main never moved from" in told(shop)


def test_a_promotion_in_a_freeze_is_seen_and_one_that_somebody_declared_or_that_came_after_it_is_not(shop):
    entry = dict(audit(shop.remote.path).entries[1].line)

    def promoted(**more):
        return Entry("", entry | more)

    freeze = Entry("", {"kind": "freeze", "at": "2026-11-20T00:00:00Z"}, is_event=True)
    ended = Entry("", {"kind": "unfreeze", "at": "2026-11-20T01:00:00Z"}, is_event=True)
    brief = Entry("", {"kind": "freeze", "until": entry["at"]}, is_event=True)
    assert "was promoted while the line was frozen" in " ".join(frozen((freeze, promoted())))
    for fine in (
        (promoted(), freeze),
        (freeze, promoted(reason="urgent")),
        (freeze, promoted(kind="hotfix")),
        (freeze, ended, promoted()),
        (brief, promoted()),
    ):
        assert not [*frozen(fine)]


def test_a_freeze_in_the_ledger_is_no_promotion_and_one_after_it_is_seen(shop):
    freeze(shop.folder / "people", shop.remote)
    assert told(shop) == ""
    assert len(audit(shop.remote.path).entries) == 2
    entry = dict(audit(shop.remote.path).entries[1].line)
    append_to_ledger(shop, entry["sha"], json.dumps(entry | {"run_id": "another"}))
    assert "was promoted while the line was frozen" in told(shop)


@pytest.mark.parametrize(("text", "words"), [("hello", "is no JSON"), ('{"sha": "beef"}', "speaks of beef")])
def test_a_line_that_is_no_entry_is_seen(shop, text, words):
    append_to_ledger(shop, shop.remote.sha(MAIN), text)
    assert words in told(shop)


def test_a_push_that_brought_only_a_part_is_seen(shop):
    with (shop.remote.path / "pushes.log").open("a") as log:
        log.write(f"{'0' * 40} {'1' * 40} refs/tags/release/20270101-000000\n\n")
    assert "one push wrote only refs/tags/release/20270101-000000" in told(shop)
