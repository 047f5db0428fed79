"""The journal is on the disk before the effect that it names (I8): who is killed in one has said so before."""

import json
import os
from pathlib import Path

import pytest
from support.stories import STORIES, new_shop

# Before these there is no journal yet, or the line itself is the effect.
WITHOUT = ("hold lock", "create run", "journal ")


class Reader:
    """Looks at the journal of the run under way whenever an effect is about to happen."""

    def __init__(self, runs, synced):
        self._runs, self._synced, self._old = runs, synced, set(runs.glob("*"))
        self.seen, self.wrong = [], []

    def reached(self, name):
        when, _, effect = name.partition(" ")
        if when == "after" or effect.startswith(WITHOUT):
            return
        (folder,) = set(self._runs.glob("*")) - self._old
        journal = folder / "journal.ndjson"
        last = json.loads(journal.read_text().splitlines()[-1])["event"]
        self.seen.append(effect)
        if last != effect or self._synced.get(str(journal)) != journal.stat().st_size:
            self.wrong.append((effect, last, self._synced.get(str(journal)), journal.stat().st_size))


@pytest.fixture
def synced(monkeypatch):
    """The size of each file when it was last put on the disk."""
    sizes, really = {}, os.fsync

    def fsync(handle):
        really(handle)
        sizes[str(Path(f"/proc/self/fd/{handle}").readlink())] = os.fstat(handle).st_size

    monkeypatch.setattr(os, "fsync", fsync)
    return sizes


@pytest.mark.parametrize("story", ["promote", "hotfix", "backport", "conflict", "rollback", "resume main"])
def test_every_effect_is_in_the_journal_and_on_the_disk_before_it_happens(tmp_path, synced, story):
    shop = new_shop(tmp_path)
    STORIES[story].arrange(shop)
    reader = Reader(tmp_path / "state" / "runs", synced)

    STORIES[story].run(shop, reader)
    shop.history.close()

    assert reader.wrong == []
    assert "save end" in reader.seen


def test_the_whole_plan_is_on_the_disk_before_the_push(tmp_path, synced):
    shop = new_shop(tmp_path)
    told = []

    class Pushing:
        def reached(self, name):
            if name == "before push":
                (journal,) = (tmp_path / "state" / "runs").glob("*/journal.ndjson")
                lines = [json.loads(line) for line in journal.read_text().splitlines()]
                plan = next(line for line in lines if line["event"] == "prepared")
                told.append((plan["tag_oid"], plan["ledger_oid"], synced[str(journal)] == journal.stat().st_size))

    record = STORIES["first promotion"].run(shop, Pushing())
    shop.history.close()

    assert told == [(record.promotion.tag_oid, record.promotion.ledger_oid, True)]
