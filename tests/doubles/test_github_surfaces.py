"""The fake GitHub of the tests keeps to GitHub's rules: issues, statuses, checks and deployments."""

from support.github.asking import as_installation, made


def test_an_issue_wears_labels_that_did_not_exist_and_is_found_by_them(ask, repo):
    issue = made(ask("POST", f"{repo}/issues", {"title": "t", "labels": ["new"]}))
    assert [one["name"] for one in ask("GET", f"{repo}/labels").json()] == ["new"]
    assert [one["number"] for one in ask("GET", f"{repo}/issues", labels="new").json()] == [issue["number"]]
    closing = {"state": "closed", "state_reason": "completed"}
    closed = made(ask("PATCH", f"{repo}/issues/{issue['number']}", closing), 200)
    assert closed["closed_at"]
    assert ask("GET", f"{repo}/issues").json() == []
    assert len(ask("GET", f"{repo}/issues", state="all").json()) == 1


def test_pull_requests_stand_among_the_issues_and_share_their_numbers(hub, ask, repo):
    hub.add_pull(7, "feat: open", open=True, merged_at=None)
    assert made(ask("POST", f"{repo}/issues", {"title": "t"}))["number"] == 8
    listed = ask("GET", f"{repo}/issues").json()
    assert [("pull_request" in one, one["number"]) for one in listed] == [(False, 8), (True, 7)]


def test_a_list_comes_in_pages_that_lead_to_each_other(ask, repo):
    for number in range(3):
        made(ask("POST", f"{repo}/issues", {"title": f"{number}"}))
    first = ask("GET", f"{repo}/issues", per_page=2)
    second = ask("GET", first.links["next"]["url"])
    assert [one["title"] for one in first.json() + second.json()] == ["2", "1", "0"]
    assert "next" not in second.links
    assert "prev" in second.links


def test_the_newest_status_of_a_context_counts(ask, repo, tip):
    for state in ("pending", "failure"):
        made(ask("POST", f"{repo}/statuses/{tip}", {"state": state, "context": "promote/slo"}))
    assert ask("GET", f"{repo}/commits/{tip}/status").json()["state"] == "failure"
    assert [one["state"] for one in ask("GET", f"{repo}/commits/{tip}/statuses").json()] == ["failure", "pending"]


def test_a_status_line_is_short_its_commit_there_and_its_link_one_of_the_web(ask, repo, tip):
    path = f"{repo}/statuses/{tip}"
    made(ask("POST", path, {"state": "success", "description": "x" * 140}))
    assert ask("POST", path, {"state": "success", "description": "x" * 141}).status_code == 422
    assert ask("POST", path, {"state": "success", "target_url": "file:///x"}).status_code == 422
    assert ask("POST", f"{repo}/statuses/{'f' * 40}", {"state": "success"}).status_code == 422


def test_only_an_app_makes_check_runs_and_only_its_own_can_it_change(hub, ask, repo, tip):
    body = {"name": "promote/slo", "head_sha": tip, "status": "in_progress"}
    assert ask("POST", f"{repo}/check-runs", body).status_code == 403
    mine = as_installation(hub)
    run = made(mine("POST", f"{repo}/check-runs", body))
    output = {"title": "t", "summary": "s", "text": "x"}
    changed = mine("PATCH", f"{repo}/check-runs/{run['id']}", {"conclusion": "success", "output": output})
    assert (changed.json()["status"], changed.json()["output"]["text"]) == ("completed", "x")
    theirs = hub.add_check(tip, "test")
    assert mine("PATCH", f"{repo}/check-runs/{theirs['id']}", {"conclusion": "failure"}).status_code == 403
    assert {one["name"] for one in mine("GET", f"{repo}/commits/{tip}/check-runs").json()["check_runs"]} == {
        "test",
        "promote/slo",
    }


def test_a_deployment_merges_or_waits_unless_told_not_to(hub, ask, repo, remote, tip):
    hub.add_status(tip, "build", "failure")
    assert ask("POST", f"{repo}/deployments", {"ref": tip, "auto_merge": False}).status_code == 409
    remote.commit("main", "hotfix")
    assert ask("POST", f"{repo}/deployments", {"ref": tip, "required_contexts": []}).status_code == 409
    body = {"ref": tip, "auto_merge": False, "required_contexts": [], "environment": "live"}
    first, second = (made(ask("POST", f"{repo}/deployments", body)) for _ in range(2))
    for one in (first, second):
        made(ask("POST", f"{repo}/deployments/{one['id']}/statuses", {"state": "success"}))
    states = [one["state"] for one in ask("GET", f"{repo}/deployments/{first['id']}/statuses").json()]
    assert states == ["inactive", "success"]
    assert len(ask("GET", f"{repo}/deployments", sha=tip, environment="live").json()) == 2
