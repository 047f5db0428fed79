"""One repository on GitHub through PyGithub: questions that are asked again, and writes that never are (I10, I13)."""

from collections.abc import Callable, Mapping
from enum import Enum
from types import TracebackType
from typing import Any, Final, TypeVar

from github import Github
from github.GithubException import BadAttributeException, GithubException
from github.Repository import Repository

from bot.adapters.github.failures import Rejected, Unsure, rejected
from bot.adapters.github.limits import Clock, Limits
from bot.adapters.github.login import Login
from bot.adapters.github.pygithub import API_VERSION, pygithub
from bot.adapters.github.wire import Mode, Wire
from bot.errors import BotError, Reason

__all__ = ["API_VERSION", "Client", "Limits", "Partial", "Rejected", "Unsure"]

T = TypeVar("T")

_NOT_FOUND: Final = 404
_GRAPHQL: Final = 200
_NO_LIMITS: Final = Limits()


class Partial(Enum):
    """What a GraphQL answer with errors beside its data is."""

    REFUSE = "refuse"
    KEEP = "keep"


class Client:
    """What the bot knows GitHub by: everything said to it goes through `read`, `write` and `graphql`.

    `login` gives the token of each request, `address` is the base of the API (`https://api.github.com`,
    `https://github.acme.example/api/v3`), `repository` is `owner/name`, `clock` the clock port. Making one asks
    nothing. Not for several threads.
    """

    def __init__(self, login: Login, address: str, repository: str, clock: Clock, limits: Limits = _NO_LIMITS) -> None:
        self.login = login
        self.address = address
        self.repository = repository
        self.clock = clock
        self._wire = Wire(address, login, clock, limits)
        self._github = pygithub(Github, address, self._wire)
        self._repository = self._github.get_repo(repository)

    @property
    def calls(self) -> int:
        """How many requests went out so far, those of the login included."""
        return self._wire.calls + self.login.calls

    @property
    def waited(self) -> float:
        """Seconds that waits and failed exchanges took so far."""
        return self._wire.patience.waited + self.login.waited

    def wait(self, seconds: float) -> bool:
        """Wait so long, as part of what the run may lose to GitHub; False, at once, where it has not that much left."""
        return self._wire.patience.wait(seconds)

    def read(self, ask: Callable[[Repository], T]) -> T:
        """What `ask` finds out; it may catch PyGithub's own exception of a 404 and take it for an answer.

        Every request in it is repeated after capped waits. A POST in it other than to GraphQL is refused.

        Raises:
            Rejected: GitHub said no (4xx).
            BotError: HOST_UNREACHABLE, HOST_FAILED, HOST_LIMITED or BAD_CREDENTIALS.
        """
        with self._wire.block(Mode.READ):
            outcome = _tried(lambda: ask(self._repository))
        if isinstance(outcome, _Went):
            raise outcome.wrong or _unreadable()
        return outcome

    def find(self, ask: Callable[[Repository], T]) -> T | None:
        """What `ask` finds, None where GitHub says 404: it may show there what was made seconds ago a little later."""
        try:
            return self.read(ask)
        except Rejected as no:
            if no.status != _NOT_FOUND:
                raise
            return None

    def write(self, do: Callable[[Repository], T]) -> T:
        """What `do` made, sent once.

        After a refusal for GitHub's limits, or where GitHub was surely not reached, there is a capped wait and it is
        sent once more.

        Raises:
            Unsure: the answer was lost or unreadable, or a server's failure: look whether it was done.
            Rejected: GitHub said no (4xx): it was not done.
            BotError: HOST_UNREACHABLE, HOST_LIMITED or BAD_CREDENTIALS: it was not done.
        """
        with self._wire.block(Mode.WRITE):
            outcome = _tried(lambda: do(self._repository))
            wrote = self._wire.wrote
        if isinstance(outcome, _Went):
            raise _of_a_write(outcome.wrong, wrote=wrote)
        return outcome

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The JSON document at a path below the repository's own, such as `/rules/branches/main`; raises as `read`."""

        def ask(repository: Repository) -> Any:
            return repository.requester.requestJsonAndCheck("GET", f"{repository.url}{path}", dict(parameters or {}))[1]

        return self.read(ask)

    def graphql(self, query: str, variables: Mapping[str, Any], partial: Partial = Partial.REFUSE) -> dict[str, Any]:
        """The `data` of a GraphQL query (never a mutation).

        Raises:
            Rejected: there are errors, which with Partial.KEEP are left out of account as long as there is data.
            BotError: as `read`.
        """
        document = self.read(lambda repository: _queried(repository, query, variables))
        data = document.get("data")
        if "errors" in document and (partial is Partial.REFUSE or not isinstance(data, dict)):
            raise rejected(_GRAPHQL, {}, document)
        if not isinstance(data, dict):
            raise _unreadable()
        return data

    def mutate(self, mutation: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The `data` of a GraphQL mutation, sent once; raises as `write`, and Rejected where there are errors alone."""
        document = self.write(lambda repository: _queried(repository, mutation, variables))
        data = document.get("data")
        done = isinstance(data, dict) and any(value is not None for value in data.values())
        if document.get("errors") and not done:
            raise rejected(_GRAPHQL, {}, document)
        if "errors" in document or not isinstance(data, dict):
            raise Unsure("GitHub's answer to a mutation does not say whether it was done.")
        return data

    def close(self) -> None:
        """Nothing stays open between requests; for the symmetry of those that hold one."""
        self._github.close()


def _queried(repository: Repository, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    requester = repository.requester
    body = {"query": query, "variables": dict(variables)}
    document = requester.requestJsonAndCheck("POST", requester.graphql_url, input=body)[1]
    if not isinstance(document, dict):
        raise ValueError("no GraphQL document")  # noqa: TRY004 - an answer of a shape that says nothing
    return document


class _Went:
    """It went wrong: our error, or None where an answer could not be understood."""

    def __init__(self, wrong: BotError | None) -> None:
        self.wrong = wrong


def _tried(ask: Callable[[], T]) -> T | _Went:
    """The outcome as a value, so that no exception of the library's, with all it carries, is chained to ours."""
    try:
        return ask()
    except BotError as error:
        return _Went(error)
    except GithubException as error:
        return _Went(rejected(error.status, error.headers or {}, error.data))
    except (BadAttributeException, ValueError):
        return _Went(None)
    except (AssertionError, AttributeError, KeyError, IndexError, TypeError) as error:
        if not _is_from_library(error.__traceback__):
            raise
        return _Went(None)


def _is_from_library(trace: TracebackType | None) -> bool:
    """Whether PyGithub stumbled, over an answer of a shape that it did not expect."""
    name = ""
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        trace = trace.tb_next
    return name.partition(".")[0] == "github"


def _unreadable() -> BotError:
    return BotError(Reason.HOST_FAILED, "An answer of GitHub has not the shape that it should have.")


def _of_a_write(wrong: BotError | None, *, wrote: bool) -> BotError:
    """After a write that was answered, no later failure may look as if nothing had been done."""
    if wrong is None:
        return Unsure("An answer of GitHub to a write has not the shape that it should have.")
    return Unsure(wrong.sentence) if wrote and not isinstance(wrong, Unsure | Rejected) else wrong
