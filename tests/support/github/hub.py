"""The fake GitHub as a test sees it: one repository, whom it knows, what it heard, and what is to go wrong."""

import bisect
import contextlib
import copy
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from support.canary import CANARY
from support.github import gitdata, made, openapi, pushes, schema, shapes
from support.github.access import ACTIONS, SUFFICIENT, Access, TokenKind, app_key_pem
from support.github.answers import Json
from support.github.faults import Fault, Match, Planned, matching
from support.github.limits import RateLimit
from support.github.replica import Replica
from support.github.world import FakePull, World
from support.gitrepos import Repo

_FIRST_ID: Final = 10_001


@dataclass(frozen=True, slots=True)
class Request:
    """One request that was heard; `path` is below the API (`/repos/…`, `/graphql`), `status` 0 where none was sent.

    `operation` is GitHub's own name of the path, `at` the hub's time, `fault` what went wrong with it.
    """

    method: str
    path: str
    status: int
    operation: str
    at: float
    body: Any = None
    fault: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it may have changed something; a GraphQL query has not."""
        if self.path == "/graphql":
            return isinstance(self.body, dict) and str(self.body.get("query", "")).lstrip().startswith("mutation")
        return self.method != "GET"


@dataclass
class Hub:
    """One repository on a GitHub of its own; everything may be changed at any time.

    `now` is its clock in seconds since the epoch. `token` is one that may do what the bot needs; `access.add` issues
    others. `violations` are requests that GitHub would not have understood; a test that means them clears the list.
    `refs_take_tags`: whether `updateRefs` moves a ref to an annotated tag; GitHub has been seen to refuse that.
    """

    remote: Repo
    full_name: str = "acme/shop"
    default_branch: str = "main"
    now: Callable[[], float] = time.time
    port: int = 0
    login: str = "grace"
    private: bool = True
    archived: bool = False
    has_issues: bool = True
    immutable_releases: bool = False
    actions_enabled: bool = True
    default_workflow_permissions: str = "read"
    workflow_states: dict[str, str] = field(default_factory=dict)
    refs_take_tags: bool = False
    app_id: int = 123456
    app_slug: str = "promotion-bot"
    installation_id: int = 4242
    app_is_installed: bool = True
    app_permissions: dict[str, str] = field(default_factory=lambda: dict(SUFFICIENT))
    repo_id: int = 1296269
    world: World = field(default_factory=World)
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    token: str = field(default=CANARY, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock)
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._ids = itertools.count(_FIRST_ID)
        self.limit = RateLimit(self)
        self.graphql_limit = RateLimit(self, resource="graphql")
        self.replica = Replica(self)
        self.access = Access(self)

    # --- where it is

    @property
    def web_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def api_url(self) -> str:
        """What `[host] api_url` is set to."""
        return f"{self.web_url}/api/v3"

    @property
    def uploads_url(self) -> str:
        return f"{self.web_url}/api/uploads"

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

    @property
    def repo_url(self) -> str:
        return f"{self.api_url}/repos/{self.full_name}"

    @property
    def page_url(self) -> str:
        return f"{self.web_url}/{self.full_name}"

    @property
    def repo_node_id(self) -> str:
        return shapes.node_id("R", self.repo_id)

    @property
    def app_key(self) -> str:
        """The App's private key (PEM)."""
        return app_key_pem()

    # --- what there is; each list holds the JSON that GitHub answers, oldest first

    @property
    def releases(self) -> list[Json]:
        return self.world.releases

    @property
    def issues(self) -> list[Json]:
        return self.world.issues

    @property
    def comments(self) -> list[Json]:
        return self.world.comments

    @property
    def labels(self) -> list[Json]:
        return self.world.labels

    @property
    def statuses(self) -> list[Json]:
        """Each with its commit as `sha`."""
        return self.world.statuses

    @property
    def check_runs(self) -> list[Json]:
        return self.world.check_runs

    @property
    def deployments(self) -> list[Json]:
        return self.world.deployments

    @property
    def deployment_statuses(self) -> list[Json]:
        return self.world.deployment_statuses

    @property
    def pulls(self) -> list[FakePull]:
        return self.world.pulls

    @property
    def rulesets(self) -> list[Json]:
        return self.world.rulesets

    @property
    def writes(self) -> list[Request]:
        """What was heard that changes the repository, failed or not; no fetching of tokens."""
        return [one for one in self.requests if one.is_write and not one.path.startswith("/app/")]

    def busiest_minute(self) -> int:
        """How many writes fell into one minute at most, by the hub's clock; GitHub allows 80."""
        times = sorted(one.at for one in self.writes)
        return max((bisect.bisect_left(times, at + 60) - number for number, at in enumerate(times)), default=0)

    def asset(self, name: str) -> bytes:
        """The content of the one asset of that name."""
        (found,) = [one for release in self.releases for one in release["assets"] if one["name"] == name]
        return self.world.assets[found["id"]]

    # --- what a test lets there be

    def add_status(self, sha: str, context: str, state: str = "success", description: str = "") -> Json:
        """A commit status from somebody else."""
        said = {"state": state, "context": context, "description": description}
        status = made.status(self, sha, said, "somebody")
        self.world.statuses.append(status)
        return status

    def add_check(self, sha: str, name: str, conclusion: str | None = "success", *, app_id: int = ACTIONS) -> Json:
        """A check run from another App, GitHub Actions unless told; without a conclusion it is in progress."""
        run = self.new_check_run(sha, name, app_id, "github-actions" if app_id == ACTIONS else f"app-{app_id}")
        now = shapes.stamp(self.now())
        done = {"status": "completed", "conclusion": conclusion, "completed_at": now}
        run |= {"started_at": now} | (done if conclusion else {"status": "in_progress"})
        self.world.check_runs.append(run)
        return run

    def add_pull(self, number: int, title: str, **more: Any) -> FakePull:
        """A pull request; see FakePull for what it can have."""
        pull = FakePull(number, title, **more)
        self.world.pulls.append(pull)
        return pull

    def add_ruleset(self, name: str, rules: list[Json], **more: Any) -> Json:
        """An active ruleset for main unless told; `rules` and all else as in GitHub's API."""
        conditions = {"ref_name": {"include": ["refs/heads/main"], "exclude": []}}
        body = {"name": name, "rules": rules, "conditions": conditions, "enforcement": "active", **more}
        ruleset = self.new_ruleset(body)
        self.world.rulesets.append(ruleset)
        return ruleset

    def protect(self, branch: str, **more: Any) -> Json:
        """Classic protection; `checks`, `reviews`, `linear`, `force`, `deletions`, `admins` are its settings."""
        self.world.protections[branch] = made.protection(self, branch, **more)
        return self.world.protections[branch]

    # --- what a test lets go wrong

    def fail(self, match: str | Match, fault: Fault, *, times: int = 1, skip: int = 0) -> Planned:
        """Let it happen to requests like `POST */releases` (or those a function says yes to), after `skip` of them."""
        planned = Planned(matching(match) if isinstance(match, str) else match, fault, times, skip)
        self.planned.append(planned)
        return planned

    def guard_pushes(self) -> None:
        """Hold what git pushes against the rules as well, with GitHub's words, as if `hub.token` had pushed it."""
        pushes.guard(self)

    def lag(self, seconds: float) -> None:
        """From now on reads show this moment for so many seconds."""
        self.replica.hide_from_now(seconds)

    def reset(self) -> None:
        """As it was at the beginning, ready for any time; git's own things, tokens and what was heard stay."""
        with self.lock:
            self.world = World()
            self.replica = Replica(self)
            self.planned.clear()
            self._ids = itertools.count(_FIRST_ID)
            self.limit = RateLimit(self)
            self.graphql_limit = RateLimit(self, resource="graphql")

    def keep(self) -> Callable[[], None]:
        """A way back to this moment; to `reset` goes all that was made or planned since then."""
        with self.lock:
            then, following = copy.deepcopy(self.world), self.next_id()
        return lambda: self._go_back(then, following)

    def _go_back(self, then: World, following: int) -> None:
        with self.lock:
            self.reset()
            self.world = copy.deepcopy(then)
            self._ids = itertools.count(following)

    # --- how things are made

    def next_id(self) -> int:
        return next(self._ids)

    def next_number(self) -> int:
        """Issues and pull requests are counted together."""
        taken = [one["number"] for one in self.issues] + [pull.number for pull in self.pulls]
        return max(taken, default=0) + 1

    def new_check_run(self, sha: str, name: str, app_id: int | None, slug: str | None = None) -> Json:
        return made.check_run(self, sha, name, app_id or 0, slug or self.app_slug)

    def new_ruleset(self, body: Json) -> Json:
        return made.ruleset(self, body)

    def full_commit(self, sha: str) -> Json:
        return made.commit(self, gitdata.commit_of(self.remote, sha))


@contextlib.contextmanager
def fake_github(
    tmp_path: Path, remote: Repo, *, kind: TokenKind = TokenKind.FINE_GRAINED, **settings: Any
) -> Iterator[Hub]:
    """Serve that repository; afterwards nothing runs any more, and requests that GitHub has not fail the test.

    `kind` is what `hub.token` is; `settings` are fields of Hub.
    """
    from support.github.server import serving  # noqa: PLC0415 - the server needs the class above

    del tmp_path  # nothing is kept on the disk
    openapi.require()
    _warm_up()
    hub = Hub(remote, **settings)
    hub.access.add(kind, SUFFICIENT, text=hub.token)
    with serving(hub):
        yield hub
    assert not hub.violations, "GitHub does not know these requests:\n" + "\n".join(hub.violations)


def _warm_up() -> None:
    """Read the descriptions before anybody waits for an answer."""
    openapi.find("GET", "/")
    schema.sliced()
