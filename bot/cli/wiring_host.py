"""The part of the wiring that is about the repository's host: which one, and who the bot is there."""

# ruff: noqa: PLC0415 - imports belong to the commands that need them, so that the others stay instant

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.core.hostplace import HostPlace, github_place, names_github, serves_git
from bot.errors import BotError, Reason

if TYPE_CHECKING:
    from bot.adapters.github.client import Client
    from bot.adapters.github.limits import Clock
    from bot.adapters.github.login import Login
    from bot.core.parcel import Carrier
    from bot.flows.ports import Herald, Host
    from bot.settings.host import Host as HostSettings
    from bot.settings.schema import Settings

_DEFAULT_VARIABLE: Final = "GITHUB_TOKEN"
_ACTION: Final = 'Give it a token or an App in [host] (see `promote doctor`), or say kind = "none" there.'

# What every step of a GitHub workflow has in its environment.
_WORKFLOW: Final = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
_SERVER: Final = re.compile(r"https://[A-Za-z0-9.-]{1,200}(?::\d{1,5})?")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")


def place(settings: "Settings") -> HostPlace | None:
    """Where on GitHub the repository is; None where it has no host that the bot would speak to."""
    from bot.settings.host import HostKind

    chosen, remote = settings.host, settings.repository.remote
    if chosen.kind == HostKind.NONE or (chosen.kind == HostKind.AUTO and not names_github(remote)):
        return None
    return github_place(remote, chosen.api_url, chosen.repository)


def login(settings: "Settings", found: HostPlace) -> "Login":
    """Who the bot is there: one and the same for the API and for git, so that a token is fetched once."""
    return _login(found, settings.host)


@cache
def _login(found: HostPlace, chosen: "HostSettings") -> "Login":
    if chosen.app_id is not None:
        from bot.adapters.clock import SystemClock
        from bot.adapters.github.app import App, AppLogin

        app = App(chosen.app_id, Path(chosen.app_key_file) if chosen.app_key_file else None, chosen.app_key_env or "")
        return AppLogin(app, found.api, found.repository, SystemClock())
    from bot.adapters.github.login import TokenLogin
    from bot.adapters.probes.bearer import Bearer

    if chosen.token_file is not None:
        return TokenLogin(Bearer(file=Path(chosen.token_file)))
    return TokenLogin(Bearer(chosen.token_env or _DEFAULT_VARIABLE))


def client(settings: "Settings", clock: "Clock") -> "Client":
    """The way to GitHub, for what cannot do without.

    Raises:
        BotError: BAD_CREDENTIALS, when there is no usable login; BAD_CONFIGURATION, when there is no GitHub.
    """
    found = place(settings)
    if found is None:
        raise BotError(Reason.BAD_CONFIGURATION, "The repository is on no host that the bot could speak to ([host]).")
    login(settings, found).ready()
    from bot.adapters.clock import SystemClock

    # One for all of a run, so that what it may wait and ask is bounded as a whole.
    return _shared(found, settings.host) if isinstance(clock, SystemClock) else _client(found, settings.host, clock)


@cache
def _shared(found: HostPlace, chosen: "HostSettings") -> "Client":
    from bot.adapters.clock import SystemClock

    return _client(found, chosen, SystemClock())


def _client(found: HostPlace, chosen: "HostSettings", clock: "Clock") -> "Client":
    from bot.adapters.github.client import Client

    return Client(_login(found, chosen), found.api, found.repository, clock)


def carrier(settings: "Settings") -> "Carrier | None":
    """What pushes go by in the place of git; its login is looked for when there is something to send."""
    if settings.repository.transport != "api":
        return None
    from bot.adapters.clock import SystemClock
    from bot.adapters.github.push import ApiPush

    return ApiPush(lambda: client(settings, SystemClock()))


def host(settings: "Settings", clock: "Clock", warn: Callable[[str], None] = lambda _: None) -> "Host":
    """The host, or nothing where there is none; `warn` is told where there would be one but for a login.

    Raises:
        BotError: BAD_CREDENTIALS, when [host] names GitHub, or something needs it, and there is no usable login.
    """
    from bot.flows.nohost import NoHost

    if place(settings) is None:
        return NoHost()
    without = _without_login(settings)
    if without is not None:
        if _is_needed(settings):
            raise without
        warn(f"git alone is used, and GitHub is told nothing: {without.sentence}")
        return NoHost()
    from bot.adapters.github.host import GitHubHost

    branches = (settings.repository.source, settings.repository.target)
    return GitHubHost(client(settings, clock), settings.host.environment, branches)


def asked_host(settings: "Settings", clock: "Clock", warn: Callable[[str], None]) -> "Host":
    """The host for what can do without; `warn` is told why there is none where there should be one."""
    from bot.flows.nohost import NoHost

    try:
        return host(settings, clock, warn)
    except BotError as error:
        warn(f"{error.sentence} {error.action}")
        return NoHost()


def spent(settings: "Settings") -> str:
    """How often GitHub was asked, and how long it was waited for; empty where nobody asked."""
    found = place(settings)
    if found is None or _without_login(settings) is not None:
        return ""
    known = _shared(found, settings.host)
    return f"GitHub was asked {known.calls} times; {known.waited:.0f} s went into waiting." if known.calls else ""


def herald(settings: "Settings", host: "Host", run_id: str) -> "Herald":
    """Who finds the words for what is said on that host; silent where there is none."""
    if not host.name:
        from bot.flows.nohost import Silence

        return Silence()
    from bot.render.host import HostWords

    chosen = settings.host
    return HostWords(chosen.environment, chosen.notify_authors, _run_page(os.environ), run_id)


def _run_page(environ: Mapping[str, str]) -> str | None:
    """The page of the workflow's run that this is, which holds its evidence; None outside a workflow."""
    server, repository, number = (environ.get(name, "") for name in _WORKFLOW)
    fits = _SERVER.fullmatch(server) and _REPOSITORY.fullmatch(repository) and number.isascii() and number.isdigit()
    return f"{server}/{repository}/actions/runs/{number}" if fits else None


def _without_login(settings: "Settings") -> BotError | None:
    """Why there is no usable login; None where there is one, or no host."""
    found = place(settings)
    if found is None:
        return None
    try:
        login(settings, found).ready()
    except BotError as error:
        return BotError(error.reason, error.sentence, _ACTION)
    return None


def _is_needed(settings: "Settings") -> bool:
    """Whether git alone would not do: by name, for required checks, or to push through the API."""
    from bot.settings.host import HostKind

    needs = settings.gate.required_checks or settings.repository.transport == "api"
    return settings.host.kind == HostKind.GITHUB or bool(needs)


def git_login(settings: "Settings") -> "Login | None":
    """The login that serves git as well: the remote is on the API's host by http(s), and names no token of its own."""
    found, chosen = place(settings), settings.repository
    if found is None or chosen.token_env or chosen.token_file or not serves_git(chosen.remote, found.api):
        return None
    if not _is_needed(settings) and _without_login(settings) is not None:
        return None
    return login(settings, found)
