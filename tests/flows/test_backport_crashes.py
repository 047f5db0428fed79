"""A back-merge that is cut off at any of its points: two restarts later all of it is there, or nothing (I8, I12)."""

import shutil

import pytest
from support.backports import MAIN, STAGING, Backports, Killer
from support.fakes import Killed, Shop

# What every run does, whatever it is about.
GENERAL = {
    f"after {name}"
    for name in (
        "create run", "journal started", "save beginning", "save end", "add to history", "write reports", "report",
        "journal ended", "save plan",
    )
}  # fmt: skip


def clean(folder):
    back = Backports(Shop(folder))
    back.diverge()
    return back, back.run


def conflicting(folder):
    back = Backports(Shop(folder))
    back.clash()
    return back, back.run


def resolved(folder):
    back = Backports(Shop(folder))
    back.clash()
    back.run()
    back.person.resolve()
    return back, back.go_on


def picking(folder):
    back = Backports(Shop(folder))
    back.remote.branch("rel", back.remote.sha(MAIN))
    picks = [back.remote.commit("staging", f"fix: {name}", files={name: name}) for name in ("one", "two")]
    return back, lambda **more: back.pick(*picks, **more)


def points_of(story, folder):
    back, run = story(folder)
    seen = Killer()
    run(points=seen)
    back.shop.history.close()
    return seen.names


def outcome(back):
    """What matters in the end: the branches but for who made which commit, and the work tree."""
    refs = back.remote.refs()
    trees = {ref: back.remote.git("rev-parse", f"{ref}^{{tree}}") for ref in refs}
    counts = {ref: back.remote.git("rev-list", "--count", ref) for ref in refs}
    begun = back.bench.begun()
    return trees, counts, begun and begun.merge, back.shop.runs.unfinished()


@pytest.mark.parametrize("story", [clean, conflicting, resolved, picking])
def test_cut_off_anywhere_and_started_again_it_ends_as_if_nothing_had_been(story, tmp_path):
    points = points_of(story, tmp_path / "whole")
    # Between two effects nothing happens: being cut off before one is being cut off after the one before it.
    numbers = [number for number, point in enumerate(points) if point.startswith("after ") and point not in GENERAL]
    expected = ended(story, tmp_path / "good")
    wrong = [points[number] for number in numbers if cut_off(story, tmp_path / str(number), number) != expected]
    assert not wrong
    assert len(numbers) > 4


def ended(story, folder):
    back, run = story(folder)
    run()
    back.shop.history.close()
    return outcome(back)


def cut_off(story, folder, number):
    back, run = story(folder)
    before = back.remote.refs()
    with pytest.raises(Killed):
        run(points=Killer(number, Killed()))
    moved = {ref for ref, sha in back.remote.refs().items() if before.get(ref) != sha}
    assert moved <= {STAGING, "refs/heads/rel"}
    run()
    back.shop.history.close()
    return outcome(back)


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
