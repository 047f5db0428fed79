"""The repository, its branches, who asks, and the limits."""

from support.github import gitdata, shapes
from support.github.answers import Answer, Json, Refused, not_found
from support.github.enforcement import effective
from support.github.pages import paged
from support.github.routing import Ask, route


@route("GET /repos/{owner}/{repo}", "metadata=read")
def repository(ask: Ask) -> Answer:
    may_push, is_admin = ask.who.may("contents=write"), ask.who.may("administration=write")
    return Answer(200, shapes.repository(ask.hub, may_push=may_push, is_admin=is_admin))


@route("GET /user")
def user(ask: Ask) -> Answer:
    if ask.who.token is None or ask.who.token.is_installation:
        raise Refused(403, "Resource not accessible by integration")
    counts = dict.fromkeys(("public_gists", "public_repos", "followers", "following"), 0)
    words = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location", "name"))
    times = dict.fromkeys(("created_at", "updated_at"), shapes.BEGINNING)
    return Answer(200, shapes.user(ask.hub, ask.who.login) | counts | words | times | {"user_view_type": "public"})


@route("GET /rate_limit")
def rate_limit(ask: Ask) -> Answer:
    core, graphql = ask.hub.limit.shown(), ask.hub.graphql_limit.shown()
    search = {"limit": 30, "remaining": 30, "reset": core["reset"], "used": 0}
    return Answer(200, {"resources": {"core": core, "graphql": graphql, "search": search}, "rate": core})


@route("GET /repos/{owner}/{repo}/branches", "contents=read")
def branches(ask: Ask) -> Answer:
    found = [_short(ask, ref, sha) for ref, sha in ask.refs().items() if ref.startswith("refs/heads/")]
    return paged(ask, f"/repos/{ask.hub.full_name}/branches", found)


@route("GET /repos/{owner}/{repo}/branches/{branch}", "contents=read")
def branch(ask: Ask) -> Answer:
    ref = f"refs/heads/{ask.path['branch']}"
    sha = ask.refs().get(ref)
    if sha is None:
        raise Refused(404, "Branch not found")
    url = f"{ask.hub.repo_url}/branches/{ask.path['branch']}"
    links = {"self": url, "html": f"{ask.hub.page_url}/tree/{ask.path['branch']}"}
    return Answer(200, _short(ask, ref, sha) | {"commit": ask.hub.full_commit(sha), "_links": links})


def _short(ask: Ask, ref: str, sha: str) -> Json:
    name = ref.removeprefix("refs/heads/")
    protection = ask.world.protections.get(name)
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{ask.hub.repo_url}/commits/{sha}"},
        "protected": protection is not None or bool(effective(ask.hub, ask.world, ref)),
        "protection": {"enabled": protection is not None},
        "protection_url": f"{ask.hub.repo_url}/branches/{name}/protection",
    }


@route("GET /repos/{owner}/{repo}/tags", "metadata=read")
def tags(ask: Ask) -> Answer:
    found = [_tag(ask, ref, sha) for ref, sha in ask.refs().items() if ref.startswith("refs/tags/")]
    return paged(ask, f"/repos/{ask.hub.full_name}/tags", found)


def _tag(ask: Ask, ref: str, sha: str) -> Json:
    name, commit = ref.removeprefix("refs/tags/"), gitdata.peeled(ask.hub.remote, sha)
    return {
        "name": name,
        "commit": {"sha": commit, "url": f"{ask.hub.repo_url}/commits/{commit}"},
        "zipball_url": f"{ask.hub.repo_url}/zipball/{ref}",
        "tarball_url": f"{ask.hub.repo_url}/tarball/{ref}",
        "node_id": shapes.node_id("REF", name),
    }


@route("GET /repos/{owner}/{repo}/immutable-releases", "administration=read")
def immutable_releases(ask: Ask) -> Answer:
    if not ask.hub.immutable_releases:
        raise not_found()
    return Answer(200, {"enabled": True, "enforced_by_owner": False})
