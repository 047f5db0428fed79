"""The fake GitHub of the tests keeps to GitHub's rules: rulesets and protection, through the API and for git."""

import subprocess

import pytest
from support.github.asking import Asker, as_installation, made
from support.gitrepos import clean_environment


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"type": "update"}, "Cannot update this protected ref"),
        ({"type": "pull_request"}, "through a pull request"),
        (
            {
                "type": "required_status_checks",
                "parameters": {
                    "strict_required_status_checks_policy": False,
                    "required_status_checks": [{"context": "promote/slo"}],
                },
            },
            'Required status check "promote/slo" is expected',
        ),
    ],
)
def test_a_rule_stops_a_ref_and_lets_past_who_may(hub, repo, tip, rule, words):
    ask = Asker(hub.api_url, hub.token)
    actor = {"actor_id": hub.app_id, "actor_type": "Integration", "bypass_mode": "always"}
    hub.add_ruleset("main", [rule], bypass_actors=[actor])
    refused = ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip})
    assert refused.status_code == 422
    assert words in refused.json()["message"]
    made(as_installation(hub)("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip}), 200)


def test_a_required_status_lets_the_commit_through_once_it_is_there(hub, ask, repo, tip):
    hub.protect("main", checks=("promote/slo",))
    assert ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip}).status_code == 422
    hub.add_status(tip, "promote/slo")
    made(ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip}), 200)


def test_an_administrator_goes_past_the_protection_unless_it_is_for_administrators_too(hub, repo, tip):
    admin = Asker(hub.api_url, hub.access.add())
    hub.protect("main", reviews=1, admins=True)
    assert "through a pull request" in admin("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip}).json()["message"]
    hub.protect("main", reviews=1)
    made(admin("PATCH", f"{repo}/git/refs/heads/main", {"sha": tip}), 200)


def test_workflow_files_need_a_permission_of_their_own(hub, ask, repo, remote):
    new = remote.commit("staging", files={".github/workflows/ci.yml": "on: push"})
    assert ask("PATCH", f"{repo}/git/refs/heads/main", {"sha": new}).status_code == 403
    strong = Asker(hub.api_url, hub.access.add())
    made(strong("PATCH", f"{repo}/git/refs/heads/main", {"sha": new}), 200)


def test_rulesets_are_made_changed_and_removed_by_who_administers(hub, ask, repo):
    admin = Asker(hub.api_url, hub.access.add())
    body = {"name": "main", "enforcement": "active", "rules": [{"type": "deletion"}]}
    assert ask("POST", f"{repo}/rulesets", body).status_code == 403
    made_one = made(admin("POST", f"{repo}/rulesets", body))
    conditions = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
    path = f"{repo}/rulesets/{made_one['id']}"
    made(admin("PUT", path, {"conditions": conditions}), 200)
    assert [one["type"] for one in ask("GET", f"{repo}/rules/branches/main").json()] == ["deletion"]
    assert "bypass_actors" in admin("GET", path).json()
    assert "bypass_actors" not in ask("GET", path).json()
    assert admin("DELETE", path).status_code == 204


def push(remote, sha):
    command = ["git", "--git-dir", str(remote.path), "push", "--quiet", remote.url, f"{sha}:refs/heads/main"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=clean_environment())


def test_git_itself_is_held_to_the_rules_where_it_shall_be(hub, remote, tip):
    hub.guard_pushes()
    hub.protect("main", checks=("promote/slo",))
    refused = push(remote, tip)
    assert refused.returncode == 1
    assert "GH006: Protected branch update failed for refs/heads/main." in refused.stderr
    hub.add_status(tip, "promote/slo")
    hub.add_ruleset("main", [{"type": "pull_request"}])
    assert "GH013: Repository rule violations found" in push(remote, tip).stderr
    hub.rulesets.clear()
    assert push(remote, tip).returncode == 0
    assert remote.sha("refs/heads/main") == tip
