"""Every argument list that git ever gets, on one page: nothing else under `bot` builds one (invariant I6).

Outside values come in only as full object ids, full ref names and the parsed remote, each checked here, and
after `--end-of-options` wherever that git command knows it.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.adapters.git_refs import is_full_id, is_full_ref
from bot.core.promotion import RefUpdate

Command = tuple[str, ...]

# One record a commit, ended by NUL; fields by newline, which none of them but the last can hold.
_LOG_FORMAT: Final = "%H%n%P%n%an%n%ae%n%at%n%ct%n%s%n%b"

VERSION: Final[Command] = ("git", "version")
ALL_REFS: Final[Command] = ("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/remote", "refs/replace")
TAG_REFS: Final[Command] = (
    *("git", "for-each-ref", "--sort=refname"),
    *("--format=%(objectname) %(objecttype) %(refname)", "refs/remote/tags/"),
)
PACK_REFS: Final[Command] = ("git", "pack-refs", "--all")
READ_OBJECTS: Final[Command] = ("git", "cat-file", "--batch")
OBJECT_FACTS: Final[Command] = ("git", "cat-file", "--batch-check")
WRITE_BLOB: Final[Command] = ("git", "hash-object", "-t", "blob", "-w", "--stdin")
WRITE_COMMIT: Final[Command] = ("git", "hash-object", "-t", "commit", "-w", "--stdin")
WRITE_TAG: Final[Command] = ("git", "mktag")
FILL_INDEX: Final[Command] = ("git", "update-index", "-z", "--index-info")
WRITE_TREE: Final[Command] = ("git", "write-tree")


def repack(seconds: int, *, promised: bool) -> Command:
    """Put small packs and loose objects together, keeping every object; ended after so many seconds by `timeout`.

    In a partial clone (`promised`) all packs become two, one with what the remote promised and one with all else:
    joining a few would make common packs of those, and then what they lack is missing for good.
    """
    how = ("-a", "-d", "--keep-unreachable") if promised else ("-d", "--geometric=2")
    limit = ("timeout", "--signal=KILL", str(seconds))
    return (*limit, "git", "repack", "--quiet", "-n", "--no-write-bitmap-index", *how)


def init(object_format: str) -> Command:
    """Make the bare cache at GIT_DIR."""
    if object_format not in {"sha1", "sha256"}:
        raise ValueError(f"{object_format!r} is no object format")
    return (
        *("git", "init", "--quiet", "--bare", "--template=", "--initial-branch=unused"),
        f"--object-format={object_format}",
    )


def ls_remote(url: str, refs: Sequence[str]) -> Command:
    """Ask the remote for those refs; a tag's commit is asked for as its name with `^{}`."""
    for ref in refs:
        _ref(ref.removesuffix("^{}"))
    return ("git", "ls-remote", "--quiet", "--end-of-options", url, *refs)


def ls_branches(url: str) -> Command:
    """Ask the remote for all its branches."""
    return ("git", "ls-remote", "--quiet", "--heads", "--end-of-options", url)


def fetch(url: str, refspecs: Sequence[tuple[str, str]]) -> Command:
    """Bring (theirs, ours) refs over, all or nothing, and forget ours that they no longer have.

    `url` may be the remote's name in `git_environment` too: then what a partial clone leaves out is left out.
    """
    specs = [f"+{_pattern(theirs)}:{_pattern(ours)}" for theirs, ours in refspecs]
    return (
        *("git", "fetch", "--quiet", "--atomic", "--prune", "--no-tags", "--no-write-fetch-head", "--no-auto-gc"),
        *("--no-recurse-submodules", "--no-show-forced-updates", "--end-of-options", url, *specs),
    )


def one_ref(name: str) -> Command:
    """What a ref of the cache names, in the form of ALL_REFS; no line where there is none."""
    return ("git", "for-each-ref", "--format=%(objectname) %(refname)", _ref(name))


def commit_id(name: str) -> Command:
    """Resolve a full ref, a full id or an abbreviated id to the full id of a commit."""
    if not re.fullmatch(r"[0-9a-f]{4,64}", name):
        _ref(name)
    return ("git", "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")


def is_ancestor(older: str, newer: str) -> Command:
    """Exit 0 when the first commit is reachable from the second, 1 when it is not."""
    return ("git", "merge-base", "--is-ancestor", _id(older), _id(newer))


def log(base: str, tip: str, limit: int | None = None) -> Command:
    """The commits of `base..tip`, newest first; an empty base means all of history.

    A commit never comes before one that was made on top of it, whatever the clocks said; where only the first few are
    wanted it may, because knowing better takes a walk through all of history.
    """
    count = ("--date-order",) if limit is None else (f"--max-count={limit:d}",)
    commits = f"{_id(base)}..{_id(tip)}" if base else _id(tip)
    return (
        *("git", "log", "-z", "--no-color", "--no-decorate", "--no-notes", "--no-mailmap", "--no-show-signature"),
        *("--no-abbrev", "--encoding=UTF-8", f"--format=tformat:{_LOG_FORMAT}", *count),
        *("--end-of-options", commits, "--"),
    )


def merge_tree(ours: str, theirs: str, attributes: Path | None = None) -> Command:
    """Merge two commits without a work tree: exit 0 and the tree; exit 1, the tree and the paths in conflict.

    `attributes` is a folder of our own that git takes for the work tree when it looks for `.gitattributes`.
    """
    # It looks below where it is, so it must be there.
    place = ("-C", str(attributes), "--work-tree=.") if attributes else ()
    return (
        *("git", *place, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"),
        *("--end-of-options", _id(ours), _id(theirs)),
    )


def tree_id(commit: str) -> Command:
    """The id of a commit's tree."""
    return ("git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{_id(commit)}^{{tree}}")


def log_of_paths(base: str, tip: str, paths: Sequence[str], limit: int) -> Command:
    """The commits of `base..tip` that touched any of those paths, newest first; merges only where they decided."""
    return (*log(base, tip, limit), *(f":(top,literal){path}" for path in paths))


def original(commit: str) -> Command:
    """One commit to be picked: id, parents, author, the author's time as git writes it, and the whole message."""
    return (
        *("git", "log", "-z", "--no-walk", "--max-count=1", "--no-color", "--no-notes", "--no-mailmap"),
        *("--no-show-signature", "--encoding=UTF-8", "--date=raw", "--format=tformat:%H%n%P%n%an%n%ae%n%ad%n%B"),
        *("--end-of-options", _id(commit), "--"),
    )


def twins(tip: str, commit: str, parent: str) -> Command:
    """Say `=` before a commit where what the tip has beyond its parent holds the same patch, `+` where it does not."""
    return (
        *("git", "rev-list", "--cherry-mark", "--right-only", "--no-merges"),
        *("--end-of-options", f"{_id(tip)}...{_id(commit)}", f"^{_id(parent)}", "--"),
    )


def author_emails(base: str, tip: str) -> Command:
    """The author's e-mail address of every commit in `base..tip`, each ended by NUL; empty base: all of history."""
    commits = f"{_id(base)}..{_id(tip)}" if base else _id(tip)
    return (
        *("git", "log", "-z", "--no-color", "--no-notes", "--no-mailmap", "--no-show-signature", "--encoding=UTF-8"),
        *("--format=tformat:%ae", "--end-of-options", commits, "--"),
    )


def ledger_log(tip: str) -> Command:
    """Every commit of the ledger, parents first, with what it changed against each of its parents."""
    return (
        *("git", "log", "--topo-order", "--reverse", "-m", "--raw", "-r", "--no-abbrev", "--no-renames", "--no-color"),
        *("--no-decorate", "--no-notes", "--no-mailmap", "--no-show-signature", "--encoding=UTF-8"),
        *("--format=tformat:commit %H|%P|%an", "--end-of-options", _id(tip), "--"),
    )


def count_sides(older: str, newer: str) -> Command:
    """How many commits only the first has, and how many only the second."""
    return (
        *("git", "rev-list", "--left-right", "--count", "--end-of-options"),
        *(f"{_id(older)}...{_id(newer)}", "--"),
    )


def verify_tags(tags: Sequence[str], allowed_signers: str) -> Command:
    """Print the ids of those tag objects whose signature is good: by these SSH keys, or (empty) by the GPG keyring."""
    # The other kind of signature gets a program that is never content, so that only one kind counts.
    signers = f"gpg.ssh.allowedSignersFile={allowed_signers}" if allowed_signers else "gpg.ssh.program=false"
    others = ("-c", "gpg.openpgp.program=false") if allowed_signers else ()
    return (
        *("git", "-c", signers, *others, "-c", "gpg.x509.program=false"),
        *("verify-tag", "--format=%(objectname)", "--end-of-options", *(_id(tag) for tag in tags)),
    )


def list_tree(tree: str) -> Command:
    """All blobs of a tree or of a commit's tree, with their whole paths."""
    return ("git", "ls-tree", "-r", "-z", "--full-tree", _id(tree))


def new_objects(roots: Sequence[str], known: Sequence[str]) -> Command:
    """The ids of all objects that the first commits lead to, but those of the others and whatever came by a fetch."""
    without = [f"^{_id(sha)}{part}" for sha in known for part in ("", "^{tree}")]
    return (
        *("git", "rev-list", "--objects", "--no-object-names", "--not", "--glob=refs/remote/*", "--not"),
        "--end-of-options",
        *(*(_id(sha) for sha in roots), *without, "--"),
    )


def push(url: str, refs: Sequence[RefUpdate]) -> Command:
    """Send all updates or none, each on the condition that the remote still holds the expected old value (I2, I4)."""
    leases = [f"--force-with-lease={_ref(line.ref)}:{_id(line.expected) if line.expected else ''}" for line in refs]
    specs = [f"{_id(line.new)}:{_ref(line.ref)}" for line in refs]
    return (
        *("git", "push", "--porcelain", "--atomic", "--no-verify", "--no-follow-tags", "--no-signed", *leases),
        *("--no-recurse-submodules", "--end-of-options", url, *specs),
    )


def init_work_tree(branch: str, object_format: str) -> Command:
    """Make a repository with a work tree at GIT_DIR, without hooks, on a branch that has no commit yet."""
    if object_format not in {"sha1", "sha256"}:
        raise ValueError(f"{object_format!r} is no object format")
    name = _ref(f"refs/heads/{branch}").removeprefix("refs/heads/")
    return ("git", "init", "--quiet", "--template=", f"--initial-branch={name}", f"--object-format={object_format}")


def rehearse(url: str, refs: Sequence[RefUpdate]) -> Command:
    """The same push up to the point where anything would be sent: the remote is asked for all else."""
    command = push(url, refs)
    return (*command[:2], "--dry-run", *command[2:])


def set_option(key: str, value: str) -> Command:
    """Set one option of the repository at GIT_DIR."""
    return ("git", "config", "--local", "--end-of-options", key, value)


def check_out(commit: str) -> Command:
    """Let the branch that is checked out, its index and its work tree be at that commit."""
    return ("git", "reset", "--hard", "--quiet", "--no-recurse-submodules", _id(commit))


def begin_merge(commit: str, subject: str) -> Command:
    """Merge a commit into the work tree and leave it to a person: exit 1 where there are conflicts."""
    return (
        *("git", "merge", "--quiet", "--no-commit", "--no-ff", "--no-verify", "--no-stat", "--no-gpg-sign"),
        *("--no-rerere-autoupdate", f"--message={subject}", "--end-of-options", _id(commit)),
    )


HEAD_COMMIT: Final[Command] = ("git", "rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}")
UNMERGED: Final[Command] = ("git", "ls-files", "--unmerged", "--full-name", "-z")


def marked(commit: str, paths: Sequence[str]) -> Command:
    """Which of those files have lines with conflict markers in that commit: exit 0 and `id:path`, or exit 1."""
    return (
        *("git", "grep", "-z", "-l", "-I", "--full-name", "--no-color", "--no-textconv", "--no-recurse-submodules"),
        *("-E", "-e", "^(<<<<<<<|>>>>>>>) ", _id(commit), "--", *(f":(top,literal){path}" for path in paths)),
    )


# A pack that stands for itself: commits on stdin, with `^` before those whose history is not packed.
PACK: Final[Command] = ("git", "pack-objects", "--quiet", "--revs", "--stdout", "--delta-base-offset")
TAKE_PACK: Final[Command] = ("git", "index-pack", "--stdin", "--fsck-objects")


def _id(value: str) -> str:
    if not is_full_id(value):
        raise ValueError(f"{value!r} is no full object id")
    return value


def _ref(value: str) -> str:
    if not is_full_ref(value):
        raise ValueError(f"{value!r} is no full ref name")
    return value


def _pattern(value: str) -> str:
    # Fetch takes a whole name, or the beginning of names followed by one star.
    _ref(value[:-1] + "x" if value.endswith("*") else value)
    return value
