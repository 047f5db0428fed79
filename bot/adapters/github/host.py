"""GitHub as the host of the repository; satisfies `bot.flows.ports.host.Host`."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from bot.adapters.github import checks, deployment, issue, pulls, release, report, rest, status
from bot.adapters.github.app import AppLogin
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Once
from bot.core.hosting import Announcement, Blocked, Deployed, Mark, Publication, Pull, Releases, SeenCheck, Unblocked


class GitHubHost:
    """What GitHub knows of a commit, and saying there what the bot did.

    `environment` is the one that is production; pull requests count that were merged into one of the `branches`.
    """

    name = "GitHub"

    def __init__(self, client: Client, environment: str, branches: Collection[str] = ()) -> None:
        self._client = client
        self._environment = environment
        self._branches = frozenset(branches)
        self._once = Once(client)

    def checks(self, sha: str) -> tuple[SeenCheck, ...]:
        """All checks of a commit, the newest word of each name, asked anew."""
        return checks.checks(self._client, sha)

    def pulls(self, shas: Sequence[str]) -> Mapping[str, Pull]:
        """The merged pull request of each commit that one brought, by full id."""
        return pulls.pulls(self._client, shas, self._branches)

    def releases(self, most: int) -> Releases:
        """The published releases, at most so many hundreds of them."""
        return release.published(self._client, most)

    def announce(self, what: Announcement, folder: Path) -> str | None:
        """Say it, where it was not said already; returns the address of it. Assets are files of that folder.

        Raises:
            BotError: it was not said, or it is not known whether it was; saying it again finds what is there.
        """
        self._once.lately.folder = folder if folder.is_dir() else None
        match what:
            case Mark():
                return self._mark(what)
            case Deployed():
                return deployment.record(self._client, self._once, what, self._environment)
            case Publication():
                return release.publish(self._client, self._once, what, folder)
            case Blocked():
                return issue.block(self._client, self._once, what)
            case Unblocked():
                return issue.unblock(self._client, self._once, what)

    def _mark(self, mark: Mark) -> str | None:
        """The status first: a rule of the branch may wait for it, and for the page nobody does."""
        status.show(self._client, self._once, mark)
        page = report.show(self._client, self._once, mark) if self._may_show_pages() else None
        return page or f"{rest.web(self._client)}/commit/{mark.sha}"

    def _may_show_pages(self) -> bool:
        """Only an App can, and only one that was granted it."""
        login = self._client.login
        return isinstance(login, AppLogin) and login.permissions.get("checks") == "write"
