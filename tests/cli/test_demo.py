"""`promote demo`: it plays in a folder that nobody else uses."""

import pytest
from support.commands import call

from bot.demo import story


@pytest.fixture
def told(monkeypatch):
    """The folders in which the story was told, instead of telling it."""
    folders = []
    monkeypatch.setattr(story, "tell", lambda folder, _stage: folders.append(folder) or (3, 5, 0))
    return folders


def test_it_plays_in_a_new_or_an_empty_folder(tmp_path, told):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new/below"):
        assert call("demo", "--dir", tmp_path / name).code == 5
    assert told == [tmp_path / "empty", tmp_path / "new" / "below"]


def test_a_folder_with_anything_in_it_is_left_as_it_is(tmp_path, told):
    (tmp_path / "promotion.toml").write_text("mine")
    ended = call("demo", "--dir", tmp_path)
    assert ended.code == 2
    assert "is not empty" in ended.stderr
    assert "Name a new or an empty folder." in ended.stderr
    assert told == []
    assert [each.name for each in tmp_path.iterdir()] == ["promotion.toml"]


def test_a_file_is_no_folder(tmp_path, told):
    (tmp_path / "file").write_text("mine")
    ended = call("demo", "--dir", tmp_path / "file")
    assert (ended.code, told) == (2, [])
    assert "cannot be used" in ended.stderr


def test_with_json_it_ends_with_one_document(tmp_path, told):
    ended = call("demo", "--json", "--dir", tmp_path / "new")
    assert ended.code == 5
    assert told == [tmp_path / "new"]
    assert ended.json == {
        "outcome": "failed",
        "exit_code": 5,
        "nights": [
            {"build": "a slow build", "expected": 3, "exit_code": 3},
            {"build": "a leaking build", "expected": 3, "exit_code": 5},
            {"build": "the fixed build", "expected": 0, "exit_code": 0},
        ],
        "folder": str(tmp_path / "new"),
    }
