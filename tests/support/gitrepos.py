"""Real bare repositories for tests: branches, commits, tags and hooks, made in few processes and always alike."""

import functools
import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from support.plainrefs import NotPlainError, plain_refs

EPOCH = 1_700_000_000  # 2023-11-14T22:13:20Z: the first commit of every repository
AUTHOR = "Ada Lovelace <ada@example.com>"


def clean_environment(**more: str) -> dict[str, str]:
    """The environment for git in tests: nothing of the machine's own settings but the PATH."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Ada Lovelace",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_AUTHOR_DATE": f"{EPOCH} +0000",
        "GIT_COMMITTER_NAME": "Ada Lovelace",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
        "GIT_COMMITTER_DATE": f"{EPOCH} +0000",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    } | more


@dataclass
class Repo:
    """A bare repository on disk; every method is one or two git processes."""

    path: Path
    seconds: Iterator[int] = field(default_factory=lambda: itertools.count(EPOCH, 60))

    @property
    def url(self) -> str:
        return str(self.path)

    def git(self, *arguments: str, data: bytes = b"", check: bool = True) -> str:
        """Run git inside this repository and return its stdout without the last newline."""
        ended = subprocess.run(
            ["git", "--git-dir", str(self.path), *arguments],
            input=data,
            capture_output=True,
            check=False,
            timeout=60,
            env=clean_environment(),
        )
        if check and ended.returncode:
            raise AssertionError(f"git {' '.join(arguments)}: {ended.stderr.decode(errors='replace')}")
        return ended.stdout.decode("utf-8", "replace").removesuffix("\n")

    def sha(self, ref: str) -> str | None:
        """What a full ref name points at, None when it is absent."""
        return self.refs().get(ref)

    def refs(self) -> dict[str, str]:
        """Every ref with its object id."""
        try:
            return plain_refs(self.path)
        except NotPlainError:
            lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
            return dict(line.split(" ", 1) for line in lines)

    def set(self, ref: str, sha: str) -> None:
        """Point a full ref name at an object, whatever it was before."""
        self.git("update-ref", ref, sha)

    def delete(self, ref: str) -> None:
        self.git("update-ref", "-d", ref)

    def commit(
        self,
        branch: str,
        message: str = "change",
        *,
        author: str = AUTHOR,
        files: Mapping[str, str] | None = None,
        merge: Sequence[str] = (),
    ) -> str:
        """Add one commit to a branch (made when absent) and return its id."""
        return self.commits(branch, [message], author=author, files=files, merge=merge)[0]

    def commits(
        self,
        branch: str,
        messages: Sequence[str],
        *,
        author: str = AUTHOR,
        files: Mapping[str, str] | None = None,
        merge: Sequence[str] = (),
    ) -> list[str]:
        """Add many commits to a branch in one process and return their ids, oldest first."""
        ref = f"refs/heads/{branch}"
        parent = self.sha(ref)
        stream = bytearray()
        for number, message in enumerate(messages, 1):
            stream += self._commit(ref, number, message, author)
            if number == 1:
                stream += b"".join(f"{word} {sha}\n".encode() for word, sha in _parents(parent, merge))
            for path, content in (files or {"count.txt": f"{branch} {message} {number}\n"}).items():
                stream += f"M 100644 inline {path}\n".encode("utf-8", "surrogateescape") + _data(content)
            stream += b"\n"
        stream += b"".join(f"get-mark :{number}\n".encode() for number in range(1, len(messages) + 1))
        return self.git("fast-import", "--quiet", "--date-format=raw", data=bytes(stream)).splitlines()

    def _commit(self, ref: str, number: int, message: str, author: str) -> bytes:
        when = next(self.seconds)
        head = f"commit {ref}\nmark :{number}\nauthor {author} {when} +0000\ncommitter {author} {when} +0000\n"
        return head.encode() + _data(message)

    def raw_commit(self, branch: str, content: bytes) -> str:
        """Store a commit object byte for byte, however broken, and point the branch at it."""
        sha = self.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=content)
        (self.path / "refs/heads" / branch).write_text(sha + "\n")
        return sha

    def commit_at(self, branch: str, message: str, at: int, *parents: str, authored: int | None = None) -> str:
        """Add a commit with the content of its first parent, made when somebody's clock showed that."""
        tree = self.git("rev-parse", f"{parents[0]}^{{tree}}")
        author = f"author {AUTHOR} {at if authored is None else authored} +0000"
        head = [f"tree {tree}", *(f"parent {one}" for one in parents), author, f"committer {AUTHOR} {at} +0000"]
        return self.raw_commit(branch, "\n".join([*head, "", message, ""]).encode())

    def branch(self, name: str, sha: str) -> None:
        self.set(f"refs/heads/{name}", sha)

    def tag(self, name: str, sha: str, message: str = "tagged") -> str:
        """Make an annotated tag and return the tag object's id."""
        self.git("tag", "--annotate", "--force", f"--message={message}", name, sha)
        return self.refs()[f"refs/tags/{name}"]

    def hook(self, name: str, script: str) -> None:
        """Install a server-side hook written in sh."""
        path = self.path / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)

    def config(self, key: str, value: str) -> None:
        self.git("config", key, value)


def _parents(parent: str | None, merge: Sequence[str]) -> Iterator[tuple[str, str]]:
    if parent:
        yield "from", parent
    for sha in merge:
        yield "merge", sha


def _data(text: str) -> bytes:
    content = text.encode("utf-8", "surrogateescape")
    return f"data {len(content)}\n".encode() + content + b"\n"


def empty_repo(path: Path, object_format: str = "sha1") -> Repo:
    """A bare repository without a single ref."""
    subprocess.run(
        [
            "git",
            "init",
            "--quiet",
            "--bare",
            "--template=",
            "-b",
            "main",
            f"--object-format={object_format}",
            str(path),
        ],
        check=True,
        timeout=60,
        env=clean_environment(),
    )
    return Repo(path)


def make_remote(path: Path, *, ahead: int = 3, object_format: str = "sha1") -> Repo:
    """A bare remote with `main` (two commits) and `staging` that is `ahead` commits further."""
    files = _remote_files(ahead, object_format)
    for name, content in files.items():
        file = path / name
        if content is None:
            file.mkdir(parents=True, exist_ok=True)
        else:
            file.write_bytes(content)
            # As git does: what is an object is never written again.
            file.chmod(0o444 if name.startswith("objects/") else 0o644)
    repo = Repo(path)
    for _ in range(2 + ahead):
        next(repo.seconds)
    return repo


@functools.cache
def _remote_files(ahead: int, object_format: str) -> Mapping[str, bytes | None]:
    """Every folder (None) and file of such a remote, which git makes once: the same steps make the same bytes."""
    with tempfile.TemporaryDirectory(prefix="made-") as folder:
        repo = empty_repo(Path(folder, "remote.git"), object_format)
        # After each push git would look whether there is so much that it should tidy up: there never is.
        repo.config("receive.autogc", "false")
        tip = repo.commits("main", ["feat: begin", "fix: mend"])[-1]
        repo.branch("staging", tip)
        if ahead:
            repo.commits("staging", [f"feat: step {number}" for number in range(1, ahead + 1)])
        found = [repo.path, *sorted(repo.path.rglob("*"))]
        return {str(each.relative_to(repo.path)): each.read_bytes() if each.is_file() else None for each in found}
