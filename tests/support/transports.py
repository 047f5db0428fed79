"""The ways a push goes: git's own, and GitHub's API on the fake, with `updateRefs` as it is and as it is described."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from support.github import Hub, fake_github
from support.gitrepos import Repo
from support.promotions import open_repository, plan_for
from support.scripted import HandClock

from bot.adapters.git import GitRepository
from bot.adapters.github.client import Client
from bot.adapters.github.limits import Limits
from bot.adapters.github.login import TokenLogin
from bot.adapters.github.push import ApiPush
from bot.adapters.probes.bearer import Bearer
from bot.core.promotion import Prepared

VARIABLE = "SHOP_TOKEN"


class Transport(Enum):
    """How refs are written; API_WHOLE is a GitHub whose `updateRefs` takes annotated tags, too."""

    GIT = "git"
    API = "api"
    API_WHOLE = "api, tags included"


@dataclass
class Ways:
    """Opens repositories on one remote that send in one way; `hub` is the GitHub in front of it."""

    remote: Repo
    hub: Hub
    transport: Transport

    def carrier(self, **limits: Any) -> ApiPush | None:
        """A bot of its own, as if it had just been started."""
        if self.transport is Transport.GIT:
            return None
        client = Client(
            TokenLogin(Bearer(VARIABLE)), self.hub.api_url, self.hub.full_name, HandClock(), Limits(**limits)
        )
        return ApiPush(lambda: client)

    def open(self, folder: Path, **more: Any) -> GitRepository:
        return open_repository(self.remote, folder, **{"carrier": self.carrier()} | more)

    def prepared(self, folder: Path, **more: Any) -> tuple[GitRepository, Prepared]:
        """Fetch, plan and prepare: everything up to the push."""
        repository = self.open(folder)
        repository.fetch()
        return repository, repository.prepare(plan_for(repository, **more))


@contextlib.contextmanager
def ways(tmp_path: Path, remote: Repo, transport: Transport, patch: pytest.MonkeyPatch, **hub: Any) -> Iterator[Ways]:
    """That remote with a GitHub in front of it."""
    with fake_github(tmp_path, remote, refs_take_tags=transport is Transport.API_WHOLE, **hub) as made:
        patch.setenv(VARIABLE, made.token)
        yield Ways(remote, made, transport)
