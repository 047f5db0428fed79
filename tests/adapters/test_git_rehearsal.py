"""A push that is only rehearsed: the remote's answer is known, and the remote is as it was."""

import pytest
from support.gitrepos import make_remote
from support.httpgit import Trouble, about_pushes, http_git

from bot.adapters.git import GitRepository
from bot.adapters.git_access import NO_ACCESS
from bot.adapters.git_fetch import Branches
from bot.adapters.git_rehearsal import Rehearsal
from bot.core.promotion import PushOutcome

BRANCHES = Branches("staging", "main", "release/")


@pytest.fixture
def remote(tmp_path):
    made = make_remote(tmp_path / "srv" / "remote.git")
    made.config("core.logAllRefUpdates", "always")
    return made


def rehearsed(remote, tmp_path, sha=None):
    """The outcome, after a fetch as doctor makes one; the remote must not have changed by a byte."""
    cache = tmp_path / "cache.git"
    GitRepository(remote.url, cache, "staging", "main", "release/").fetch()
    before = (remote.refs(), logs(remote))
    report = Rehearsal(remote.url, cache, BRANCHES, NO_ACCESS).push(sha or remote.sha("refs/heads/main"))
    assert (remote.refs(), logs(remote)) == before
    return report


def logs(remote):
    return {str(path): path.read_bytes() for path in (remote.path / "logs").rglob("*") if path.is_file()}


@pytest.fixture(params=["path", "http"])
def served(request, remote):
    if request.param == "path":
        yield remote
        return
    with http_git(remote.path.parent, token=None) as server:
        yield server.served(remote)


def test_a_remote_that_would_take_it_gets_nothing(served, tmp_path):
    assert rehearsed(served, tmp_path).outcome is PushOutcome.LANDED


def test_a_remote_without_atomic_pushes_is_found_out(served, tmp_path):
    served.config("receive.advertiseAtomic", "false")
    assert rehearsed(served, tmp_path).outcome is PushOutcome.NO_ATOMIC


def test_a_target_that_moved_meanwhile_is_told(served, tmp_path):
    old = served.sha("refs/heads/main")
    served.branch("main", served.commit("staging"))
    assert rehearsed(served, tmp_path, old).outcome is PushOutcome.TARGET_MOVED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(403, PushOutcome.REJECTED), (401, PushOutcome.UNAUTHENTICATED), (503, PushOutcome.UNKNOWN)],
)
def test_whoever_may_only_read_is_told_so(remote, tmp_path, status, outcome):
    with http_git(remote.path.parent, token=None) as server:
        server.trouble = Trouble(on=about_pushes, status=status)
        report = rehearsed(server.served(remote), tmp_path)
    assert report.outcome is outcome
    assert report.detail


def test_a_remote_that_takes_no_pushes_over_http_is_told(remote, tmp_path):
    with http_git(remote.path.parent, token=None) as server:
        served = server.served(remote)
        remote.config("http.receivepack", "false")
        assert rehearsed(served, tmp_path).outcome is PushOutcome.REJECTED
