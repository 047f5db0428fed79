"""Releases: drafts that only a list shows, the tag that publishing makes, and the files that go with one."""

import hashlib
import re

from support.github import enforcement, gitdata
from support.github.answers import (
    Answer,
    Json,
    already_exists,
    invalid,
    no_longer_than,
    not_found,
    unprocessable,
)
from support.github.pages import paged
from support.github.routing import Ask, body_of, route
from support.github.shapes import dates, node_id, pick, stamp, user
from support.github.world import find

LONGEST_BODY = 125_000
_KEPT = ("tag_name", "target_commitish", "name", "body", "prerelease")
_LIST = "/repos/{owner}/{repo}/releases"
_ONE = "/repos/{owner}/{repo}/releases/{release_id}"


@route(f"GET {_LIST}", "contents=read")
def listed(ask: Ask) -> Answer:
    """Newest first; drafts are for those who may write."""
    may_see = ask.who.may("contents=write")
    found = [one for one in reversed(ask.world.releases) if may_see or not one["draft"]]
    return paged(ask, f"/repos/{ask.hub.full_name}/releases", found)


@route(f"GET {_ONE}", "contents=read")
def one(ask: Ask) -> Answer:
    return Answer(200, _find(ask))


def _find(ask: Ask) -> Json:
    release = find(ask.world.releases, id=ask.path["release_id"])
    if release is None or (release["draft"] and not ask.who.may("contents=write")):
        raise not_found()
    return release


@route(f"GET {_LIST}/tags/{{tag}}", "contents=read")
def by_tag(ask: Ask) -> Answer:
    """Published ones only: a draft is not found by its tag."""
    release = find(ask.world.releases, tag_name=ask.path["tag"], draft=False)
    if release is None:
        raise not_found()
    return Answer(200, release)


@route(f"GET {_LIST}/latest", "contents=read")
def latest(ask: Ask) -> Answer:
    candidates = [one for one in ask.world.releases if not one["draft"] and not one["prerelease"]]
    marked = [one for one in candidates if one["id"] == ask.world.settings.get("latest")]
    if not candidates:
        raise not_found()
    return Answer(200, (marked or candidates)[-1])


@route(f"POST {_LIST}", "contents=write")
def create(ask: Ask) -> Answer:
    body = body_of(ask)
    release = _new(ask, body)
    _check(ask, release)
    if not release["draft"]:
        _publish(ask, release, body)
    ask.world.releases.append(release)
    return Answer(201, release, {"Location": release["url"]})


def _new(ask: Ask, body: Json) -> Json:
    hub, number = ask.hub, ask.hub.next_id()
    url = f"{hub.repo_url}/releases/{number}"
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{hub.uploads_url}/repos/{hub.full_name}/releases/{number}/assets{{?name,label}}",
        "html_url": f"{hub.page_url}/releases/tag/untagged-{number:020x}",
        "id": number,
        "node_id": node_id("RE", number),
        "author": user(hub, ask.who.login),
        "tag_name": body["tag_name"],
        "target_commitish": body.get("target_commitish") or hub.default_branch,
        "name": body.get("name"),
        "body": body.get("body"),
        "draft": body.get("draft", False),
        "prerelease": body.get("prerelease", False),
        "immutable": False,
        "published_at": None,
        **dates(hub.now()),
        "assets": [],
        "tarball_url": None,
        "zipball_url": None,
    }


def _check(ask: Ask, release: Json) -> None:
    tag = release["tag_name"]
    no_longer_than(LONGEST_BODY, "Release", "body", release["body"])
    if not tag or not gitdata.is_ref_name(f"refs/tags/{tag}"):
        raise invalid("Release", "tag_name", message="tag_name is not a valid tag")
    if tag in ask.world.burnt_tags:
        raise invalid("Release", "tag_name", message="tag_name was used by an immutable release")
    # Any number of drafts may have one tag; only publishing makes it somebody's.
    others = (one for one in ask.world.releases if one["id"] != release["id"] and not one["draft"])
    if not release["draft"] and any(one["tag_name"] == tag for one in others):
        raise already_exists("Release", "tag_name")


def _publish(ask: Ask, release: Json, body: Json) -> None:
    """Make the tag where there is none, at the target or at the default branch's tip, and note the time."""
    hub, tag = ask.hub, release["tag_name"]
    refs = hub.remote.refs()
    if f"refs/tags/{tag}" not in refs:
        _make_tag(ask, refs, tag, release["target_commitish"])
    release |= {
        "draft": False,
        "published_at": release["published_at"] or stamp(hub.now()),
        "html_url": f"{hub.page_url}/releases/tag/{tag}",
        "tarball_url": f"{hub.repo_url}/tarball/{tag}",
        "zipball_url": f"{hub.repo_url}/zipball/{tag}",
        "immutable": release["immutable"] or hub.immutable_releases,
    }
    _mark_latest(ask, release, body)


def _make_tag(ask: Ask, refs: dict[str, str], tag: str, target: str) -> None:
    sha = refs.get(f"refs/heads/{target}")
    if sha is None and gitdata.FULL_ID.fullmatch(target) and gitdata.kind_of(ask.hub.remote, target) == "commit":
        sha = target
    if sha is None:
        raise invalid("Release", "target_commitish")
    enforcement.check_update(ask.hub, ask.who, f"refs/tags/{tag}", None, sha)
    gitdata.update_refs(ask.hub.remote, [(f"refs/tags/{tag}", sha, gitdata.ZERO)])


def _mark_latest(ask: Ask, release: Json, body: Json) -> None:
    if body.get("make_latest", "true") != "false" and not release["prerelease"]:
        ask.world.settings["latest"] = release["id"]


@route(f"PATCH {_ONE}", "contents=write")
def update(ask: Ask) -> Answer:
    body, release = body_of(ask), _find(ask)
    changed = release | pick(body, *_KEPT, "draft")
    if release["immutable"] and changed["tag_name"] != release["tag_name"]:
        raise unprocessable("Cannot change the tag of an immutable release")
    _check(ask, changed)
    if not changed["draft"]:
        _publish(ask, changed, body)
    release |= changed | {"updated_at": stamp(ask.hub.now())}
    return Answer(200, release)


@route(f"DELETE {_ONE}", "contents=write")
def delete(ask: Ask) -> Answer:
    release = _find(ask)
    if release["immutable"]:
        ask.world.burnt_tags.add(release["tag_name"])
    ask.world.releases.remove(release)
    return Answer(204)


@route(f"POST {_LIST}/generate-notes", "contents=write")
def generate_notes(ask: Ask) -> Answer:
    tag = body_of(ask)["tag_name"]
    page = f"{ask.hub.page_url}/commits/{tag}"
    return Answer(200, {"name": tag, "body": f"**Full Changelog**: {page}"})


# --- assets


@route(f"GET {_ONE}/assets", "contents=read")
def assets(ask: Ask) -> Answer:
    release = _find(ask)
    return paged(ask, f"/repos/{ask.hub.full_name}/releases/{release['id']}/assets", release["assets"])


@route(f"POST {_ONE}/assets", "contents=write")
def upload(ask: Ask) -> Answer:
    """The body is the file; its name must be new on this release, also where an earlier upload stayed half."""
    release, name = _find(ask), re.sub(r"[^\w.+-]", ".", ask.query["name"])
    if release["immutable"]:
        raise unprocessable("Cannot upload assets to an immutable release.")
    if any(one["name"] == name for one in release["assets"]):
        raise already_exists("ReleaseAsset", "name")
    if not ask.body:
        raise invalid("ReleaseAsset", "size", message="size is too small (minimum is 1 byte)")
    asset = new_asset(ask, release, name)
    release["assets"].append(asset)
    ask.world.assets[asset["id"]] = ask.body
    return Answer(201, asset)


def new_asset(ask: Ask, release: Json, name: str) -> Json:
    hub, number = ask.hub, ask.hub.next_id()
    return {
        "url": f"{hub.repo_url}/releases/assets/{number}",
        "browser_download_url": f"{hub.page_url}/releases/download/{release['tag_name']}/{name}",
        "id": number,
        "node_id": node_id("RA", number),
        "name": name,
        "label": ask.query.get("label", ""),
        "state": "uploaded",
        "content_type": ask.media_type,
        "size": len(ask.body),
        "digest": f"sha256:{hashlib.sha256(ask.body).hexdigest()}",
        "download_count": 0,
        **dates(hub.now()),
        "uploader": user(hub, ask.who.login),
    }


def leave_half(ask: Ask) -> None:
    """What an upload that broke off in GitHub leaves behind: an asset that has its name and no content."""
    release = _find(ask)
    name = re.sub(r"[^\w.+-]", ".", ask.query["name"])
    if not any(one["name"] == name for one in release["assets"]):
        release["assets"].append(new_asset(ask, release, name) | {"state": "starter", "size": 0, "digest": None})


def _find_asset(ask: Ask) -> tuple[Json, Json]:
    for release in ask.world.releases:
        asset = find(release["assets"], id=ask.path["asset_id"])
        if asset is not None:
            return release, asset
    raise not_found()


@route(f"GET {_LIST}/assets/{{asset_id}}", "contents=read")
def asset_of(ask: Ask) -> Answer:
    _, asset = _find_asset(ask)
    return Answer(200, asset)


@route(f"PATCH {_LIST}/assets/{{asset_id}}", "contents=write")
def update_asset(ask: Ask) -> Answer:
    release, asset = _find_asset(ask)
    body = body_of(ask)
    if release["immutable"]:
        raise unprocessable("Cannot update assets of an immutable release.")
    if any(one["name"] == body.get("name") and one is not asset for one in release["assets"]):
        raise already_exists("ReleaseAsset", "name")
    asset |= pick(body, "name", "label", "state") | {"updated_at": stamp(ask.hub.now())}
    return Answer(200, asset)


@route(f"DELETE {_LIST}/assets/{{asset_id}}", "contents=write")
def delete_asset(ask: Ask) -> Answer:
    release, asset = _find_asset(ask)
    if release["immutable"]:
        raise unprocessable("Cannot delete assets of an immutable release.")
    release["assets"].remove(asset)
    ask.world.assets.pop(asset["id"], None)
    return Answer(204)
