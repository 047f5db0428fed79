"""The push by GitHub's API where it differs from git's: answers that get lost, objects that come out otherwise."""

from dataclasses import replace

import pytest
from support.github import BAD_GATEWAY, GRAPHQL_ERROR, LOST, PRIMARY_LIMIT, Fault, gitdata
from support.github.answers import Answer
from support.gitrepos import Repo, make_remote
from support.promotions import plan_for, pushed
from support.transports import VARIABLE, Transport, ways

from bot.adapters.github import push
from bot.adapters.lock import FileLock
from bot.core.gate import Refusal
from bot.core.promotion import Promotion, PushOutcome, PushPlan
from bot.core.settle import Unsettled
from bot.errors import Reason

MAIN, STAGING, LEDGER = "refs/heads/main", "refs/heads/staging", "refs/notes/promotions"
TAG = "refs/tags/release/20261121-020000"
MUTATION = "POST /graphql"


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture(params=[Transport.API, Transport.API_WHOLE], ids=lambda each: each.name.lower())
def way(request, tmp_path, remote, monkeypatch):
    with ways(tmp_path, remote, request.param, monkeypatch) as made:
        yield made


@pytest.fixture
def api(tmp_path, remote, monkeypatch):
    """A GitHub whose `updateRefs` takes no annotated tag."""
    with ways(tmp_path, remote, Transport.API, monkeypatch) as made:
        yield made


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


def asked(way):
    """What was asked of GitHub, in short."""
    return [(one.method, one.path.removeprefix("/repos/acme/shop")) for one in way.hub.requests]


def mutations(way):
    """The moves of each mutation: name, lease, force."""
    bodies = [one.body["variables"]["input"]["refUpdates"] for one in way.hub.requests if one.path == "/graphql"]
    return [[(move["name"], move["beforeOid"], move["force"]) for move in moves] for moves in bodies]


def test_an_ordinary_night_takes_a_dozen_requests_and_one_mutation(way, remote, tmp_path, lock):
    before = remote.sha(MAIN)
    repository, prepared = way.prepared(tmp_path)
    assert asked(way) == []

    repository.push(prepared, lock)

    tip = prepared.plan.moves[0].after
    made = ["blobs", "trees", "trees", "commits", "tags"]
    whole = [(MAIN, before, False), (TAG, "0" * 40, False), (LEDGER, "0" * 40, False)]
    assert asked(way)[:6] == [("GET", f"/git/commits/{tip}"), *(("POST", f"/git/{kind}") for kind in made)]
    if way.transport is Transport.API_WHOLE:
        assert mutations(way) == [whole]
    else:
        assert mutations(way) == [whole, [whole[0], whole[2]]]
        assert asked(way)[-1] == ("POST", "/git/refs")
    assert len(asked(way)) <= 12


def test_a_signed_tag_arrives_with_its_signature(api, remote, tmp_path, lock):
    repository = api.open(tmp_path)
    repository.fetch()
    plan = plan_for(repository)
    armor = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAA\n-----END SSH SIGNATURE-----\n"
    prepared = repository.prepare(replace(plan, tag=replace(plan.tag, signature=armor)))

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)
    assert remote.sha(TAG) == prepared.tag_oid
    assert remote.git("cat-file", "tag", TAG).endswith(armor.strip())


def between(way, what):
    """Let that happen when the mutation is on its way: after all was looked at."""
    happened = []

    def match(_method, path):
        if path == "/graphql" and not happened:
            happened.append(path)
            what()
        return False

    way.hub.fail(match, LOST)


RACES = [
    # A lease alone would notice: this one is a fast-forward all the same.
    ("rewound", PushOutcome.TARGET_MOVED, Reason.BRANCH_REWOUND),
    ("moved on", PushOutcome.TARGET_MOVED, Reason.TARGET_MOVED),
    ("noted", PushOutcome.LEDGER_MOVED, Reason.LEDGER_MOVED),
]


@pytest.mark.parametrize("case", RACES, ids=lambda case: case[0])
def test_a_race_that_is_lost_on_the_way_moves_nothing(way, remote, tmp_path, lock, case):
    how, outcome, reason = case
    repository, prepared = way.prepared(tmp_path)
    old = prepared.plan.moves[0].before
    what = {
        "rewound": lambda: remote.set(MAIN, remote.git("rev-parse", f"{old}^")),
        "moved on": lambda: remote.commit("main", "fix: by hand"),
        "noted": lambda: remote.git("notes", "--ref=promotions", "add", "-m", "{}", old),
    }[how]
    between(way, what)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is outcome
    assert isinstance(end, Refusal)
    assert end.reason is reason
    assert remote.sha(MAIN) != prepared.plan.moves[0].after
    assert TAG not in remote.refs()


def test_a_tag_that_somebody_makes_on_the_way_refuses_all_of_it(remote, tmp_path, lock, monkeypatch):
    with ways(tmp_path, remote, Transport.API_WHOLE, monkeypatch) as way:
        repository, prepared = way.prepared(tmp_path)
        between(way, lambda: remote.tag(prepared.plan.tag.name, remote.sha(STAGING)))

        report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.TAG_EXISTS
    assert isinstance(end, Refusal)
    assert remote.sha(MAIN) == prepared.plan.moves[0].before


def test_a_tag_that_somebody_makes_at_the_very_last_moment_is_never_moved_nor_called_a_success(
    api, remote, tmp_path, lock
):
    repository, prepared = api.prepared(tmp_path)
    theirs = []
    api.hub.fail(
        lambda _, path: path.endswith("/git/refs") and bool(theirs.append(remote.tag(TAG[10:], remote.sha(MAIN)))), LOST
    )

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.TAG_EXISTS
    assert isinstance(end, Unsettled)
    assert "a part of the push" in end.sentence
    assert remote.sha(TAG) == theirs[0]


def test_a_mutation_whose_answer_is_lost_is_settled_by_reading_back(way, remote, tmp_path, lock):
    repository, prepared = way.prepared(tmp_path)
    way.hub.fail(MUTATION, LOST, skip=0 if way.transport is Transport.API_WHOLE else 1)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert remote.sha(MAIN) == prepared.plan.moves[0].after
    if way.transport is Transport.API_WHOLE:
        assert isinstance(end, Promotion)
    else:
        assert isinstance(end, Unsettled)
        sent = len(asked(way))
        assert isinstance(pushed(repository, prepared, lock)[1], Promotion)
        # Only what is lacking is sent again, and main is not touched by it.
        assert [move[0] for moves in mutations(way)[2:] for move in moves] == [TAG]
        assert asked(way)[sent:] == [("POST", "/git/tags"), ("POST", "/graphql"), ("POST", "/git/refs")]


SILENT = Fault("neither done nor refused", answer=Answer(200, {"data": {"updateRefs": None}}))
CONTRADICTORY = Fault(
    "done and refused", answer=Answer(200, {"data": {"updateRefs": {}}, "errors": [{"type": "X", "message": "no"}]})
)


@pytest.mark.parametrize("fault", [BAD_GATEWAY, GRAPHQL_ERROR, PRIMARY_LIMIT, SILENT, CONTRADICTORY], ids=str)
def test_a_mutation_that_nobody_did_is_unknown_until_it_is_sent_again(way, remote, tmp_path, lock, fault):
    repository, prepared = way.prepared(tmp_path)
    before = remote.refs()
    way.hub.fail(MUTATION, fault)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Unsettled)
    assert end.reason is Reason.PUSH_UNKNOWN
    assert remote.refs() == before
    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_a_tag_whose_answer_is_lost_is_there(api, tmp_path, lock):
    repository, prepared = api.prepared(tmp_path)
    api.hub.fail("POST */git/refs", LOST)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Promotion)


@pytest.mark.parametrize("kind", ["blobs", "trees", "commits", "tags"])
@pytest.mark.parametrize("fault", [LOST, BAD_GATEWAY], ids=str)
def test_an_object_whose_answer_is_lost_is_made_again_since_it_is_the_same_one(api, tmp_path, lock, kind, fault):
    repository, prepared = api.prepared(tmp_path)
    api.hub.fail(f"POST */git/{kind}", fault)

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_objects_that_cannot_be_made_leave_every_ref_where_it_was(api, remote, tmp_path, lock):
    repository, prepared = api.prepared(tmp_path)
    before = remote.refs()
    api.hub.fail("POST */git/commits", BAD_GATEWAY, times=10)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Unsettled)
    assert mutations(api) == []
    assert remote.refs() == before


@pytest.fixture(params=["write_tag", "write_commit"])
def tidying(request, monkeypatch):
    """A GitHub that takes the line end from messages."""
    real = getattr(gitdata, request.param)
    tidy = lambda repo, body, *more: real(repo, body | {"message": body["message"].strip()}, *more)  # noqa: E731 - short
    monkeypatch.setattr(gitdata, request.param, tidy)


@pytest.mark.usefixtures("tidying")
def test_an_object_that_github_writes_in_its_own_way_stops_the_push_before_any_ref(api, remote, tmp_path, lock):
    repository, prepared = api.prepared(tmp_path)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNFIT
    assert isinstance(end, Refusal)
    assert end.reason is Reason.TRANSPORT_UNFIT
    assert "in its own way" in end.sentence
    assert mutations(api) == []
    assert remote.refs() == before


def test_a_push_of_too_many_objects_is_refused_before_the_first_is_made(api, remote, tmp_path, lock, monkeypatch):
    monkeypatch.setattr(push, "MOST", 3)
    repository, prepared = api.prepared(tmp_path)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNFIT
    assert isinstance(end, Refusal)
    assert "More than 3 objects" in end.sentence
    assert not api.hub.writes
    assert remote.refs() == before


def test_a_commit_that_github_does_not_know_goes_along(api, remote, tmp_path, lock):
    """What a person resolved in the work tree is in the cache alone."""
    repository = api.open(tmp_path)
    repository.fetch()
    tip = remote.sha(STAGING)
    sha = Repo(tmp_path / "cache.git").git("commit-tree", f"{tip}^{{tree}}", "-p", tip, "-m", "by hand")
    move = replace(plan_for(repository).moves[0], ref=STAGING, before=tip, after=sha)
    prepared = repository.prepare(PushPlan((move,), None, None, None, 0, "A merge by hand"))

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)
    assert remote.sha(STAGING) == sha


def test_a_token_that_may_not_write_is_told_so(api, remote, tmp_path, lock, monkeypatch):
    repository, prepared = api.prepared(tmp_path)
    monkeypatch.setenv(VARIABLE, api.hub.access.add(permissions={"metadata": "read", "contents": "read"}))
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.REJECTED
    assert isinstance(end, Refusal)
    assert "not accessible" in end.sentence
    assert remote.refs() == before


def test_a_token_that_github_does_not_know_is_told_so(api, remote, tmp_path, lock):
    repository, prepared = api.prepared(tmp_path)
    api.hub.access.tokens.clear()
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNAUTHENTICATED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.BAD_CREDENTIALS
    assert remote.refs() == before


def test_a_required_check_that_has_not_reported_is_waited_for(way, remote, tmp_path, lock):
    way.hub.protect("main", checks=("promote/slo",))
    repository, prepared = way.prepared(tmp_path)
    before = remote.refs()

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.PROTECTED
    assert isinstance(end, Unsettled)
    assert end.reason is Reason.PUSH_PROTECTED
    assert "promote/slo" in end.sentence
    assert remote.refs() == before
    way.hub.add_status(prepared.plan.moves[0].after, "promote/slo")
    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_a_workflow_in_the_range_needs_its_permission(api, remote, tmp_path, lock):
    remote.commit("staging", "ci: build", files={".github/workflows/ci.yml": "on: push\n"})
    repository, prepared = api.prepared(tmp_path)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.REJECTED
    assert isinstance(end, Refusal)
    assert remote.sha(MAIN) == prepared.plan.moves[0].before
