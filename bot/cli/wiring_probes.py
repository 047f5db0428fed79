"""The part of the wiring that is about probes: from what the configuration says to the adapters that read it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.adapters.probes import Probe
from bot.adapters.probes.bearer import Bearer
from bot.adapters.probes.command import CommandProbe
from bot.adapters.probes.http import HttpProbe
from bot.adapters.probes.page import Fields
from bot.adapters.probes.process import Command, EachProcessProbe, Pid, PidFile, ProcessProbe
from bot.adapters.probes.prometheus import PrometheusProbe, Queries
from bot.settings import probes
from bot.settings.addresses import host_and_port
from bot.settings.schema import Settings

_KNOWN_TOKENS: Final = (
    *("GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
    # What a step of a GitHub workflow is known by to the services around it.
    *("ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    *("GITEA_TOKEN", "GITLAB_TOKEN", "PGPASSWORD"),
)


def secret_variables(settings: Settings) -> tuple[str, ...]:
    """The variables that no child process shall see: the usual tokens, those of the remote, its host and of probes."""
    named = [probe.token_env for probe in settings.probe if isinstance(probe, probes.PrometheusProbe)]
    named += [settings.repository.token_env, settings.host.token_env, settings.host.app_key_env]
    return (*_KNOWN_TOKENS, *(name for name in named if name is not None))


def made(settings: Settings) -> Iterator[Probe]:
    """Every probe of the configuration; several pages are as many probes of one name."""
    for chosen in settings.probe:
        match chosen:
            case probes.HttpProbe():
                yield from _pages(settings, chosen)
            case probes.ProcessProbe():
                yield _process(chosen)
            case probes.PrometheusProbe():
                yield _prometheus(settings, chosen)
            case probes.CommandProbe():
                hidden = secret_variables(settings)
                yield CommandProbe(
                    chosen.name, chosen.argv, hidden=hidden, interval=chosen.interval, cores=chosen.cores
                )


def _pages(settings: Settings, chosen: probes.HttpProbe) -> Iterator[Probe]:
    fields = Fields(chosen.memory, chosen.cpu, chosen.start)
    addresses = [settings.staging.address(url) for url in chosen.url]
    for address, replica in zip(addresses, _replicas(addresses), strict=True):
        yield HttpProbe(chosen.name, address, fields, replica=replica, interval=chosen.interval, cores=chosen.cores)


def _replicas(addresses: list[str]) -> list[str]:
    """What tells pages apart: nothing where there is one, else host and port, and the path where these are the same."""
    if len(addresses) == 1:
        return [""]
    hosts = [host_and_port(address) for address in addresses]
    shared = Counter(hosts)
    return [
        host + (urlsplit(address).path if shared[host] > 1 else "")
        for host, address in zip(hosts, addresses, strict=True)
    ]


def _process(chosen: probes.ProcessProbe) -> Probe:
    pace = {"interval": chosen.interval, "cores": chosen.cores}
    if chosen.pid is not None:
        return ProcessProbe(chosen.name, Pid(chosen.pid), **pace)
    if chosen.pid_file is not None:
        return ProcessProbe(chosen.name, PidFile(Path(chosen.pid_file)), **pace)
    command = Command(re.compile(chosen.command or ""))
    return (EachProcessProbe if chosen.each else ProcessProbe)(chosen.name, command, **pace)


def _prometheus(settings: Settings, chosen: probes.PrometheusProbe) -> Probe:
    return PrometheusProbe(
        chosen.name,
        settings.staging.address(chosen.url),
        Queries(chosen.memory, chosen.cpu, chosen.start, chosen.instance),
        bearer=Bearer(chosen.token_env or "", None if chosen.token_file is None else Path(chosen.token_file)),
        interval=chosen.interval,
        cores=chosen.cores,
    )
