"""A hundred remotes that are all unlike: what a flow that is cut off or raced finds before it begins."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from support.gitrepos import Repo, make_remote


def remote_of(seed: int, path: Path) -> Repo:
    """The remote of that seed: how far staging is ahead, of which hash and how packed it is, and what else is in it."""
    remote = make_remote(path, ahead=3 + seed % 5, object_format="sha256" if seed % 4 > 1 else "sha1")
    if seed % 2:
        remote.git("repack", "-q", "-a", "-d")
        remote.git("pack-refs", "--all")
    _PECULIAR[seed // 20 % len(_PECULIAR)](remote)
    return remote


def _plain(_remote: Repo) -> None:
    pass


def _merged(remote: Repo) -> None:
    """Staging is no line: a topic began on main and was merged."""
    remote.branch("topic/payments", remote.refs()["refs/heads/main"])
    topic = remote.commit("topic/payments", "feat: pay", files={"pay.txt": "paid\n"})
    remote.commit("staging", "Merge the topic", merge=[topic])


def _crowded(remote: Repo) -> None:
    """Other branches and tags, some of them called like ours."""
    main, staging = (remote.refs()[f"refs/heads/{name}"] for name in ("main", "staging"))
    for name in ("release/next", "main-old", "notes/promotions", "refs/heads/main2"):
        remote.branch(name, staging)
    for name in ("staging", "main", "release-20240101-000000", "v1.0"):
        remote.tag(name, main)


def _keeping_packs(remote: Repo) -> None:
    """Every push stays the pack that it came as."""
    remote.config("receive.unpackLimit", "1")


def _indexed(remote: Repo) -> None:
    """What a host makes in order to be quick: a bitmap, an index over all packs and a graph of the commits."""
    remote.git("repack", "-q", "-a", "-d", "--write-bitmap-index")
    remote.git("multi-pack-index", "write")
    remote.git("commit-graph", "write", "--reachable")


_PECULIAR: Final[tuple[Callable[[Repo], None], ...]] = (_plain, _merged, _crowded, _keeping_packs, _indexed)
