"""Files and folders of a commit."""

import base64

from support.github import gitdata
from support.github.answers import Answer, Json, Refused, not_found
from support.github.routing import Ask, route


@route("GET /repos/{owner}/{repo}/contents/{path}", "contents=read")
def content(ask: Ask) -> Answer:
    """A file as one object, a folder as a list of them."""
    name = ask.query.get("ref") or ask.hub.default_branch
    sha = gitdata.resolve(ask.hub.remote, ask.refs(), name)
    if sha is None:
        raise Refused(404, f"No commit found for the ref {name}")
    path = ask.path["path"].strip("/")
    found = gitdata.entries(ask.hub.remote, sha, at=path)
    if not found:
        raise not_found()
    if found[0]["type"] == "tree":
        inside = gitdata.entries(ask.hub.remote, sha, at=f"{path}/")
        return Answer(200, [_entry(ask, name, one) for one in inside])
    data = gitdata.blob(ask.hub.remote, found[0]["sha"])
    return Answer(200, _entry(ask, name, found[0]) | {"encoding": "base64", "content": _encoded(data)})


def _encoded(data: bytes) -> str:
    return base64.encodebytes(data).decode()


def _entry(ask: Ask, ref: str, entry: Json) -> Json:
    path, kind = entry["path"], "dir" if entry["type"] == "tree" else "file"
    addresses = {
        "url": f"{ask.hub.repo_url}/contents/{path}?ref={ref}",
        "html_url": f"{ask.hub.page_url}/blob/{ref}/{path}",
        "git_url": f"{ask.hub.repo_url}/git/{entry['type']}s/{entry['sha']}",
        "download_url": f"{ask.hub.page_url}/raw/{ref}/{path}" if kind == "file" else None,
    }
    links = {"self": addresses["url"], "git": addresses["git_url"], "html": addresses["html_url"]}
    words = {"type": kind, "name": path.rpartition("/")[2], "path": path, "sha": entry["sha"]}
    return {**words, "size": entry.get("size", 0), **addresses, "_links": links}
