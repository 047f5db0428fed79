"""Commits, trees, tags and blobs of the real repository, read and written by git itself."""

import base64
import functools
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from support.github.answers import Json, Refused, not_found, unprocessable
from support.gitrepos import Repo, clean_environment

FULL_ID: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
ZERO: Final = "0" * 40
_PERSON: Final = re.compile(r"(.*?) ?<(.*?)> (\d+) ([+-]\d{4})")
_SHORTEST: Final = 4
# What git says about an object by its full id never changes; that there is none may.
_KNOWN: Final[dict[tuple[str, ...], bytes]] = {}


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as its object says."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Json
    committer: Json
    message: str


def raw(repo: Repo, *arguments: str, data: bytes = b"") -> bytes | None:
    """The bytes that git writes; None where it fails."""
    ended = subprocess.run(
        ["git", "--git-dir", str(repo.path), *arguments],
        input=data,
        capture_output=True,
        check=False,
        timeout=60,
        env=clean_environment(),
    )
    return None if ended.returncode else ended.stdout


def about(repo: Repo, sha: str, *arguments: str) -> bytes | None:
    """As `raw`, about the object with that full id and nothing else; None also where it is no full id."""
    key = str(repo.path), sha, *arguments
    if key not in _KNOWN and FULL_ID.fullmatch(sha) and (said := raw(repo, *arguments)) is not None:
        _KNOWN[key] = said
    return _KNOWN.get(key)


@functools.cache
def is_ref_name(name: str) -> bool:
    """Whether git takes that for the full name of a ref."""
    return not subprocess.run(["git", "check-ref-format", name], check=False, timeout=60).returncode


def kind_of(repo: Repo, sha: str) -> str | None:
    """What that full id is (commit, tree, blob, tag), None where there is no such object."""
    said = about(repo, sha, "cat-file", "-t", sha)
    return None if said is None else said.decode().strip()


def tag_text(repo: Repo, sha: str) -> str | None:
    """A tag object as it is, None where there is none with that full id."""
    content = about(repo, sha, "cat-file", "tag", sha)
    return None if content is None else content.decode("utf-8", "replace")


def commit_of(repo: Repo, sha: str) -> Commit:
    """A commit, or 404."""
    content = about(repo, sha, "cat-file", "commit", sha)
    if content is None:
        raise not_found()
    head, _, message = content.decode("utf-8", "replace").partition("\n\n")
    lines = [line.split(" ", 1) for line in head.splitlines() if not line.startswith(" ")]
    values = {name: rest for name, rest in lines if name != "parent"}
    parents = tuple(rest for name, rest in lines if name == "parent")
    return Commit(
        sha, values["tree"], parents, person(values["author"]), person(values["committer"]), message.removesuffix("\n")
    )


def person(text: str) -> Json:
    """Name, address and time of an author, in GitHub's form."""
    found = _PERSON.fullmatch(text)
    if found is None:
        return {"name": text, "email": "", "date": "1970-01-01T00:00:00Z"}
    name, email, seconds, zone = found.groups()
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    when = datetime.fromtimestamp(int(seconds), timezone(offset)).astimezone(UTC)
    return {"name": name, "email": email, "date": when.strftime("%Y-%m-%dT%H:%M:%SZ")}


def resolve(repo: Repo, refs: Mapping[str, str], name: str) -> str | None:
    """The commit that a branch, a tag, or an id (also shortened) means; None where there is none."""
    names = (name, f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}")
    sha = next((refs[one] for one in names if one in refs), name)
    if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},64}}", sha):
        return None
    return _commit_behind(repo, sha)


def peeled(repo: Repo, sha: str) -> str:
    """The commit behind a tag object, or the id itself."""
    return _commit_behind(repo, sha) or sha


def _commit_behind(repo: Repo, sha: str) -> str | None:
    question = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{sha}^{{commit}}")
    found = about(repo, sha, *question) if FULL_ID.fullmatch(sha) else raw(repo, *question)
    return None if found is None else found.decode().strip()


def is_ancestor(repo: Repo, old: str, new: str) -> bool:
    return raw(repo, "merge-base", "--is-ancestor", old, new) is not None


def has_merges(repo: Repo, old: str, new: str) -> bool:
    return bool(raw(repo, "rev-list", "--merges", "--max-count=1", new, f"^{old}"))


def changed_paths(repo: Repo, old: str | None, new: str) -> list[str]:
    """The files that differ; all of them where there is no old commit."""
    command = ("diff-tree", "-r", "--name-only", "-z", old, new) if old else ("ls-tree", "-r", "--name-only", "-z", new)
    content = raw(repo, *command) or b""
    return [name.decode("utf-8", "replace") for name in content.split(b"\0") if name]


def blob(repo: Repo, sha: str) -> bytes:
    """The content of a file, or 404."""
    content = about(repo, sha, "cat-file", "blob", sha)
    if content is None:
        raise not_found()
    return content


def entries(repo: Repo, tree: str, *options: str, at: str | None = None) -> list[Json]:
    """What is in a tree, or at one path of it: path, mode, type, sha, and the size of files."""
    paths = () if at is None else (at,)
    content = raw(repo, "ls-tree", "-z", "--long", *options, tree, *paths)
    if content is None:
        raise not_found()
    return [_entry(line.decode("utf-8", "replace")) for line in content.split(b"\0") if line]


def _entry(line: str) -> Json:
    head, _, path = line.partition("\t")
    mode, kind, sha, size = head.split()
    entry: Json = {"path": path, "mode": mode, "type": kind, "sha": sha}
    return entry if size == "-" else entry | {"size": int(size)}


# --- writing


def write(repo: Repo, *arguments: str, data: bytes = b"") -> str:
    """The id of a new object; 422 where git will not have it."""
    said = raw(repo, *arguments, data=data)
    if said is None:
        raise unprocessable("Invalid request: git refused the object")
    return said.decode().strip()


def write_blob(repo: Repo, content: str, encoding: str) -> str:
    data = base64.b64decode(content) if encoding == "base64" else content.encode()
    return write(repo, "hash-object", "-t", "blob", "-w", "--stdin", data=data)


def write_tree(repo: Repo, base: str | None, changes: Sequence[Json]) -> str:
    """A tree of these entries over a base; an entry whose `sha` is null takes its path away."""
    all_entries = {one["path"]: one for one in entries(repo, base, "-r")} if base else {}
    for change in changes:
        if change.get("sha", "") is None:
            all_entries.pop(change["path"], None)
        else:
            sha = change.get("sha") or write_blob(repo, change.get("content", ""), "utf-8")
            all_entries[change["path"]] = {"mode": change["mode"], "type": change["type"], "sha": sha}
    return _nested(repo, {tuple(path.split("/")): one for path, one in all_entries.items()})


def _nested(repo: Repo, files: Mapping[tuple[str, ...], Json]) -> str:
    folders: dict[str, dict[tuple[str, ...], Json]] = {}
    lines = []
    for path, one in files.items():
        if len(path) > 1:
            folders.setdefault(path[0], {})[path[1:]] = one
        else:
            lines.append(f"{one['mode']} {one['type']} {one['sha']}\t{path[0]}\0")
    lines += [f"040000 tree {_nested(repo, inner)}\t{name}\0" for name, inner in folders.items()]
    return write(repo, "mktree", "-z", data="".join(lines).encode())


def write_commit(repo: Repo, body: Json, now: float, login: str) -> str:
    """A commit from GitHub's fields; whoever is not named is the caller, now."""
    author = _person_line(body.get("author"), now, login)
    committer = _person_line(body.get("committer") or body.get("author"), now, login)
    parents = "".join(f"parent {sha}\n" for sha in body.get("parents", ()))
    signature = body.get("signature")
    signed = "gpgsig " + signature.strip().replace("\n", "\n ") + "\n" if signature else ""
    text = f"tree {body['tree']}\n{parents}author {author}\ncommitter {committer}\n{signed}\n{body['message']}"
    return write(repo, "hash-object", "-t", "commit", "-w", "--stdin", data=text.encode())


def write_tag(repo: Repo, body: Json, now: float, login: str) -> str:
    """A tag object; nothing points at it yet."""
    tagger = _person_line(body.get("tagger"), now, login)
    text = f"object {body['object']}\ntype {body['type']}\ntag {body['tag']}\ntagger {tagger}\n\n{body['message']}"
    return write(repo, "hash-object", "-t", "tag", "-w", "--stdin", data=text.encode())


def _person_line(given: Json | None, now: float, login: str) -> str:
    given = given or {"name": login, "email": f"{login}@users.noreply.github.com"}
    when = datetime.fromisoformat(given["date"]) if given.get("date") else datetime.fromtimestamp(now, UTC)
    name, email = (str(given.get(key, "")).replace("\n", " ") for key in ("name", "email"))
    return f"{name} <{email}> {int(when.timestamp())} {when.strftime('%z') or '+0000'}"


def update_refs(repo: Repo, updates: Sequence[tuple[str, str, str | None]]) -> None:
    """Set refs (name, new id or zeros to delete, expected old id or None) all at once, or 422 and none."""
    lines = ["start"] + [_instruction(*update) for update in updates] + ["prepare", "commit", ""]
    if raw(repo, "update-ref", "--stdin", data="\n".join(lines).encode()) is None:
        raise Refused(422, "Reference cannot be updated")


def _instruction(name: str, new: str, old: str | None) -> str:
    word = "delete" if set(new) == {"0"} else "update"
    new_id = "" if word == "delete" else f" {new}"
    return f"{word} {name}{new_id}" + ("" if old is None else f" {old}")


def described(commit: Commit, url: str, page: str) -> dict[str, Any]:
    """The JSON of a commit in `git/commits`."""
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha[:12]}",
        "url": f"{url}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": commit.author,
        "committer": commit.committer,
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
        "parents": [_parent(sha, url, page) for sha in commit.parents],
        "verification": UNSIGNED,
    }


def _parent(sha: str, url: str, page: str) -> Json:
    return {"sha": sha, "url": f"{url}/git/commits/{sha}", "html_url": f"{page}/commit/{sha}"}


UNSIGNED: Final = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
