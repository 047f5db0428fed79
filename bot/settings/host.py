"""The service that hosts the repository: which one, how the bot logs in there, and what it says."""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from bot.settings import addresses, kinds, probekinds
from bot.settings.loadkinds import FLAG
from bot.settings.table import Table


class HostKind(StrEnum):
    """Which service it is; AUTO: what the remote's address says, and none where the address does not tell."""

    AUTO = "auto"
    GITHUB = "github"
    NONE = "none"


_UNAVAILABLE: Final = ("gitea", "gitlab")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f/]{1,255}")


def _repository(name: str) -> str:
    if _REPOSITORY.fullmatch(name) is None:
        raise ValueError("is not owner/name")
    return name


def _environment(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError("is no name of an environment")
    return name


_KIND: Final = kinds.choice(*HostKind, unavailable=_UNAVAILABLE)
_API: Final = kinds.text(addresses.check_base_url, addresses.URL_FORM, pattern="^https?://")
_FULL_NAME: Final = kinds.text(_repository, '"owner/name"', pattern=f"^{_REPOSITORY.pattern}$")
_ENVIRONMENT: Final = kinds.text(_environment, "a name without slashes, at most 255 characters")
_APP: Final = kinds.whole(1, 2**31 - 1, "the number of a GitHub App")


class Host(Table):
    """The service that hosts the repository: checks are read there, and statuses, releases and issues written."""

    kind: Annotated[str, _KIND] = Field(
        HostKind.AUTO.value,
        description="Which one it is. `auto`: GitHub where the remote's address says so and there is a token (without "
        "one, git alone); `none`: git alone.",
        examples=["github"],
    )
    api_url: Annotated[str | None, _API] = Field(
        None,
        description="Where its API answers; for GitHub Enterprise Server this ends in `/api/v3`. Default: that of the "
        "remote. It is asked through the `https_proxy` of the environment, and `REQUESTS_CA_BUNDLE` names a file of "
        "authorities where the usual ones do not do.",
        examples=["https://github.acme.example/api/v3"],
    )
    repository: Annotated[str | None, _FULL_NAME] = Field(
        None, description="Its name there; default: as in the remote's address.", examples=["acme/shop"]
    )
    token_env: Annotated[str | None, probekinds.VARIABLE] = Field(
        None,
        description="The environment variable that holds a token; default: `GITHUB_TOKEN` where nothing else is named. "
        "It serves git as well where the remote is an https address and [repository] names no other.",
        examples=["PROMOTION_TOKEN"],
    )
    token_file: Annotated[str | None, kinds.PATH] = Field(
        None, description="A file that holds that token (mode 0600).", examples=["/run/secrets/github-token"]
    )
    app_id: Annotated[int | None, _APP] = Field(
        None,
        description="The GitHub App that the bot is, instead of a token; its installation is found by the repository.",
        examples=[123456],
    )
    app_key_file: Annotated[str | None, kinds.PATH] = Field(
        None, description="The App's private key (mode 0600).", examples=["/etc/promotion/app.pem"]
    )
    app_key_env: Annotated[str | None, probekinds.VARIABLE] = Field(
        None, description="The environment variable that holds that key instead.", examples=["PROMOTION_APP_KEY"]
    )
    environment: Annotated[str, _ENVIRONMENT] = Field(
        "production", description="The environment that deployments are recorded for.", examples=["live"]
    )
    notify_authors: Annotated[bool, FLAG] = Field(
        False,
        description="Whether the issue about a blocked branch mentions the authors whose accounts the host names with "
        "their pull requests, so that they are notified.",
        examples=[True],
    )
