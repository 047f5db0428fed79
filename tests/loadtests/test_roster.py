"""Who gets which place in a run."""

import pytest

from loadtests import reception
from loadtests import roster as rosters
from loadtests.installation import OtherFileError, file_digest, find_load_file
from loadtests.roster import FullError, Roster


@pytest.fixture
def now(monkeypatch):
    """The time, as a list of one that a test may change."""
    found = [100.0]
    monkeypatch.setattr(rosters, "monotonic", lambda: found[0])
    return found


@pytest.fixture
def roster(now):
    del now  # only that it is the test's
    return Roster(local=1, total=3, silence=3.0)


def test_places_of_this_machine_and_of_others_are_apart(roster):
    assert roster.take_place("here", 1, "a")[0].name == "worker-1"
    assert [roster.take_place("far", None, life)[0].name for life in "bc"] == ["far:worker-2", "far:worker-3"]
    with pytest.raises(FullError):
        roster.take_place("far", None, "d")


def test_who_asks_again_in_the_same_life_keeps_the_place(roster):
    first, _ = roster.take_place("far", None, "b")
    assert roster.take_place("far", None, "b") == (first, None)


def test_a_place_is_taken_over_only_from_one_that_is_silent_and_never_joined(roster, now):
    first, _ = roster.take_place("far", None, "b")
    joined, _ = roster.take_place("far", None, "c")
    joined.client = "known to Locust"
    now[0] += 4
    second, before = roster.take_place("near", None, "d")
    assert (second.name, before) == ("near:worker-2", first)
    with pytest.raises(FullError):
        roster.take_place("near", None, "e")


def test_nobody_comes_after_the_start(roster):
    roster.begun = True
    with pytest.raises(FullError):
        roster.take_place("far", None, "b")


def test_no_worker_of_this_machine_has_a_place_that_is_not_there(roster):
    with pytest.raises(FullError):
        roster.take_place("here", 9, "a")


def test_who_is_missing_has_a_name(roster):
    roster.take_place("far", None, "b")[0].client = "known to Locust"
    assert roster.missing == ["worker-1", "worker-3"]


def test_the_load_file_is_this_machines_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "loadtests" / "shop.py"
    own.parent.mkdir()
    own.write_text("# ours")
    assert find_load_file("/srv/elsewhere/loadtests/shop.py", file_digest(own)) == own
    with pytest.raises(OtherFileError, match=r"No shop\.py here is the master's"):
        find_load_file("/srv/elsewhere/loadtests/shop.py", "0" * 64)
    with pytest.raises(OtherFileError, match=r"There is no load file other\.py here"):
        find_load_file("/srv/other.py", "0" * 64)


def test_a_bundled_load_file_is_found_wherever_it_lies_on_the_master(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bundled = rosters.__file__.replace("roster.py", "payload.py")
    digest = file_digest(type(tmp_path)(bundled))
    assert str(find_load_file("/opt/other/lib/loadtests/payload.py", digest)) == bundled


@pytest.mark.parametrize(
    ("skew", "rtt", "words"),
    [
        (0.6, 0.01, None),
        (-1.2, 0.5, "its clock is 1.20 s behind the master's"),
        (0.4, 1.4, "its clock may be 1.10 s off (to ask took 1.40 s)"),
        (3.0, 5.0, "its clock is 3.00 s ahead of the master's"),
    ],
)
def test_a_clock_is_right_only_where_doubt_included_it_is_within_a_second(skew, rtt, words):
    found = reception._apart(skew, rtt)
    assert found is words is None or found.startswith(words)
