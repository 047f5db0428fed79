"""Web addresses of commits, comparisons and pull requests, made from a remote's address and never with its secrets."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Forge(Enum):
    """The kinds of host whose page addresses are known: the paths of a commit, a pull request and a comparison."""

    GITHUB = ("github", "/commit/", "/pull/", "/compare/{base}...{tip}")
    GITLAB = ("gitlab", "/-/commit/", "/-/merge_requests/", "/-/compare/{base}...{tip}")
    GITEA = ("gitea", "/commit/", "/pulls/", "/compare/{base}...{tip}")
    BITBUCKET = ("bitbucket", "/commits/", "/pull-requests/", "/branches/compare/{tip}%0D{base}")

    def __init__(self, kind: str, commit: str, pull_request: str, compare: str) -> None:
        self.kind = kind
        self.commit = commit
        self.pull_request = pull_request
        self.compare = compare


@dataclass(frozen=True, slots=True)
class WebRepository:
    """A repository's own page (`https://host/owner/name`) and the kind of host it is on."""

    forge: Forge
    url: str

    def commit(self, sha: str) -> str:
        """The page of one commit; `sha` is a full id."""
        return self.url + self.forge.commit + sha

    def pull_request(self, number: int) -> str:
        """The page of one pull request or merge request."""
        return f"{self.url}{self.forge.pull_request}{number}"

    def release(self, tag: str) -> str | None:
        """The page of a tag's release; None where the host has no releases, or the tag is no plain name."""
        path = _RELEASES.get(self.forge)
        return None if path is None or _TAG(tag) is None else self.url + path + tag

    def compare(self, base: str, tip: str) -> str | None:
        """The page that compares two commits; None unless both are full ids."""
        if not (_SHA(base) and _SHA(tip)):
            return None
        return self.url + self.forge.compare.format(base=base, tip=tip)


@dataclass(frozen=True, slots=True)
class Address:
    """What a remote's address holds: the origin of its pages (with a port only where that is http), and a path.

    `path` is without slashes around it and without `.git`.
    """

    host: str
    origin: str
    path: str


def address(remote: str) -> Address | None:
    """The parts of an https, ssh, git or scp-like address; None for paths and for anything out of the ordinary."""
    found = _URL(remote) or _SCP(remote)
    if found is None or len(remote) > _LONGEST:
        return None
    parts = found.groupdict()
    host = _ALIASES.get(parts["host"].lower(), parts["host"].lower())
    return Address(host, _origin(parts, host), parts["path"].strip("/").removesuffix(".git"))


def web_repository(remote: str) -> WebRepository | None:
    """The page of the repository behind an https, ssh, git or scp-like address, or behind a page's own address.

    None for paths, for hosts whose kind is not certain from their name, and for anything out of the ordinary
    (query, fragment, odd characters): no link is better than a wrong one. User names and passwords are dropped.
    """
    found = address(remote)
    forge = None if found is None else _forge(found.host)
    if found is None or forge is None or not _is_repository(found.path, forge):
        return None
    return WebRepository(forge, f"{found.origin}/{found.path}")


def web_url(remote: str) -> str | None:
    """The address of the repository's own page, or None; see `web_repository`."""
    found = web_repository(remote)
    return None if found is None else found.url


_LONGEST: Final = 300
_RELEASES: Final = {
    Forge.GITHUB: "/releases/tag/",
    Forge.GITLAB: "/-/releases/",
    Forge.GITEA: "/releases/tag/",
}
_TAG: Final = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,200}").fullmatch
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?").fullmatch
_HOST: Final = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)"
_URL: Final = re.compile(
    rf"(?P<scheme>https?|ssh|git|git\+ssh)://(?:[^/@]*@)?{_HOST}(?::(?P<port>\d{{1,5}}))?(?P<path>/[\w.~/-]+)", re.ASCII
).fullmatch
_SCP: Final = re.compile(rf"(?:[\w.-]+@)?{_HOST}:(?P<path>[\w.~/-]+)", re.ASCII).fullmatch

_KNOWN: Final = {
    "github.com": Forge.GITHUB,
    "gitlab.com": Forge.GITLAB,
    "gitea.com": Forge.GITEA,
    "codeberg.org": Forge.GITEA,
    "bitbucket.org": Forge.BITBUCKET,
}
# The hosts that answer ssh on the https port for those behind a firewall.
_ALIASES: Final = {
    "www.github.com": "github.com",
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}
# Self-hosted, named after its software. Bitbucket Server is left out: its pages are laid out differently.
_SELF_HOSTED: Final = {
    "github": Forge.GITHUB,
    "gitlab": Forge.GITLAB,
    "gitea": Forge.GITEA,
    "forgejo": Forge.GITEA,
}

# GitHub Enterprise Cloud with data residency: one host below this for each enterprise.
_DATA_RESIDENCY: Final = "ghe.com"


def _forge(host: str) -> Forge | None:
    first, dot, rest = host.partition(".")
    if first and rest == _DATA_RESIDENCY:
        return Forge.GITHUB
    return _KNOWN.get(host) or (_SELF_HOSTED.get(first) if dot and rest else None)


def _is_repository(path: str, forge: Forge) -> bool:
    parts = path.split("/")
    if any(part in ("", ".", "..", "-") for part in parts):
        return False
    return len(parts) >= _OWNER_AND_NAME if forge is Forge.GITLAB else len(parts) == _OWNER_AND_NAME


_OWNER_AND_NAME: Final = 2


def _origin(parts: dict[str, str | None], host: str) -> str:
    """Scheme and authority of the pages: those of an http address, else https on its usual port."""
    scheme, port = parts.get("scheme"), parts.get("port")
    if host in _KNOWN or scheme not in ("http", "https"):
        return f"https://{host}"
    return f"{scheme}://{host}" + (f":{port}" if port else "")
