"""The starter with values filled in: the same file but for those values."""

import tomllib

import pytest

from bot.settings.starter import filled_in, starter


def test_without_values_it_is_the_file_itself():
    assert filled_in({}) == starter()


def test_only_the_named_values_change_and_the_comments_stay():
    text = filled_in({("repository", "remote"): 'https://git.example/a "b"/c.git', ("state", "dir"): "/var/lib/x"})
    changed = [pair for pair in zip(text.splitlines(), starter().splitlines(), strict=True) if pair[0] != pair[1]]
    assert len(changed) == 2
    assert all(new.partition("#")[2] == old.partition("#")[2] for new, old in changed)
    told, before = tomllib.loads(text), tomllib.loads(starter())
    assert told["repository"].pop("remote") == 'https://git.example/a "b"/c.git'
    before["repository"].pop("remote")
    assert told["state"].pop("dir") == "/var/lib/x"
    before["state"].pop("dir")
    assert told == before


def test_more_tables_stand_at_its_end():
    assert tomllib.loads(filled_in({}, {"host": {"token_env": "T"}}))["host"] == {"token_env": "T"}


def test_a_key_that_the_file_does_not_have_is_an_error():
    with pytest.raises(KeyError):
        filled_in({("repository", "nothing"): "x"})
