"""Pull requests: made by the test, only read through the API."""

from typing import TYPE_CHECKING

from support.github import shapes
from support.github.answers import Answer, Json, not_found
from support.github.gitdata import is_ancestor
from support.github.pages import paged
from support.github.routes.commits import commit_named
from support.github.routing import Ask, route
from support.github.shapes import node_id, user
from support.github.world import FakePull

if TYPE_CHECKING:
    from support.github.hub import Hub


def associated(hub: "Hub", pulls: list[FakePull], sha: str) -> list[FakePull]:
    """Those that GitHub names for a commit: open ones too while it is not on the default branch."""
    tip = hub.remote.refs().get(f"refs/heads/{hub.default_branch}")
    is_on_default = tip is not None and is_ancestor(hub.remote, sha, tip)
    return [pull for pull in pulls if pull.has(sha) and (pull.merged_at or (pull.open and not is_on_default))]


def as_issue(hub: "Hub", pull: FakePull) -> Json:
    """How it stands in the list of issues: like one, with the key `pull_request`."""
    api = f"{hub.repo_url}/issues/{pull.number}"
    page = f"{hub.page_url}/pull/{pull.number}"
    times = dict.fromkeys(("created_at", "updated_at"), pull.merged_at or shapes.BEGINNING)
    return {
        "id": 5000 + pull.number,
        "node_id": node_id("PR", pull.number),
        "number": pull.number,
        "url": api,
        "repository_url": hub.repo_url,
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "html_url": page,
        "title": pull.title,
        "body": pull.body,
        "user": user(hub, pull.author or "ghost"),
        "labels": [label(hub, name) for name in pull.labels],
        "state": "open" if pull.open else "closed",
        "state_reason": None,
        **dict.fromkeys(("assignee", "milestone", "closed_by")),
        "assignees": [],
        "locked": False,
        "comments": 0,
        "closed_at": pull.merged_at,
        "author_association": "NONE",
        "draft": False,
        "pull_request": {"url": f"{hub.repo_url}/pulls/{pull.number}", "html_url": page, "diff_url": f"{page}.diff",
                         "patch_url": f"{page}.patch", "merged_at": pull.merged_at},
        **times,
    }  # fmt: skip


def label(hub: "Hub", name: str) -> Json:
    number = shapes.crc32(name.encode())
    words = {"name": name, "description": "", "color": "ededed", "default": False}
    return {"id": number, "node_id": node_id("LA", number), "url": f"{hub.repo_url}/labels/{name}", **words}


def _shown(ask: Ask, pull: FakePull) -> Json:
    hub = ask.hub
    common = as_issue(hub, pull)
    url = f"{hub.repo_url}/pulls/{pull.number}"
    page = common["html_url"]
    tip = (pull.commits or (pull.merge_commit,))[-1]
    return shapes.pick(common, "id", "node_id", "number", "html_url", "title", "body", "user", "labels", "state",
                       "assignee", "assignees", "milestone", "locked", "closed_at", "author_association", "draft",
                       "created_at", "updated_at", "comments_url") | {
        "url": url,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": common["url"],
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{url}/comments{{/number}}",
        "statuses_url": f"{hub.repo_url}/statuses/{tip}",
        "merge_commit_sha": pull.merge_commit,
        "merged_at": pull.merged_at,
        "auto_merge": None,
        "head": _end(ask, pull.head, tip),
        "base": _end(ask, pull.base, pull.merge_commit or tip),
        "_links": {name: {"href": url} for name in ("comments", "commits", "statuses", "html", "issue",
                                                    "review_comments", "review_comment", "self")},
    }  # fmt: skip


def _end(ask: Ask, name: str, sha: str | None) -> Json:
    whole = shapes.repository(ask.hub, may_push=True, is_admin=False)
    return {"label": f"{ask.hub.owner}:{name}", "ref": name, "sha": sha or "", "repo": whole, "user": whole["owner"]}


@route("GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", "pull_requests=read", "contents=read")
def of_commit(ask: Ask) -> Answer:
    sha = commit_named(ask, ask.path["commit_sha"])
    found = [_shown(ask, pull) for pull in associated(ask.hub, ask.world.pulls, sha)]
    return paged(ask, f"/repos/{ask.hub.full_name}/commits/{sha}/pulls", found)


@route("GET /repos/{owner}/{repo}/pulls/{pull_number}", "pull_requests=read")
def one(ask: Ask) -> Answer:
    pull = next((one for one in ask.world.pulls if one.number == ask.path["pull_number"]), None)
    if pull is None:
        raise not_found()
    counts = dict.fromkeys(("additions", "changed_files", "comments", "deletions", "review_comments"), 0)
    merged = {"merged": pull.merged_at is not None, "merged_by": None, "mergeable": None, "mergeable_state": "unknown"}
    more = {"commits": len(pull.commits), "maintainer_can_modify": False, "rebaseable": None}
    return Answer(200, _shown(ask, pull) | counts | merged | more)
