"""Git's own objects and refs, as they are in the real repository."""

import base64
import re

from support.github import enforcement, gitdata
from support.github.answers import Answer, Json, Refused, not_found, unprocessable
from support.github.pages import paged
from support.github.routing import Ask, body_of, route

_NAME = re.compile(r"refs/[^/]+/.+")


def _shown(ask: Ask, ref: str, sha: str) -> Json:
    kind = gitdata.kind_of(ask.hub.remote, sha)
    url = f"{ask.hub.repo_url}/git"
    return {
        "ref": ref,
        "node_id": f"REF_{ref}",
        "url": f"{url}/{ref}",
        "object": {"sha": sha, "type": kind, "url": f"{url}/{kind}s/{sha}"},
    }


@route("GET /repos/{owner}/{repo}/git/ref/{ref}", "contents=read")
def one(ask: Ask) -> Answer:
    ref = f"refs/{ask.path['ref']}"
    sha = ask.refs().get(ref)
    if sha is None:
        raise not_found()
    return Answer(200, _shown(ask, ref, sha))


@route("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", "contents=read")
def matching(ask: Ask) -> Answer:
    begins = f"refs/{ask.path['ref']}"
    found = [_shown(ask, ref, sha) for ref, sha in ask.refs().items() if ref.startswith(begins)]
    return paged(ask, f"/repos/{ask.hub.full_name}/git/matching-refs/{ask.path['ref']}", found)


@route("POST /repos/{owner}/{repo}/git/refs", "contents=write")
def create(ask: Ask) -> Answer:
    body = body_of(ask)
    ref, sha = body["ref"], body["sha"]
    if not _NAME.fullmatch(ref) or not gitdata.is_ref_name(ref):
        raise unprocessable("Reference name must start with 'refs' and have at least two slashes.")
    if ref in ask.hub.remote.refs():
        raise unprocessable("Reference already exists")
    _check_object(ask, ref, sha)
    enforcement.check_update(ask.hub, ask.who, ref, None, sha)
    gitdata.update_refs(ask.hub.remote, [(ref, sha, gitdata.ZERO)])
    return Answer(201, _shown(ask, ref, sha), {"Location": f"{ask.hub.repo_url}/git/{ref}"})


def _check_object(ask: Ask, ref: str, sha: str) -> None:
    kind = gitdata.kind_of(ask.hub.remote, sha)
    if kind is None:
        raise unprocessable("Object does not exist")
    if ref.startswith("refs/heads/") and kind != "commit":
        raise unprocessable("Object is not a commit")


@route("PATCH /repos/{owner}/{repo}/git/refs/{ref}", "contents=write")
def update(ask: Ask) -> Answer:
    body, ref = body_of(ask), f"refs/{ask.path['ref']}"
    old, new = ask.hub.remote.refs().get(ref), body["sha"]
    if old is None:
        raise unprocessable("Reference does not exist")
    _check_object(ask, ref, new)
    if not body.get("force") and not gitdata.is_ancestor(ask.hub.remote, old, new):
        raise unprocessable("Update is not a fast forward")
    enforcement.check_update(ask.hub, ask.who, ref, old, new)
    gitdata.update_refs(ask.hub.remote, [(ref, new, old)])
    return Answer(200, _shown(ask, ref, new))


@route("DELETE /repos/{owner}/{repo}/git/refs/{ref}", "contents=write")
def delete(ask: Ask) -> Answer:
    ref = f"refs/{ask.path['ref']}"
    old = ask.hub.remote.refs().get(ref)
    if old is None:
        raise unprocessable("Reference does not exist")
    _check_immutable(ask, ref)
    enforcement.check_update(ask.hub, ask.who, ref, old, None)
    gitdata.update_refs(ask.hub.remote, [(ref, gitdata.ZERO, old)])
    return Answer(204)


def _check_immutable(ask: Ask, ref: str) -> None:
    tag = ref.removeprefix("refs/tags/")
    if any(one["tag_name"] == tag and one["immutable"] for one in ask.hub.world.releases):
        raise unprocessable("Cannot delete a tag of an immutable release")


@route("GET /repos/{owner}/{repo}/git/tags/{tag_sha}", "contents=read")
def tag_object(ask: Ask) -> Answer:
    sha = ask.path["tag_sha"]
    text = gitdata.tag_text(ask.hub.remote, sha)
    if text is None:
        raise not_found()
    return Answer(200, _tag(ask, sha, text))


def _tag(ask: Ask, sha: str, text: str) -> Json:
    head, _, message = text.partition("\n\n")
    values = dict(line.split(" ", 1) for line in head.splitlines())
    url = f"{ask.hub.repo_url}/git"
    return {
        "sha": sha,
        "node_id": f"TA_{sha[:12]}",
        "url": f"{url}/tags/{sha}",
        "tag": values["tag"],
        "message": message,
        "tagger": gitdata.person(values["tagger"]),
        "object": {
            "sha": values["object"],
            "type": values["type"],
            "url": f"{url}/{values['type']}s/{values['object']}",
        },
        "verification": gitdata.UNSIGNED,
    }


@route("POST /repos/{owner}/{repo}/git/tags", "contents=write")
def create_tag(ask: Ask) -> Answer:
    body = body_of(ask)
    if gitdata.kind_of(ask.hub.remote, body["object"]) != body["type"]:
        raise unprocessable("Object does not exist")
    sha = gitdata.write_tag(ask.hub.remote, body, ask.hub.now(), ask.who.login)
    return Answer(201, _tag(ask, sha, gitdata.tag_text(ask.hub.remote, sha) or ""))


@route("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", "contents=read")
def commit_object(ask: Ask) -> Answer:
    commit = gitdata.commit_of(ask.hub.remote, ask.path["commit_sha"])
    return Answer(200, gitdata.described(commit, ask.hub.repo_url, ask.hub.page_url))


@route("POST /repos/{owner}/{repo}/git/commits", "contents=write")
def create_commit(ask: Ask) -> Answer:
    body, repo = body_of(ask), ask.hub.remote
    if gitdata.kind_of(repo, body["tree"]) != "tree":
        raise unprocessable("Tree SHA does not exist")
    if any(gitdata.kind_of(repo, sha) != "commit" for sha in body.get("parents", ())):
        raise unprocessable("Parent SHA does not exist or is not a commit object")
    commit = gitdata.commit_of(repo, gitdata.write_commit(repo, body, ask.hub.now(), ask.who.login))
    return Answer(201, gitdata.described(commit, ask.hub.repo_url, ask.hub.page_url))


@route("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", "contents=read")
def tree(ask: Ask) -> Answer:
    repo, name = ask.hub.remote, ask.path["tree_sha"]
    sha = name if gitdata.kind_of(repo, name) == "tree" else gitdata.resolve(repo, ask.refs(), name)
    if sha is None:
        raise not_found()
    options = ("-r", "-t") if ask.query.get("recursive") else ()
    return Answer(200, _tree(ask, sha, options))


def _tree(ask: Ask, sha: str, options: tuple[str, ...] = ()) -> Json:
    url = f"{ask.hub.repo_url}/git"
    inside = [
        entry | {"url": f"{url}/{entry['type']}s/{entry['sha']}"}
        for entry in gitdata.entries(ask.hub.remote, sha, *options)
    ]
    return {"sha": sha, "url": f"{url}/trees/{sha}", "tree": inside, "truncated": False}


@route("POST /repos/{owner}/{repo}/git/trees", "contents=write")
def create_tree(ask: Ask) -> Answer:
    body, repo = body_of(ask), ask.hub.remote
    base = body.get("base_tree")
    if base and gitdata.kind_of(repo, base) not in ("tree", "commit"):
        raise unprocessable("base_tree is not a valid tree oid")
    return Answer(201, _tree(ask, gitdata.write_tree(repo, base, body["tree"])))


@route("GET /repos/{owner}/{repo}/git/blobs/{file_sha}", "contents=read")
def blob(ask: Ask) -> Answer:
    sha = ask.path["file_sha"]
    content = gitdata.blob(ask.hub.remote, sha)
    shown = {"content": base64.encodebytes(content).decode(), "encoding": "base64", "size": len(content)}
    url = f"{ask.hub.repo_url}/git/blobs/{sha}"
    return Answer(200, {"sha": sha, "node_id": f"B_{sha[:12]}", "url": url, **shown})


@route("POST /repos/{owner}/{repo}/git/blobs", "contents=write")
def create_blob(ask: Ask) -> Answer:
    body = body_of(ask)
    try:
        sha = gitdata.write_blob(ask.hub.remote, body["content"], body.get("encoding", "utf-8"))
    except ValueError:
        raise Refused(422, "Invalid base64") from None
    return Answer(201, {"sha": sha, "url": f"{ask.hub.repo_url}/git/blobs/{sha}"})
