"""New statuses, check runs, rulesets, protections and commits, as GitHub shows them."""

from typing import TYPE_CHECKING, Any

from support.github import gitdata, shapes
from support.github.answers import Json
from support.github.shapes import node_id

if TYPE_CHECKING:
    from support.github.hub import Hub


def status(hub: "Hub", sha: str, said: Json, login: str) -> Json:
    number = hub.next_id()
    creator = shapes.user(hub, login)
    return {
        "url": f"{hub.repo_url}/statuses/{sha}",
        "avatar_url": creator["avatar_url"],
        "id": number,
        "node_id": node_id("SC", number),
        "state": said["state"],
        "description": said.get("description"),
        "target_url": said.get("target_url"),
        "context": said.get("context") or "default",
        **shapes.dates(hub.now()),
        "creator": creator,
        "sha": sha,
    }


def check_run(hub: "Hub", sha: str, name: str, app_id: int, slug: str) -> Json:
    number = hub.next_id()
    url = f"{hub.repo_url}/check-runs/{number}"
    suite = shapes.crc32(f"{app_id} {sha}".encode())
    return {
        "id": number,
        "node_id": node_id("CR", number),
        "head_sha": sha,
        "name": name,
        "url": url,
        "html_url": f"{hub.page_url}/runs/{number}",
        "details_url": f"{hub.web_url}/{slug}",
        "external_id": "",
        "status": "queued",
        **dict.fromkeys(("conclusion", "started_at", "completed_at")),
        "check_suite": {"id": suite},
        "output": {
            **dict.fromkeys(("title", "summary", "text")),
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "app": shapes.integration(hub, slug, app_id),
        "pull_requests": [],
    }


def ruleset(hub: "Hub", body: Json) -> Json:
    number = hub.next_id()
    url = f"{hub.repo_url}/rulesets/{number}"
    return {
        "id": number,
        "name": body["name"],
        "target": body.get("target", "branch"),
        "source_type": "Repository",
        "source": hub.full_name,
        "enforcement": body["enforcement"],
        "bypass_actors": body.get("bypass_actors", []),
        "conditions": body.get("conditions", {"ref_name": {"include": [], "exclude": []}}),
        "rules": body.get("rules", []),
        "node_id": node_id("RRS", number),
        "_links": {"self": {"href": url}, "html": {"href": f"{hub.page_url}/rules/{number}"}},
        **shapes.dates(hub.now()),
    }


def protection(
    hub: "Hub",
    branch: str,
    *,
    checks: tuple[str, ...] = (),
    strict: bool = False,
    reviews: int = 0,
    linear: bool = False,
    force: bool = False,
    deletions: bool = False,
    admins: bool = False,
) -> Json:
    """What GitHub answers about a classic protection; what is not set has no key."""
    url = f"{hub.repo_url}/branches/{branch}/protection"
    switches = {
        "required_linear_history": linear,
        "allow_force_pushes": force,
        "allow_deletions": deletions,
        "block_creations": False,
        "required_conversation_resolution": False,
        "lock_branch": False,
        "allow_fork_syncing": False,
    }
    found: dict[str, Any] = {name: {"enabled": value} for name, value in switches.items()}
    found |= {"url": url, "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": admins}}
    if checks:
        found["required_status_checks"] = _required(url, checks, strict=strict)
    if reviews:
        found["required_pull_request_reviews"] = _reviews(url, reviews)
    return found


def _required(url: str, checks: tuple[str, ...], *, strict: bool) -> Json:
    base = f"{url}/required_status_checks"
    named = [{"context": name, "app_id": None} for name in checks]
    return {
        "url": base,
        "strict": strict,
        "contexts": list(checks),
        "contexts_url": f"{base}/contexts",
        "checks": named,
    }


def _reviews(url: str, count: int) -> Json:
    switches = dict.fromkeys(
        ("dismiss_stale_reviews", "require_code_owner_reviews", "require_last_push_approval"), False
    )
    return {"url": f"{url}/required_pull_request_reviews", "required_approving_review_count": count, **switches}


def commit(hub: "Hub", one: gitdata.Commit) -> Json:
    """The JSON of a commit outside `git/`; authors have no accounts here."""
    url = f"{hub.repo_url}/commits/{one.sha}"
    inner = gitdata.described(one, hub.repo_url, hub.page_url)
    kept = shapes.pick(inner, "author", "committer", "message", "tree", "verification")
    return {
        "sha": one.sha,
        "node_id": inner["node_id"],
        "url": url,
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "commit": kept | {"url": inner["url"], "comment_count": 0},
        "author": None,
        "committer": None,
        "parents": inner["parents"],
    }
