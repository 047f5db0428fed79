"""What is asked of the host of a repository and what is said there, as values without any host's own words.

All texts of commits, branches and people in them are made inert by whoever renders them; a host's adapter adds nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class CheckState(StrEnum):
    """What a check of a commit says; only `success` is success: skipped and neutral are `other`."""

    SUCCESS = "success"
    PENDING = "pending"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SeenCheck:
    """The newest word of one check (a check run or a commit status) on a commit.

    `said` is the host's own word for it (`success`, `skipped`, `in_progress`, …), `at` UTC ISO 8601 or empty.
    """

    name: str
    state: CheckState
    said: str
    at: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Pull:
    """The merged pull request that brought a commit; texts are raw data. `author` is an account name without `@`.

    `merge_sha` is the commit that merged it, or the last one of a rebase merge; None where the host does not say.
    """

    number: int
    title: str
    labels: tuple[str, ...]
    author: str | None
    merge_sha: str | None = None


@dataclass(frozen=True, slots=True)
class Releases:
    """The tags of published releases, those of the newest commits first; `is_cut` where there are more of them."""

    tags: tuple[str, ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a host did not show: its name, and why."""

    host: str
    why: str


class Light(StrEnum):
    """What a commit status shows."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"

    @property
    def is_bad(self) -> bool:
        """Whether the candidate did not pass, which is what an issue is opened about."""
        return self in (Light.FAILURE, Light.ERROR)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said beside the candidate itself: one line, and a page in Markdown where the host can show one.

    `run_id` makes it idempotent; `url` leads to the evidence, None where there is no address for it.
    """

    sha: str
    light: Light
    line: str
    title: str
    page: str
    url: str | None
    run_id: str

    what = "status"


@dataclass(frozen=True, slots=True)
class Deployed:
    """That a commit was released to an environment: the target has it, whatever production is seen to run.

    `current` says whether no newer release has taken its place since.
    """

    sha: str
    tag: str
    environment: str
    line: str
    run_id: str
    current: bool = True

    what = "deployment"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the run's folder that goes with a release."""

    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A release: found by its tag, which must be on the host already and lead to `sha`, a full id.

    `body` is within the limits of any host; `latest` says whether it is what production should run now.
    """

    tag: str
    sha: str
    title: str
    body: str
    assets: tuple[Asset, ...]
    latest: bool
    run_id: str

    what = "release"


@dataclass(frozen=True, slots=True)
class Blocked:
    """That a branch is blocked: the body of its one open issue, and a comment for the night when `cause` changed."""

    branch: str
    title: str
    body: str
    cause: str
    comment: str
    run_id: str

    what = "issue"


@dataclass(frozen=True, slots=True)
class Unblocked:
    """That a branch is not blocked any more; `comment` says by what, and closes its issue where one is open."""

    branch: str
    comment: str
    run_id: str

    what = "issue"


Announcement: TypeAlias = Mark | Deployed | Publication | Blocked | Unblocked
"""Something to be said on the host; saying it again changes nothing."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What became of one announcement: where it can be seen, or why it could not be said yet.

    `what` is status, deployment, release or issue; `failure` is None once it was said.
    """

    what: str
    url: str | None
    failure: str | None = None
