"""New files: all of them or none, and nothing of anybody else's is touched."""

from contextlib import ExitStack

import pytest
from support import disks

from bot.cli.newfile import write_all_new, write_new
from bot.errors import BotError, Reason


class Meanwhile(dict):
    """The files, where something happens after the first was written."""

    def __init__(self, files, happens):
        super().__init__(files)
        self.happens = happens

    def items(self):
        for number, item in enumerate(super().items()):
            if number == 1:
                self.happens()
            yield item


@pytest.fixture
def first(tmp_path):
    return tmp_path / "a" / "b" / "first"


@pytest.fixture
def second(tmp_path):
    return tmp_path / "c" / "second"


def refused(files):
    with pytest.raises(BotError) as caught:
        write_all_new(files)
    return caught.value


def test_all_are_written_with_the_folders_above_them(first, second):
    write_all_new({first: "1\n", second: "2\n"})
    assert (first.read_text(), second.read_text()) == ("1\n", "2\n")


def test_one_that_appears_meanwhile_is_kept_and_the_first_is_taken_away(tmp_path, first, second):
    def somebody_writes():
        second.parent.mkdir()
        second.write_text("theirs\n")

    error = refused(Meanwhile({first: "1\n", second: "2\n"}, somebody_writes))
    assert error.reason is Reason.BAD_USAGE
    assert error.sentence == f"{second} exists already; {first}, written before it, was taken away again."
    assert second.read_text() == "theirs\n"
    assert sorted(tmp_path.rglob("*")) == [second.parent, second]


def test_folders_that_were_there_and_what_others_put_into_new_ones_stay(tmp_path, first, second):
    (tmp_path / "a").mkdir()
    second.parent.write_text("in the way")
    other = first.parent / "other"
    refused(Meanwhile({first: "1\n", second: "2\n"}, lambda: other.write_text("theirs\n")))
    assert other.read_text() == "theirs\n"
    assert not first.exists()


def test_a_file_that_somebody_put_in_the_place_of_ours_stays(first, second):
    def somebody_replaces():
        # By a file that was there before ours was removed, so that it is another for sure.
        theirs = first.with_name("theirs")
        theirs.write_text("theirs\n")
        theirs.replace(first)
        second.parent.write_text("in the way")

    error = refused(Meanwhile({first: "1\n", second: "2\n"}, somebody_replaces))
    assert first.read_text() == "theirs\n"
    assert error.sentence == f"{second} cannot be written (File exists); nothing was written."


def test_what_cannot_be_taken_away_again_is_named(tmp_path, first, second):
    if disks.reason_against():
        pytest.skip(disks.reason_against())
    with ExitStack() as stack:
        files = Meanwhile({first: "1\n", second: "2\n"}, lambda: stack.enter_context(disks.read_only(tmp_path)))
        error = refused(files)
    assert (
        error.sentence == f"{second} cannot be written (Read-only file system); {first} could not be taken away again."
    )


def test_an_interruption_leaves_nothing(tmp_path, first, second):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_all_new(Meanwhile({first: "1\n", second: "2\n"}, interrupt))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_is_left_without_half_a_file(tmp_path):
    if disks.reason_against():
        pytest.skip(disks.reason_against())
    with disks.disk(tmp_path / "disk", "16k") as small:
        with pytest.raises(BotError) as caught:
            write_new(small / "new" / "file", "x" * 100_000)
        assert caught.value.reason is Reason.DISK_FULL
        assert caught.value.sentence.endswith("nothing was written.")
        assert list(small.iterdir()) == []


@pytest.mark.parametrize("name", ["nul\0", "x" * 300])
def test_a_name_that_no_file_can_have_is_a_refusal(tmp_path, name):
    assert refused({tmp_path / name: ""}).reason is Reason.BAD_USAGE
