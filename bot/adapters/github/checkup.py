"""GitHub as doctor looks at it: reading only, and each question by itself; satisfies `bot.flows.ports.Checkup`."""

from functools import cached_property

from bot.adapters.github import checks, surroundings
from bot.adapters.github.app import AppLogin
from bot.adapters.github.client import Client
from bot.adapters.github.permissions import rights
from bot.adapters.github.rules import Rulebook
from bot.core.doctor_host import Allowance, Surroundings
from bot.core.doctor_rights import Rights
from bot.core.doctor_rules import BranchRules, Rule
from bot.core.hosting import SeenCheck


class GitHubCheckup:
    """What GitHub tells the bot's own login; `environment` is the one that is production."""

    name = "GitHub"

    def __init__(self, client: Client, environment: str) -> None:
        self._client = client
        self._environment = environment

    @property
    def is_app(self) -> bool:
        """Whether the login is that of an App."""
        return isinstance(self._client.login, AppLogin)

    @cached_property
    def _rights(self) -> Rights:
        return rights(self._client, None)

    def rights(self, sha: str | None) -> Rights:
        """What the login may do; `sha` is a commit that is there to be asked for."""
        self._rights = rights(self._client, sha)
        return self._rights

    def allowance(self) -> Allowance:
        """How many requests are left."""
        return surroundings.allowance(self._client)

    def rules(self, branch: str) -> BranchRules:
        """Every rule in force for a branch."""
        return self._rulebook.of_branch(branch)

    def tag_rules(self, name: str) -> tuple[Rule, ...]:
        """Every rule in force for a tag of that name."""
        return self._rulebook.of_tag(name)

    @cached_property
    def _rulebook(self) -> Rulebook:
        return Rulebook(self._client, self._rights.login, administers=self._rights.administers is True)

    def checks(self, sha: str) -> tuple[SeenCheck, ...]:
        """The newest word of each check on that commit."""
        return checks.checks(self._client, sha)

    def has_workflows(self, sha: str) -> bool:
        """Whether that commit has workflow files."""
        return surroundings.has_workflows(self._client, sha)

    def surroundings(self) -> Surroundings:
        """What else there is to know."""
        trusts_404 = self._rights.administers is True or self._rights.scopes is None
        return surroundings.surroundings(self._client, self._environment, trusts_404=trusts_404)
