"""Another installation, whose people freeze and quarantine: real git with a cache and a lock of its own."""

from pathlib import Path
from typing import Any

from support.fakes import Watcher
from support.gitrepos import Repo
from support.nights import FakeClock
from support.promotions import open_repository

from bot.adapters.lock import FileLock
from bot.core.audit import Terms
from bot.core.control import Control, ControlKind, parse_controls
from bot.flows.control import Desk, Done, Wish, control


def desk(folder: Path, remote: Repo, **parts: Any) -> Desk:
    """What writing an event needs, in that folder; `parts` are used instead of the real ones."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "clock": FakeClock("2026-11-21T02:00:30"),
        "lock": FileLock(folder / "control.lock", patience=10.0),
        "repository": open_repository(remote, folder),
        "watcher": Watcher(),
        "terms": Terms("main", "release/"),
    }
    return Desk(**(values | parts))


def wish(kind: ControlKind, reason: str = "release weekend", actor: str = "bob", **more: Any) -> Wish:
    """What bob wants."""
    return Wish(kind, actor, reason, **more)


def freeze(folder: Path, remote: Repo, reason: str = "release weekend", **more: Any) -> Done:
    """bob freezes promotions from an installation of his own."""
    return control(desk(folder, remote), wish(ControlKind.FREEZE, reason, **more))


def unfreeze(folder: Path, remote: Repo) -> Done:
    """bob lifts the freeze."""
    return control(desk(folder, remote), wish(ControlKind.UNFREEZE, ""))


def quarantine(folder: Path, remote: Repo, commit: str, reason: str = "it leaks") -> Done:
    """bob quarantines a commit."""
    return control(desk(folder, remote), wish(ControlKind.QUARANTINE, reason, commit=commit))


def clear(folder: Path, remote: Repo, commit: str) -> Done:
    """bob clears it."""
    return control(desk(folder, remote), wish(ControlKind.CLEAR, "it was the probe", commit=commit))


def told(remote: Repo) -> tuple[Control, ...]:
    """Every event that the ledger of the remote holds."""
    if remote.sha("refs/notes/promotions") is None:
        return ()
    listed = remote.git("ls-tree", "--name-only", "refs/notes/promotions").split()
    content = remote.git("show", "refs/notes/promotions:control.ndjson") if "control.ndjson" in listed else ""
    return parse_controls(content.encode())
