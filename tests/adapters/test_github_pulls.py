"""Which pull request brought a commit, asked of a GitHub that executes its own schema; and how seldom it is asked."""

import math
import re

import pytest
from support.canary import CANARY
from support.github import BAD_GATEWAY, fake_github
from support.github.schema import sliced
from support.gitrepos import make_remote
from support.scripted import HandClock, Say, scripted

from bot.adapters.github.client import Client
from bot.adapters.github.login import TokenLogin
from bot.adapters.github.pulls import BATCH, pulls, query
from bot.adapters.probes.bearer import Bearer
from bot.core.hosting import Pull
from bot.errors import BotError, Reason

BRANCHES = ("staging", "main")
UNKNOWN = "0123456789" * 4


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def hub(tmp_path, remote):
    with fake_github(tmp_path, remote) as made:
        yield made


def client_of(api, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    return Client(TokenLogin(Bearer("SHOP_TOKEN")), api, "acme/shop", HandClock())


@pytest.fixture
def ask(hub, monkeypatch):
    client = client_of(hub.api_url, monkeypatch)
    return lambda *shas: pulls(client, shas, BRANCHES)


@pytest.mark.parametrize(("name", "count"), [("pulls", 1), ("pulls", BATCH), ("labels", 1), ("labels", BATCH)])
def test_the_queries_are_valid_by_github_s_own_schema(name, count):
    from graphql import parse, validate  # noqa: PLC0415 - heavy

    document = parse(query(name, count))

    assert validate(sliced(), document) == []
    assert len(re.findall(r"\b(?:commit|pull)\d+: ", query(name, count))) == count


@pytest.mark.parametrize("count", [1, 49, 50, 51, 500])
def test_fifty_commits_are_one_request(hub, ask, remote, count):
    shas = remote.commits("staging", [f"feat: {number}" for number in range(min(count, 51))])
    # What GitHub does not know is asked about like all else, and costs the double less.
    strangers = [f"{number:040x}" for number in range(count - len(shas))]
    for number, sha in enumerate(shas, 1):
        hub.add_pull(number, f"feat: {number}", brought=(sha,))

    found = ask(*strangers, *shas)

    assert [(sha, pull.number) for sha, pull in found.items()] == list(zip(shas, range(1, count + 1), strict=False))
    assert len(hub.requests) == math.ceil(count / 50)
    assert {request.path for request in hub.requests} == {"/graphql"}


def test_nothing_is_asked_about_nothing_and_nobody_is_asked_about_twice(hub, ask, remote):
    sha = remote.commit("staging")
    assert ask() == {}
    assert hub.requests == []

    ask(*[sha] * 120)

    assert len(hub.requests) == 1


def test_merge_squash_and_rebase_merges_are_found_with_all_that_is_known(hub, ask, remote):
    first, second = remote.commits("staging", ["wip", "oops"])
    squash = remote.commit("staging", "feat: b (#2)")
    side = remote.commit("topic", "feat: c")
    merge = remote.commit("staging", "Merge pull request #3 from acme/c", merge=[side])
    hub.add_pull(1, "feat: a", labels=("ui", "bug"), brought=(first, second), merge_commit=second)
    hub.add_pull(2, "feat: b", author="bo", commits=("a" * 40,), merge_commit=squash, base="main")
    hub.add_pull(3, "feat: c", commits=(side,), merge_commit=merge)

    rebased, c = Pull(1, "feat: a", ("bug", "ui"), "ada", second), Pull(3, "feat: c", (), "ada", merge)
    assert ask(first, second, squash, side, merge) == {
        first: rebased,
        second: rebased,
        squash: Pull(2, "feat: b", (), "bo", squash),
        side: c,
        merge: c,
    }


def test_what_brought_nothing_is_passed_over(hub, ask, remote):
    (sha,) = remote.commits("staging", ["feat: a"])
    hub.add_pull(1, "from a fork of ours", brought=(sha,), repository="eve/shop")
    hub.add_pull(2, "to another branch", brought=(sha,), base="topic")
    hub.add_pull(3, "still open", commits=(sha,), open=True, merged_at=None)
    hub.add_pull(4, "closed", commits=(sha,), merged_at=None)
    assert ask(sha) == {}

    hub.add_pull(5, "the one", brought=(sha,))

    assert ask(sha)[sha].number == 5


def test_of_several_the_one_that_made_the_commit_wins_and_then_the_first_that_was_merged(hub, ask, remote):
    one, two = remote.commits("staging", ["feat: a", "feat: b"])
    hub.add_pull(1, "chore: release", commits=(one, two), base="main", merged_at="2026-11-21T02:00:00Z")
    hub.add_pull(2, "feat: a", brought=(one, two), merged_at="2026-11-20T02:00:00Z")
    hub.add_pull(3, "feat: b", merge_commit=two, merged_at="2026-11-22T02:00:00Z")

    found = ask(one, two)

    assert (found[one].number, found[two].number) == (2, 3)


def test_a_commit_that_github_does_not_know_and_an_account_that_is_gone_are_no_errors(hub, ask, remote):
    sha = remote.commit("staging")
    hub.add_pull(1, "feat: a", brought=(sha,), author=None)

    assert ask(UNKNOWN, sha) == {sha: Pull(1, "feat: a", (), None, None)}


def test_labels_beyond_the_first_page_cost_at_most_three_requests(hub, ask, remote):
    shas = remote.commits("staging", [f"feat: {number}" for number in range(3)])
    for number, (sha, count) in enumerate(zip(shas, (20, 21, 230), strict=True), 1):
        hub.add_pull(number, "x", brought=(sha,), labels=tuple(f"label {place:03}" for place in range(count)))

    found = ask(*shas)

    assert [len(found[sha].labels) for sha in shas] == [20, 21, 230]
    assert all(found[sha].labels == tuple(sorted(found[sha].labels)) for sha in shas)
    assert len(hub.requests) == 1 + 3


def test_labels_have_an_end(hub, ask, remote):
    sha = remote.commit("staging")
    hub.add_pull(1, "x", brought=(sha,), labels=tuple(map(str, range(1000))))

    assert len(ask(sha)[sha].labels) == 320
    assert len(hub.requests) == 1 + 3


def test_a_passing_failure_is_asked_again_and_a_lasting_one_is_no_answer_at_all(hub, ask, remote):
    sha = remote.commit("staging")
    shas = [sha, *(f"{number:040x}" for number in range(55))]
    hub.add_pull(1, "x", brought=(sha,))
    hub.fail("POST /graphql", BAD_GATEWAY)
    assert list(ask(*shas)) == [sha]

    hub.fail("POST /graphql", BAD_GATEWAY, times=50, skip=1)
    with pytest.raises(BotError) as caught:
        ask(*shas)

    assert caught.value.reason is Reason.HOST_FAILED


def test_a_repository_that_may_not_be_seen_is_an_error(hub, monkeypatch):
    hub.full_name = "acme/other"

    with pytest.raises(BotError) as caught:
        pulls(client_of(hub.api_url, monkeypatch), ["a" * 40], BRANCHES)

    assert "NOT_FOUND" in caught.value.sentence


CUT = {"number": 1, "title": "x", "merged": True, "repository": {"id": "R"}, "baseRefName": "main", "mergedAt": None}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"repository": None},
        {"repository": []},
        {"repository": {"id": "R"}},
        {"repository": {"id": "R", "commit0": ["x"]}},
        {"repository": {"id": "R", "commit0": {"associatedPullRequests": {"nodes": ["x"]}}}},
        {"repository": {"id": "R", "commit0": {"associatedPullRequests": {"nodes": [CUT]}}}},
        {"repository": {"id": "R", "commit0": {"associatedPullRequests": {"nodes": [{**CUT, "labels": {}}]}}}},
    ],
)
def test_an_answer_of_another_shape_is_an_error_and_never_a_crash(monkeypatch, data):
    with scripted() as script:
        script.say(Say(body={"data": data}))
        with pytest.raises(BotError) as caught:
            pulls(client_of(script.api, monkeypatch), ["a" * 40], BRANCHES)

    assert (caught.value.reason, "shape" in caught.value.sentence) == (Reason.HOST_FAILED, True)


@pytest.mark.parametrize(
    "commit", [None, {}, {"associatedPullRequests": None}, {"associatedPullRequests": {"nodes": None}}]
)
def test_nulls_where_the_schema_allows_them_are_nothing(monkeypatch, commit):
    with scripted() as script:
        script.say(Say(body={"data": {"repository": {"id": "R", "commit0": commit}}}))

        assert pulls(client_of(script.api, monkeypatch), ["a" * 40], BRANCHES) == {}


def test_a_pull_request_whose_labels_and_merge_may_not_be_seen_is_one_all_the_same(monkeypatch):
    node = {**CUT, "labels": None, "author": None, "mergeCommit": None}
    with scripted() as script:
        commit = {"associatedPullRequests": {"nodes": [None, node]}}
        script.say(Say(body={"data": {"repository": {"id": "R", "commit0": commit}}}))

        assert pulls(client_of(script.api, monkeypatch), ["a" * 40], BRANCHES) == {
            "a" * 40: Pull(1, "x", (), None, None)
        }
