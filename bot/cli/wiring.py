"""The one place that picks concrete adapters; every import is made when a command needs it."""

# ruff: noqa: PLC0415 - imports belong to the commands that need them, so that the others stay instant

import getpass
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.cli.context import Context, Verbosity

if TYPE_CHECKING:
    from bot.adapters.clock import SystemClock
    from bot.adapters.git import GitRepository
    from bot.adapters.git_access import Access
    from bot.adapters.git_signing import Signing
    from bot.adapters.history import SqlHistory
    from bot.adapters.lock import FileLock
    from bot.adapters.locust import LocustLoad
    from bot.adapters.probes import Probe
    from bot.adapters.runs import FileRunStore
    from bot.adapters.staging import StagingObserver
    from bot.adapters.worktree import WorkTree
    from bot.core.audit import Terms
    from bot.core.loadplan import LoadPlan
    from bot.core.record import Repository
    from bot.flows.control import Desk
    from bot.flows.ports import Watcher
    from bot.flows.range_notes import Sources
    from bot.flows.rejudge import Judging
    from bot.flows.request import Tools
    from bot.settings.schema import Settings

_TOOLS: Final = ("promotion-bot", "locust", "gevent", "geventhttpclient", "hdrhistogram", "gitpython")


# How long one freeze waits for another on the same machine.
_PATIENCE_S: Final = 30.0

# How often progress is said where there is no terminal.
_EVERY_S: Final = {Verbosity.NORMAL: 30.0, Verbosity.VERBOSE: 5.0}


class Asked(Enum):
    """Whether a host is asked by a command that can do without."""

    HOST = auto()
    OFFLINE = auto()


def settings(context: Context) -> "Settings":
    """The configuration, or a ConfigurationError that names every problem."""
    from bot.settings.load import load_settings

    return load_settings(context.config)


def state_dir(settings: "Settings") -> Path:
    """Where this installation keeps what it knows."""
    return Path(settings.state.dir)


def repository_facts(settings: "Settings") -> "Repository":
    """The repository as records name it."""
    from bot.core.links import web_url
    from bot.core.record import Repository

    chosen = settings.repository
    return Repository(chosen.remote, chosen.source, chosen.target, web_url(chosen.remote))


def clock() -> "SystemClock":
    """The machine's own time."""
    from bot.adapters.clock import SystemClock

    return SystemClock()


def cache_dir(settings: "Settings") -> Path:
    """Where the remote's objects are kept from night to night."""
    return state_dir(settings) / "cache.git"


def git(settings: "Settings", cache: Path | None = None) -> "GitRepository":
    """The remote and its cache, which may be another one than that of the nights."""
    from bot.adapters.git import GitRepository
    from bot.adapters.git_cache import CacheKind
    from bot.cli.wiring_host import carrier

    chosen = settings.repository
    return GitRepository(
        remote=chosen.remote,
        cache=cache or cache_dir(settings),
        source=chosen.source,
        target=chosen.target,
        tag_prefix=chosen.tag_prefix,
        signing=signing(settings),
        access=access(settings),
        kind=CacheKind(chosen.cache),
        carrier=carrier(settings),
    )


def access(settings: "Settings") -> "Access":
    """How the remote lets the bot in."""
    from bot.adapters.git_access import DEFAULT_USERNAME, Access
    from bot.adapters.probes.bearer import Bearer
    from bot.cli.wiring_host import git_login
    from bot.cli.wiring_probes import secret_variables

    chosen = settings.repository
    token_file, ssh_key, hosts = (
        Path(name) if name else None for name in (chosen.token_file, chosen.ssh_key_file, chosen.known_hosts_file)
    )
    bearer = Bearer(chosen.token_env or "", token_file)
    username, hidden = chosen.username or DEFAULT_USERNAME, secret_variables(settings)
    return Access(bearer, username, ssh_key, hosts, hidden, login=git_login(settings))


def signing(settings: "Settings") -> "Signing":
    """Who signs release tags, and who may."""
    from bot.adapters.git_signing import Signer, Signing

    key, allowed = settings.repository.signing_key, settings.repository.allowed_signers
    return Signing(Signer(key) if key else None, Path(allowed) if allowed else None)


def audit_terms(settings: "Settings") -> "Terms":
    """What an audit needs to know of the configuration."""
    from bot.core.audit import Terms

    chosen = settings.repository
    return Terms(chosen.target, chosen.tag_prefix, settings.audit.accepted)


def workbench(settings: "Settings") -> "WorkTree":
    """Where a person resolves a back-merge."""
    from bot.adapters.worktree import WorkTree

    place = state_dir(settings) / "backport"
    return WorkTree(settings.repository.remote, place, cache_dir(settings), access=access(settings))


def lock(settings: "Settings", run_id: str) -> "FileLock":
    """What keeps two runs on this machine apart."""
    from bot.adapters.lock import FileLock

    return FileLock(state_dir(settings) / "lock", run_id)


def run_store(settings: "Settings") -> "FileRunStore":
    """The folders of all runs."""
    from bot.adapters.runs import FileRunStore

    return FileRunStore(state_dir(settings), clock())


def history(settings: "Settings") -> "SqlHistory":
    """What is known of past runs; where that was lost, it is learnt again from the folders of the runs."""
    from bot.adapters.history import SqlHistory
    from bot.core.selectors import HistoryFilter, repository_key

    past = SqlHistory(state_dir(settings), settings.state.database, repository_key(repository_facts(settings)))
    store = run_store(settings)
    if store.run_ids() and not past.query(HistoryFilter(limit=1)):
        past.rebuild(store.readable())
    return past


def staging(settings: "Settings") -> "StagingObserver":
    """Asks staging which commit it runs."""
    from bot.adapters.staging import StagingObserver

    chosen = settings.staging
    return StagingObserver(chosen.url, chosen.version_address or chosen.url, chosen.version_key)


def probes(settings: "Settings") -> "tuple[Probe, ...]":
    """Where memory and CPU come from."""
    from bot.cli.wiring_probes import made

    return tuple(made(settings))


def load(settings: "Settings") -> "LocustLoad":
    """Locust as a child process, with the probes and the staging proof beside it."""
    from bot.adapters.locust import LocustLoad
    from bot.adapters.probes.sampler import ResourceObserver
    from bot.cli.wiring_probes import secret_variables

    observers = (staging(settings), ResourceObserver(probes(settings)))
    return LocustLoad(observers=observers, hidden_variables=secret_variables(settings))


def reader() -> "LocustLoad":
    """Only reads evidence; runs nothing."""
    from bot.adapters.locust import LocustLoad

    return LocustLoad(observers=())


def judging(settings: "Settings") -> "Judging":
    """What judging a stored run again needs."""
    from bot.adapters.records import Sha256Digests
    from bot.flows.rejudge import Judging

    return Judging(run_store(settings), reader(), Sha256Digests())


@contextmanager
def note_sources(context: Context, settings: "Settings", asked: Asked) -> Iterator["Sources"]:
    """What release notes of a range are made from."""
    from bot.cli.wiring_host import asked_host
    from bot.flows.nohost import NoHost
    from bot.flows.range_notes import Sources

    seen, past = watcher(context, None), history(settings)
    tell = partial(seen.step, "warning")
    try:
        yield Sources(
            git=git(settings),
            history=past,
            runs=run_store(settings),
            repository=repository_facts(settings),
            tag_prefix=settings.repository.tag_prefix,
            host=NoHost() if asked is Asked.OFFLINE else asked_host(settings, clock(), tell),
            label_rules=settings.notes.label_rules,
            tell=tell,
        )
    finally:
        past.close()
        seen.close()


def tools(settings: "Settings", watcher: "Watcher", run_id: str) -> "Tools":
    """Every effect that a run may have."""
    from bot.adapters.lock import FileLock
    from bot.adapters.records import Sha256Digests
    from bot.cli import wiring_host
    from bot.flows.request import Tools
    from bot.render.notes import MarkdownNotes
    from bot.render.report import Reports

    host = wiring_host.host(settings, clock(), lambda words: watcher.step("warning", words))
    return Tools(
        clock=clock(),
        lock=FileLock(state_dir(settings) / "lock", run_id),
        repository=git(settings),
        staging=staging(settings),
        load=load(settings),
        runs=run_store(settings),
        history=history(settings),
        digests=Sha256Digests(),
        notes=MarkdownNotes(),
        reporter=Reports(),
        watcher=watcher,
        versions=versions(),
        host=host,
        herald=wiring_host.herald(settings, host, run_id),
    )


@contextmanager
def desk(context: Context, settings: "Settings") -> Iterator["Desk"]:
    """What stopping and starting the line needs; its lock is its own, so that it works while a run is under way."""
    from bot.adapters.lock import FileLock
    from bot.flows.control import Desk

    seen = watcher(context, None)
    lock = FileLock(state_dir(settings) / "control.lock", "promote-freeze", patience=_PATIENCE_S)
    try:
        yield Desk(clock=clock(), lock=lock, repository=git(settings), watcher=seen, terms=audit_terms(settings))
    finally:
        seen.close()


@contextmanager
def opened(tools: "Tools") -> Iterator[None]:
    """Close every connection at the end, and give the terminal back."""
    try:
        yield
    finally:
        tools.watcher.close()
        tools.history.close()


def watcher(context: Context, plan: "LoadPlan | None") -> "Watcher":
    """Live progress on a terminal, a plain line now and then elsewhere (and without load); always on stderr."""
    from rich.console import Console

    from bot.render.progress import HeartbeatProgress, QuietProgress, TerminalProgress

    if context.verbosity is Verbosity.QUIET:
        return QuietProgress(sys.stderr)
    console = Console(stderr=True)
    plain = HeartbeatProgress(sys.stderr, _EVERY_S[context.verbosity])
    made: Watcher = TerminalProgress(console, plan) if console.is_terminal and plan else plain
    if context.verbosity is Verbosity.VERBOSE:
        made.step("versions", ", ".join(f"{name} {found}" for name, found in versions()))
    return made


def versions() -> tuple[tuple[str, str], ...]:
    """The versions of what measures and judges, for the record."""
    found = [("python", platform.python_version()), ("platform", sys.platform)]
    for name in _TOOLS:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return tuple(found)


def actor() -> str:
    """Who started this, as the ledger names it: PROMOTE_ACTOR, or the account of this process."""
    try:
        named = os.environ.get("PROMOTE_ACTOR") or getpass.getuser()
    except (KeyError, OSError):
        named = f"uid-{os.getuid()}"
    # What is no UTF-8 in the environment arrives as lone surrogates, and no ledger with those can be read again.
    return named.encode("utf-8", "replace").decode()
