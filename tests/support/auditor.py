"""The independent judge: reads refs, tags, ledger and reflogs of a bare remote with plain git, and shares no code.

Nothing here is imported from what it judges. It knows the contract alone: what each promotion must leave behind, and
what no reachable state may show.
"""

import json
import os
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

LEDGER = "refs/notes/promotions"
PUSHES = "pushes.log"

_HOOK = """#!/bin/sh
{ while read old new ref; do echo "$old $new $ref"; done; echo; } >> "${GIT_DIR:-.}/pushes.log"
"""
# Of a tag the message is read as well.
_OF_EACH_REF = (
    *("%(refname)", "%(objectname)", "%(*objectname)"),
    "%(if:equals=tag)%(objecttype)%(then)%(contents)%(end)",
)
_LEDGER_HISTORY = (
    *("log", "--reverse", "--topo-order", "--root", "-m", "-p", "--text", "--no-renames", "--unified=0"),
    *("--no-color", "--no-ext-diff", "--format=%x01%H", LEDGER),
)
# What git said of refs and logs, by these.
_KNOWN: "dict[tuple[object, ...], Facts]" = {}
_MOST_KNOWN = 50


@dataclass(frozen=True)
class Entry:
    """One promotion, or one event that stops or starts the line, as the ledger's history tells it.

    That is the ledger commit that brought it, and its line.
    """

    commit: str
    line: Mapping[str, Any]
    is_event: bool = False

    def __getattr__(self, name: str) -> Any:
        return self.line[name]


@dataclass(frozen=True)
class Findings:
    """What the remote holds, and everything that it must not hold."""

    entries: tuple[Entry, ...]
    violations: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """What git says of a repository's refs and of all that they reach, or ever reached."""

    refs: dict[str, str]
    peeled: dict[str, str]
    messages: dict[str, str]
    parents: dict[str, tuple[str, ...]]
    ledger: str


@dataclass
class Remote:
    """Everything that is read of a bare repository, once."""

    path: Path
    target: str = "main"
    source: str = "staging"
    prefix: str = "release/"
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        # An id stands for the same content for ever: what the very same refs and logs reach need not be asked twice.
        seen = self._fingerprint()
        self.facts = _KNOWN.get(seen) or self._asked()
        _KNOWN[seen] = self.facts
        if len(_KNOWN) > _MOST_KNOWN:
            del _KNOWN[next(iter(_KNOWN))]

    @property
    def refs(self) -> dict[str, str]:
        """Every ref with the id of what it names."""
        return self.facts.refs

    @property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """Every commit that a ref reaches, or ever reached, with its parents."""
        return self.facts.parents

    @property
    def main(self) -> str:
        return f"refs/heads/{self.target}"

    @property
    def tags(self) -> dict[str, str]:
        """Every release tag with what its ref names."""
        beginning = f"refs/tags/{self.prefix}"
        return {ref.removeprefix("refs/tags/"): oid for ref, oid in self.refs.items() if ref.startswith(beginning)}

    def _fingerprint(self) -> tuple[object, ...]:
        """The bytes of all refs, and the ids in all logs: when they were written makes no difference."""
        refs = [(name, (self.path / name).read_bytes()) for name in ("HEAD", *self._files("refs"))]
        packed = self.path / "packed-refs"
        logs = [(name, *self._rows(self.path / name)) for name in self._files("logs")]
        return (*refs, packed.read_bytes() if packed.exists() else b"", *logs)

    def _files(self, folder: str) -> list[str]:
        found = ((Path(where), name) for where, _, names in os.walk(self.path / folder) for name in names)
        return sorted(str((where / name).relative_to(self.path)) for where, name in found)

    def _asked(self) -> Facts:
        """In three processes."""
        told = self.git("for-each-ref", f"--format={'%00'.join(_OF_EACH_REF)}%00%01").split("\x01\n")[:-1]
        rows = [row.split("\x00")[:-1] for row in told]
        commits = self.git("rev-list", "--parents", "--all", "--reflog").splitlines()
        refs = {name: oid for name, oid, _, _ in rows}
        return Facts(
            refs=refs,
            peeled={name: commit for name, _, commit, _ in rows if commit},
            messages={name: text for name, _, _, text in rows if text},
            parents={sha: tuple(rest) for sha, *rest in map(str.split, commits)},
            ledger=self.git(*_LEDGER_HISTORY) if LEDGER in refs else "",
        )

    def git(self, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", "--git-dir", str(self.path), *arguments]
        done = subprocess.run(command, capture_output=True, check=True, timeout=60, env=environment)
        return done.stdout.decode("utf-8", "replace")

    def moves(self, ref: str) -> list[tuple[str, str]]:
        """Every (old, new) of that ref since the remote is watched, oldest first."""
        log = self.path / "logs" / ref
        return [(old, new) for old, new in self._rows(log) if old != new] if log.exists() else []

    @staticmethod
    def _rows(log: Path) -> Iterator[tuple[str, ...]]:
        """The two ids of each line."""
        return (tuple(row.split(" ", 2)[:2]) for row in log.read_text("utf-8", "replace").splitlines())

    def reaches(self, older: str, newer: str) -> bool:
        """Whether the first commit is the second one or among its ancestors."""
        seen, waiting = set(), [newer]
        while waiting:
            sha = waiting.pop()
            if sha == older:
                return True
            if sha not in seen:
                seen.add(sha)
                waiting.extend(self.parents.get(sha, ()))
        return False


def is_none(oid: str) -> bool:
    """Whether an id of a log stands for no object, in either hash."""
    return not oid.strip("0")


def watch(remote: Path) -> None:
    """Have the remote keep a log of every change of every ref, and of every push as a whole."""
    with (remote / "config").open("a") as file:
        file.write("[core]\n\tlogAllRefUpdates = always\n")
    hook = remote / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK)
    hook.chmod(0o755)


def audit(path: Path, *, people: Collection[str] = (), **names: str) -> Findings:
    """Judge a bare remote; no bot answers for a branch that somebody else moved to one of the commits of `people`."""
    remote = Remote(path, **names)
    told: list[str] = []
    lines = tuple(_ledger(remote, told))
    told += frozen(lines)
    entries = tuple(line for line in lines if not line.is_event)
    told += _tags(remote, entries)
    told += _order(entries)
    told += _twice(entries)
    told += _main(remote, entries, people)
    told += _source(remote, people)
    told += _logs(remote)
    told += _pushes(remote, people)
    return Findings(entries, tuple(told))


def _ledger(remote: Remote, told: list[str]) -> Iterator[Entry]:
    """Every promotion and event in the order of the ledger's own history, one line that only ever grows."""
    if LEDGER not in remote.refs:
        return
    for number, block in enumerate(remote.facts.ledger.split("\x01")[1:]):
        commit, _, diff = block.partition("\n")
        told += _growth(remote, commit.strip(), diff, is_first=number == 0)
        yield from _entries(commit.strip(), diff, told)


def _growth(remote: Remote, commit: str, diff: str, *, is_first: bool) -> Iterator[str]:
    if len(remote.parents[commit]) != (0 if is_first else 1):
        yield f"the ledger is not one line at {commit}"
    lost = [line for line in diff.splitlines() if line.startswith("-") and not line.startswith("--- ")]
    if lost:
        yield f"the ledger lost a line at {commit}: {lost[0][:80]}"


def _entries(commit: str, diff: str, told: list[str]) -> Iterator[Entry]:
    path, found = "", 0
    for line in diff.splitlines():
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/")
        elif line.startswith("+") and not line.startswith("+++") and line.strip("+ "):
            entry = _entry(commit, path, line[1:], told)
            if entry is not None:
                found += not entry.is_event
                yield entry
    if found > 1:
        told.append(f"ledger commit {commit} brought {found} promotions")


def _entry(commit: str, path: str, line: str, told: list[str]) -> Entry | None:
    try:
        parsed = json.loads(line)
    except ValueError:
        told.append(f"a line of {path} at {commit} is no JSON: {line[:80]!r}")
        return None
    if path == "control.ndjson":
        return Entry(commit, parsed, is_event=True)
    if parsed.get("sha") != path.replace("/", ""):
        told.append(f"the line of {path} at {commit} speaks of {parsed.get('sha')}")
        return None
    return Entry(commit, parsed)


def _tags(remote: Remote, entries: tuple[Entry, ...]) -> Iterator[str]:
    """I5: each entry's tag is there, annotated, at that commit; no tag without an entry, never two for one."""
    named = [entry.tag for entry in entries]
    for entry in entries:
        if not entry.tag:
            yield from _way_back(remote, entry)
            continue
        ref = f"refs/tags/{entry.tag}"
        if ref not in remote.refs:
            yield f"tag {entry.tag} of an entry is missing"
        elif remote.facts.peeled.get(ref) != entry.sha:
            yield f"tag {entry.tag} is at {remote.facts.peeled.get(ref)}, its entry says {entry.sha}"
        elif not _says(remote, ref, entry):
            yield f"tag {entry.tag} does not carry its own commit and run"
    for tag in remote.tags:
        if named.count(tag) != 1:
            yield f"tag {tag} has {named.count(tag)} entries"


def _way_back(remote: Remote, entry: Entry) -> Iterator[str]:
    """An entry without a tag of its own: main went back to a release, which must be where its tag says."""
    restored = remote.facts.peeled.get(f"refs/tags/{entry.line.get('restores')}")
    if entry.kind != "rollback" or restored != entry.sha or not entry.line.get("reason"):
        yield f"{entry.kind} to {entry.sha} has no tag, and is no declared way back"


def _says(remote: Remote, ref: str, entry: Entry) -> bool:
    message = remote.facts.messages[ref]
    return f"\nPromoted-Commit: {entry.sha}\n" in message and f"\nRun-Id: {entry.run_id}\n" in message


def _order(entries: tuple[Entry, ...]) -> Iterator[str]:
    for before, after in pairwise(entry for entry in entries if entry.tag):
        if not before.tag < after.tag:
            yield f"tag {after.tag} does not follow {before.tag}"


def frozen(lines: tuple[Entry, ...]) -> Iterator[str]:
    """While the line is frozen nothing is promoted but for a declared reason."""
    until: str | None = None
    for line in lines:
        if line.is_event and line.kind in ("freeze", "unfreeze"):
            until = line.line.get("until", "for good") if line.kind == "freeze" else None
        elif until and _is_ordinary(line) and (until == "for good" or line.at < until):
            yield f"{line.sha} was promoted while the line was frozen"


def _is_ordinary(line: Entry) -> bool:
    """Whether it is a promotion that nobody declared to go past a rule."""
    return not line.is_event and line.kind == "promotion" and not line.line.get("reason")


def _twice(entries: tuple[Entry, ...]) -> Iterator[str]:
    """I4: one promotion a commit (but for a declared way back), one a night's slot, one a run."""
    forward = [entry for entry in entries if entry.kind != "rollback"]
    slots = [entry.line["slot"] for entry in forward if entry.line.get("slot")]
    for what, values in (("commit", [entry.sha for entry in forward]), ("slot", slots)):
        yield from (f"{what} {value} was promoted twice" for value in set(values) if values.count(value) > 1)
    runs = [entry.run_id for entry in entries]
    yield from (f"run {run} promoted twice" for run in set(runs) if runs.count(run) > 1)


def _main(remote: Remote, entries: tuple[Entry, ...], people: Collection[str]) -> Iterator[str]:
    """I2, I3, I8: main moved as the entries say, in their order, forward; nothing moved it without an entry."""
    moves = remote.moves(remote.main)
    waiting = [(entry.base, entry.sha) for entry in entries]
    for old, new in moves:
        is_back = not remote.reaches(old, new)
        if (old, new) in waiting:
            waiting.remove((old, new))
            entry = next(entry for entry in entries if (entry.base, entry.sha) == (old, new))
            if is_back and entry.kind != "rollback":
                yield f"{entry.kind} {entry.tag} took main back from {old} to {new}"
        elif new not in people:
            yield f"main moved from {old} to {new} without an entry{' and left its past' if is_back else ''}"
    yield from (f"main never moved from {base} to {sha} as an entry says" for base, sha in waiting)


def _source(remote: Remote, people: Collection[str]) -> Iterator[str]:
    ref = f"refs/heads/{remote.source}"
    for old, new in remote.moves(ref):
        if new not in people and not is_none(old) and not remote.reaches(old, new):
            yield f"{remote.source} left its past: {old} to {new}"


def _logs(remote: Remote) -> Iterator[str]:
    """I5, I14: a tag is made once and stays; the ledger only goes from a parent to its child."""
    for tag in remote.tags:
        made = remote.moves(f"refs/tags/{tag}")
        if len(made) != 1 or not is_none(made[0][0]):
            yield f"tag {tag} was written {len(made)} times"
    for old, new in remote.moves(LEDGER):
        if remote.parents.get(new, ()) != (() if is_none(old) else (old,)):
            yield f"the ledger jumped from {old} to {new}"


def _pushes(remote: Remote, people: Collection[str]) -> Iterator[str]:
    """I3, I4: a push that brought a tag or moved main brought the ledger with it."""
    log = remote.path / PUSHES
    blocks = log.read_text().split("\n\n") if log.exists() else []
    for block in filter(None, (each.strip() for each in blocks)):
        wrote = {ref: new for _, new, ref in (line.split(" ") for line in block.splitlines())}
        tags = sum(ref.startswith(f"refs/tags/{remote.prefix}") for ref in wrote)
        needs = tags > 0 or (remote.main in wrote and wrote[remote.main] not in people)
        if tags > 1 or needs > (LEDGER in wrote):
            yield f"one push wrote only {', '.join(sorted(wrote))}"
