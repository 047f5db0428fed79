"""Plain HTTP for tests of the fake itself and of what stands beside it: no library, no retries."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from support.github.access import TokenKind

if TYPE_CHECKING:
    from support.github.hub import Hub


@dataclass(frozen=True)
class Asker:
    """Asks one GitHub, with a token or as a JWT's App; every answer is a `requests.Response`."""

    api_url: str
    token: str | None = field(default=None, repr=False)
    scheme: str = "token"

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """Ask for a path below the API, or for a whole address."""
        url = path if path.startswith("http") else f"{self.api_url}{path}"
        return self._send(method, url, params=query, json=body)

    def upload(self, url: str, name: str, content: bytes, media_type: str = "application/json") -> requests.Response:
        """Upload a file to the address that a release names."""
        target = url.partition("{")[0]
        return self._send("POST", target, params={"name": name}, data=content, more={"Content-Type": media_type})

    def graphql(self, query: str, **variables: Any) -> Any:
        """The whole answer of GraphQL."""
        url = self.api_url.replace("/v3", "") + "/graphql"
        return self._send("POST", url, json={"query": query, "variables": variables}).json()

    def _send(self, method: str, url: str, *, more: dict[str, str] | None = None, **what: Any) -> requests.Response:
        headers = {"User-Agent": "tests", **(more or {})}
        if self.token is not None:
            headers["Authorization"] = f"{self.scheme} {self.token}"
        # requests would take a password for this host from the environment's netrc.
        with requests.Session() as session:
            session.trust_env = False
            try:
                return session.request(method, url, headers=headers, timeout=30, **what)
            except requests.RequestException as error:
                raise error.with_traceback(None) from None  # pytest would show the headers of each frame


def as_installation(hub: "Hub", permissions: dict[str, str] | None = None) -> Asker:
    """Whoever asks as the App's installation."""
    return Asker(hub.api_url, hub.access.add(TokenKind.INSTALLATION, permissions))


def made(answer: requests.Response, status: int = 201) -> Any:
    """The JSON of an answer that must have that status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def code(answer: requests.Response) -> str:
    """Why GitHub refuses, in one word."""
    return str(answer.json()["errors"][0]["code"])


MOVE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


def move(hub: "Hub", *updates: tuple[Any, ...]) -> dict[str, Any]:
    """The input of that mutation; each update is the ref's name, the value before, the value after, and force."""
    names = ("name", "beforeOid", "afterOid", "force")
    listed = [dict(zip(names, update, strict=False)) for update in updates]
    return {"repositoryId": hub.repo_node_id, "refUpdates": listed}
