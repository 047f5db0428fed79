"""Commits as GitHub shows them, and what lies between two."""

from support.github import gitdata
from support.github.answers import Answer, Json, Refused, not_found, unprocessable
from support.github.pages import paged
from support.github.routing import Ask, route


def commit_named(ask: Ask, name: str) -> str:
    """The commit of a branch, tag or id; 422 for an id that is not there, as GitHub does."""
    if gitdata.kind_of(ask.hub.remote, name) == "commit":
        return name
    sha = gitdata.resolve(ask.hub.remote, ask.refs(), name)
    if sha is None:
        raise unprocessable(f"No commit found for SHA: {name}")
    return sha


@route("GET /repos/{owner}/{repo}/commits/{ref}", "contents=read")
def commit(ask: Ask) -> Answer:
    sha = commit_named(ask, ask.path["ref"])
    return Answer(200, ask.hub.full_commit(sha) | _files(ask, sha))


def _files(ask: Ask, sha: str) -> Json:
    parents = gitdata.commit_of(ask.hub.remote, sha).parents
    paths = gitdata.changed_paths(ask.hub.remote, parents[0] if parents else None, sha)
    return {"stats": {"additions": 0, "deletions": 0, "total": 0}, "files": [_file(ask, sha, path) for path in paths]}


def _file(ask: Ask, sha: str, path: str) -> Json:
    url = f"{ask.hub.repo_url}/contents/{path}?ref={sha}"
    counts = dict.fromkeys(("additions", "deletions", "changes"), 0)
    page = f"{ask.hub.page_url}/blob/{sha}/{path}"
    addresses = {"blob_url": page, "raw_url": page, "contents_url": url}
    return {"sha": None, "filename": path, "status": "modified", **counts, **addresses}


@route("GET /repos/{owner}/{repo}/commits", "contents=read")
def history(ask: Ask) -> Answer:
    tip = gitdata.resolve(ask.hub.remote, ask.refs(), ask.query.get("sha") or ask.hub.default_branch)
    if tip is None:
        raise not_found()
    ids = (gitdata.raw(ask.hub.remote, "rev-list", tip) or b"").decode().split()
    return paged(ask, f"/repos/{ask.hub.full_name}/commits", [ask.hub.full_commit(sha) for sha in ids])


@route("GET /repos/{owner}/{repo}/compare/{basehead}", "contents=read")
def compare(ask: Ask) -> Answer:
    base_name, dots, head_name = ask.path["basehead"].partition("...")
    found = [gitdata.resolve(ask.hub.remote, ask.refs(), name) for name in (base_name, head_name)]
    if not dots or None in found:
        raise not_found()
    base, head = (str(one) for one in found)
    return Answer(200, _comparison(ask, base, head))


def _comparison(ask: Ask, base: str, head: str) -> Json:
    repo = ask.hub.remote
    middle = (gitdata.raw(repo, "merge-base", base, head) or b"").decode().strip()
    if not middle:
        raise Refused(404, "No common ancestor between these commits.")
    ahead = (gitdata.raw(repo, "rev-list", "--reverse", head, f"^{base}") or b"").decode().split()
    behind = (gitdata.raw(repo, "rev-list", base, f"^{head}") or b"").decode().split()
    page = f"{ask.hub.page_url}/compare/{base}...{head}"
    return {
        "url": f"{ask.hub.repo_url}/compare/{base}...{head}",
        **dict.fromkeys(("html_url", "permalink_url"), page),
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": ask.hub.full_commit(base),
        "merge_base_commit": ask.hub.full_commit(middle),
        "status": _status(bool(ahead), bool(behind)),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [ask.hub.full_commit(sha) for sha in ahead[:250]],
        "files": [_file(ask, head, path) for path in gitdata.changed_paths(repo, middle, head)],
    }


def _status(is_ahead: bool, is_behind: bool) -> str:  # noqa: FBT001 - the two facts themselves
    if is_ahead and is_behind:
        return "diverged"
    return "ahead" if is_ahead else "behind" if is_behind else "identical"
