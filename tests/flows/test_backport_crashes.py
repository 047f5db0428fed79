"""A back-merge that is cut off at any of its points: two restarts later all of it is there, or nothing (I8, I12)."""

import shutil

import pytest
from support.chaos import cut_off
from support.cutoffs import STORIES, conflicting


@pytest.mark.parametrize("story", STORIES)
def test_cut_off_anywhere_and_started_again_it_ends_as_if_nothing_had_been(story):
    told = cut_off(story)
    wrong = [case for case in told["cases"] if case["left"] != told["left"] or case["moved"]]
    assert not wrong, "\n".join((*(f"{each['point']}: {each}" for each in wrong), f"not {told['left']}"))
    assert len(told["cases"]) > 4


def test_a_work_tree_half_made_is_swept_away_and_made_anew(tmp_path):
    back, run = conflicting(tmp_path)
    half = back.bench.path.parent.with_name("backport.new-20260101-000000-dead")
    (half / "tree" / ".git").mkdir(parents=True)
    (half / "tree" / ".git" / "index.lock").touch()
    old = half.with_name("backport.old-dead")
    shutil.copytree(half, old)

    assert run().reason_code == "merge-conflict"

    assert not half.exists()
    assert not old.exists()
    assert back.person.git("status", "--porcelain") == "UU count.txt"
    back.shop.history.close()


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b'{"schema": 2}', b'{"schema": 1, "run_id": 1}'])
def test_a_work_tree_that_does_not_say_what_it_is_for_is_named_and_can_be_given_up(tmp_path, content):
    back, run = conflicting(tmp_path)
    run()
    state = back.bench.path.with_name("begun.json")
    state.unlink() if content is None else state.write_bytes(content)

    record = run()

    assert (record.reason_code, "--abort" in record.action) == ("state-unusable", True)
    assert back.bench.path.exists()
    assert back.bench.remove()
    assert run().reason_code == "merge-conflict"
    back.shop.history.close()
