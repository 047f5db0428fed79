"""Issues, their comments and labels; the list also holds pull requests, as GitHub's does."""

from support.github import shapes
from support.github.answers import Answer, Json, Refused, invalid, no_longer_than, not_found
from support.github.pages import paged
from support.github.routes.labels import ensured
from support.github.routes.pulls import as_issue
from support.github.routing import Ask, body_of, route
from support.github.shapes import dates, node_id, stamp, user
from support.github.world import find

LONGEST_BODY = 65_536
_LONGEST_TITLE = 256
_LIST = "/repos/{owner}/{repo}/issues"
_ONE = "/repos/{owner}/{repo}/issues/{issue_number}"


def _refuse_disabled(ask: Ask) -> None:
    if not ask.hub.has_issues:
        raise Refused(410, "Issues has been disabled in this repository.")


@route(f"GET {_LIST}", "issues=read")
def listed(ask: Ask) -> Answer:
    _refuse_disabled(ask)
    everything = ask.world.issues + [as_issue(ask.hub, pull) for pull in ask.world.pulls]
    found = [one for one in everything if _is_wanted(ask, one)]
    key = {"updated": "updated_at", "comments": "comments"}.get(ask.query.get("sort", ""), "number")
    found.sort(key=lambda one: (one[key], one["number"]), reverse=ask.query.get("direction", "desc") == "desc")
    return paged(ask, f"/repos/{ask.hub.full_name}/issues", found)


def _is_wanted(ask: Ask, issue: Json) -> bool:
    state = ask.query.get("state", "open")
    names = {one["name"].lower() for one in issue["labels"]}
    wanted = {name.lower() for name in ask.query.get("labels", "").split(",") if name}
    creator, since = ask.query.get("creator"), ask.query.get("since", "")
    return (
        state in ("all", issue["state"])
        and wanted <= names
        and creator in (None, issue["user"]["login"])
        and issue["updated_at"] >= since
    )


@route(f"POST {_LIST}", "issues=write")
def create(ask: Ask) -> Answer:
    _refuse_disabled(ask)
    body = body_of(ask)
    _check(body)
    issue = _new(ask, str(body["title"]), body.get("body"))
    issue["labels"] = _labels(ask, body.get("labels", ()))
    ask.world.issues.append(issue)
    return Answer(201, issue, {"Location": issue["url"]})


def _check(body: Json) -> None:
    if "title" in body and not str(body["title"] or "").strip():
        raise invalid("Issue", "title", "missing_field")
    no_longer_than(_LONGEST_TITLE, "Issue", "title", None if body.get("title") is None else str(body["title"]))
    no_longer_than(LONGEST_BODY, "Issue", "body", body.get("body"))


def _labels(ask: Ask, given: list[str | Json]) -> list[Json]:
    return [ensured(ask, one if isinstance(one, str) else one["name"]) for one in given]


def _new(ask: Ask, title: str, body: str | None) -> Json:
    hub, number = ask.hub, ask.hub.next_number()
    identity = hub.next_id()
    url = f"{hub.repo_url}/issues/{number}"
    return {
        "id": identity,
        "node_id": node_id("I", identity),
        "number": number,
        "url": url,
        "repository_url": hub.repo_url,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{hub.page_url}/issues/{number}",
        "title": title,
        "body": body,
        "user": user(hub, ask.who.login),
        "labels": [],
        "state": "open",
        "state_reason": None,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "comments": 0,
        "closed_at": None,
        "closed_by": None,
        "author_association": "NONE",
        **dates(hub.now()),
    }


def _find(ask: Ask) -> Json:
    _refuse_disabled(ask)
    issue = find(ask.world.issues, number=ask.path["issue_number"])
    if issue is not None:
        return issue
    pull = next((one for one in ask.world.pulls if one.number == ask.path["issue_number"]), None)
    if pull is None:
        raise not_found()
    return as_issue(ask.hub, pull)


@route(f"GET {_ONE}", "issues=read", "pull_requests=read")
def one(ask: Ask) -> Answer:
    return Answer(200, _find(ask))


@route(f"PATCH {_ONE}", "issues=write", "pull_requests=write")
def update(ask: Ask) -> Answer:
    body, issue = body_of(ask), _find(ask)
    _check(body)
    issue |= shapes.pick(body, "title", "body")
    if "labels" in body:
        issue["labels"] = _labels(ask, body["labels"])
    if body.get("state") in ("open", "closed") and body["state"] != issue["state"]:
        _set_state(ask, issue, body)
    issue["updated_at"] = stamp(ask.hub.now())
    return Answer(200, issue)


def _set_state(ask: Ask, issue: Json, body: Json) -> None:
    is_closed = body["state"] == "closed"
    issue["state"] = body["state"]
    issue["state_reason"] = body.get("state_reason") or ("completed" if is_closed else "reopened")
    issue["closed_at"] = stamp(ask.hub.now()) if is_closed else None
    issue["closed_by"] = user(ask.hub, ask.who.login) if is_closed else None


# --- comments


@route(f"GET {_ONE}/comments", "issues=read", "pull_requests=read")
def comments(ask: Ask) -> Answer:
    issue = _find(ask)
    found = [one for one in ask.world.comments if one["issue_url"] == issue["url"]]
    return paged(ask, f"/repos/{ask.hub.full_name}/issues/{issue['number']}/comments", found)


@route(f"POST {_ONE}/comments", "issues=write", "pull_requests=write")
def comment(ask: Ask) -> Answer:
    body, issue = body_of(ask), _find(ask)
    if issue["locked"] and not ask.who.may("administration=write"):
        raise Refused(403, "Unable to create comment because issue is locked.")
    _check_comment(body["body"])
    made = _new_comment(ask, issue, body["body"])
    ask.world.comments.append(made)
    issue["comments"] += 1
    issue["updated_at"] = made["updated_at"]
    return Answer(201, made, {"Location": made["url"]})


def _check_comment(text: str) -> None:
    if not text.strip():
        raise invalid("IssueComment", "body", "missing_field")
    no_longer_than(LONGEST_BODY, "IssueComment", "body", text)


def _new_comment(ask: Ask, issue: Json, text: str) -> Json:
    hub, number = ask.hub, ask.hub.next_id()
    return {
        "id": number,
        "node_id": node_id("IC", number),
        "url": f"{hub.repo_url}/issues/comments/{number}",
        "html_url": f"{issue['html_url']}#issuecomment-{number}",
        "issue_url": issue["url"],
        "user": user(hub, ask.who.login),
        "body": text,
        "author_association": "NONE",
        **dates(hub.now()),
    }


@route(f"PATCH {_LIST}/comments/{{comment_id}}", "issues=write", "pull_requests=write")
def update_comment(ask: Ask) -> Answer:
    made = find(ask.world.comments, id=ask.path["comment_id"])
    if made is None:
        raise not_found()
    _check_comment(body_of(ask)["body"])
    made |= {"body": body_of(ask)["body"], "updated_at": stamp(ask.hub.now())}
    return Answer(200, made)


@route(f"GET {_ONE}/labels", "issues=read", "pull_requests=read")
def labels(ask: Ask) -> Answer:
    issue = _find(ask)
    return paged(ask, f"/repos/{ask.hub.full_name}/issues/{issue['number']}/labels", issue["labels"])


@route(f"POST {_ONE}/labels", "issues=write", "pull_requests=write")
def add_labels(ask: Ask) -> Answer:
    issue, given = _find(ask), ask.body if isinstance(ask.body, list) else body_of(ask).get("labels", [])
    names = {one["name"] for one in issue["labels"]}
    issue["labels"] += [one for one in _labels(ask, given) if one["name"] not in names]
    return Answer(200, issue["labels"])
