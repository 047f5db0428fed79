"""The fake GitHub of the tests keeps to GitHub's rules: GraphQL."""

import pytest
from support.github.asking import MOVE, Asker, move

ZERO = "0" * 40


PULLS = """query($owner: String!, $name: String!, $oid: GitObjectID!) { repository(owner: $owner, name: $name) {
  object(oid: $oid) { ... on Commit { associatedPullRequests(first: 5) { nodes { number labels(first: 5) { nodes {
  name } } author { login } mergedAt baseRefName mergeCommit { oid } } } } } } }"""


def test_refs_move_together_from_the_values_they_must_have(hub, ask, remote, tip):
    old = remote.sha("refs/heads/main")
    wanted = move(hub, ("refs/heads/main", old, tip), ("refs/tags/v1", ZERO, tip))
    assert ask.graphql(MOVE, input=wanted)["data"]["updateRefs"] == {"clientMutationId": None}
    assert (remote.sha("refs/heads/main"), remote.sha("refs/tags/v1")) == (tip, tip)


@pytest.mark.parametrize("wrong", ["other value", "exists", "missing object", "back", "other repository"])
def test_refs_that_cannot_all_move_do_not_move_at_all(hub, ask, remote, tip, wrong):
    old = remote.sha("refs/heads/main")
    remote.set("refs/tags/taken", tip)
    bad = {
        "other value": ("refs/heads/staging", old, tip),
        "exists": ("refs/tags/taken", ZERO, tip),
        "missing object": ("refs/tags/x", ZERO, "f" * 40),
        "back": ("refs/heads/staging", tip, old),
        "other repository": ("refs/tags/x", ZERO, tip),
    }[wrong]
    before = remote.refs()
    wanted = move(hub, ("refs/heads/main", old, tip), bad)
    if wrong == "other repository":
        wanted["repositoryId"] = "R_other"
    answer = ask.graphql(MOVE, input=wanted)
    assert answer["data"]["updateRefs"] is None
    assert answer["errors"][0]["type"] in ("STALE_DATA", "UNPROCESSABLE", "NOT_FOUND")
    assert remote.refs() == before


def test_graphql_knows_the_rules_too(hub, ask, remote, tip):
    hub.add_ruleset("main", [{"type": "pull_request"}])
    old = remote.sha("refs/heads/main")
    (error,) = ask.graphql(MOVE, input=move(hub, ("refs/heads/main", old, tip)))["errors"]
    assert "through a pull request" in error["message"]
    weak = Asker(hub.api_url, hub.access.add(permissions={"metadata": "read"}))
    assert weak.graphql(MOVE, input=move(hub, ("refs/heads/main", old, tip)))["errors"][0]["type"] == "FORBIDDEN"


def test_the_pull_requests_of_a_commit_are_the_merged_and_off_main_the_open_ones(hub, ask, remote, tip):
    names = {"owner": "acme", "name": "shop", "oid": tip}
    hub.add_pull(3, "feat: three", labels=("feature",), merge_commit=tip, base="staging")
    hub.add_pull(4, "staging to main", commits=(tip,), open=True, merged_at=None, author=None)

    def numbers():
        found = ask.graphql(PULLS, **names)["data"]["repository"]["object"]["associatedPullRequests"]["nodes"]
        return [one["number"] for one in found]

    assert numbers() == [3, 4]
    remote.set("refs/heads/main", tip)
    assert numbers() == [3]
    assert ask.graphql(PULLS, **names | {"oid": "f" * 40})["data"]["repository"]["object"] is None
    assert ask.graphql(PULLS, **names | {"name": "x"})["errors"][0]["type"] == "NOT_FOUND"
