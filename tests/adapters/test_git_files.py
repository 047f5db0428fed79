"""One file of a commit out of the cache: as it is there, bounded, and where there is none, none."""

import pytest
from support.gitrepos import make_remote
from support.promotions import open_repository

from bot.adapters.git_cache import Cache, CacheKind
from bot.errors import BotError, Reason

PATH = ".github/release.yml"
CONTENT = "changelog:\n  exclude:\n    labels: [\u00e4]\n"


@pytest.fixture
def remote(tmp_path):
    made = make_remote(tmp_path / "remote.git", ahead=0)
    made.config("uploadpack.allowFilter", "true")
    made.config("uploadpack.allowAnySHA1InWant", "true")
    tip = made.commit("main", "ci: rules", files={PATH: CONTENT, "big": "x" * 5000, "deep/a/b": "b\n"})
    made.branch("staging", tip)
    made.commit("staging", "ci: other rules", files={PATH: "other\n"})
    return made


@pytest.fixture(params=CacheKind)
def repository(request, remote, tmp_path):
    made = open_repository(remote, tmp_path, kind=request.param)
    made.fetch()
    return made


def test_a_file_is_that_of_the_commit_that_was_asked_for(repository, remote):
    main, staging = remote.sha("refs/heads/main"), remote.sha("refs/heads/staging")

    assert repository.file_at(main, PATH, 1000) == CONTENT.encode()
    assert repository.file_at(staging, PATH, 1000) == b"other\n"
    assert repository.file_at(main, "deep/a/b", 2) == b"b\n"


def test_what_is_no_file_of_that_commit_is_none(repository, remote):
    main = remote.sha("refs/heads/main")

    assert [repository.file_at(main, path, 1000) for path in ("none", ".github", "deep/a", "deep/a/b/c")] == [None] * 4
    assert repository.file_at("0" * 39 + "1", PATH, 1000) is None


def test_a_file_that_is_too_large_is_not_read(repository, remote):
    with pytest.raises(BotError, match="big is larger than 4 KiB") as caught:
        repository.file_at(remote.sha("refs/heads/main"), "big", 4096)

    assert caught.value.reason is Reason.BAD_CONFIGURATION


@pytest.mark.parametrize("path", ["", "/etc/passwd", "a\nb", "a b", "../x", "a/./b", "a//b", "-x\n"])
def test_only_plain_names_are_asked_for(repository, remote, path):
    with pytest.raises(ValueError, match="names no file"):
        repository.file_at(remote.sha("refs/heads/main"), path, 1000)
    with pytest.raises(ValueError, match="names no file"):
        repository.file_at("main", PATH, 1000)


def test_a_remote_that_is_away_is_an_error_and_the_cache_stays_trusted(remote, tmp_path):
    repository = open_repository(remote, tmp_path, kind=CacheKind.BLOBLESS)
    repository.fetch()
    remote.path.rename(tmp_path / "away.git")

    with pytest.raises(BotError) as caught:
        repository.file_at(remote_sha(tmp_path), PATH, 1000)

    assert caught.value.reason is Reason.REMOTE_UNREACHABLE
    assert Cache(tmp_path / "cache.git").is_usable()


def remote_sha(tmp_path):
    return (tmp_path / "away.git/refs/heads/main").read_text().strip()
