"""GraphQL, executed over GitHub's own schema: every document is valid by it, every answer has its types."""

import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from graphql.language import DocumentNode
from support.github import gitdata, shapes
from support.github.answers import Answer, Json, Refused
from support.github.moves import Moves
from support.github.routes.pulls import associated
from support.github.routing import Ask, body_of
from support.github.schema import sliced
from support.github.world import FakePull

if TYPE_CHECKING:
    from support.github.hub import Hub
    from support.github.world import World

_MOST: Final = 100
_BY: Final = "by the part of GitHub's schema that the fake models, see schema.py"


def mistakes(body: Any) -> list[str]:
    """What GitHub's schema has against this document and its variables."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return ["the body is not an object with a query"]
    try:
        document = parse(body["query"])
    except GraphQLError as error:
        return [error.message]
    found = [f"{error.message} ({_BY})" for error in validate(sliced(), document)]
    return found or list(_variable_mistakes(document, body))


def _variable_mistakes(document: DocumentNode, body: Json) -> Iterator[str]:
    operation = get_operation_ast(document, body.get("operationName"))
    if operation is None:
        yield "which operation is meant is not clear"
        return
    given = body.get("variables") or {}
    values = get_variable_values(sliced(), operation.variable_definitions or (), given)
    if isinstance(values, list):
        yield from (error.message for error in values)
    declared = {one.variable.name.value for one in operation.variable_definitions or ()}
    yield from (f"the variable {name} is not declared" for name in sorted(given.keys() - declared))


def answer(ask: Ask) -> Answer:
    """Execute it; errors are part of an answer with 200, as GitHub's are."""
    body = body_of(ask)
    if ask.who.token is None:
        raise Refused(401, "This endpoint requires you to be authenticated.")
    try:
        document = parse(body.get("query", ""))
    except GraphQLError as error:
        return Answer(200, {"errors": [_error(error)]})
    found = validate(sliced(), document)
    if found:
        return Answer(200, {"errors": [_error(error) for error in found]})
    return Answer(200, _shown(_execute(ask, document, body)))


def _execute(ask: Ask, document: DocumentNode, body: Json) -> ExecutionResult:
    operation = get_operation_ast(document, body.get("operationName"))
    is_query = operation is not None and operation.operation is OperationType.QUERY
    world = ask.hub.replica.shown() if is_query else ask.hub.world
    return execute_sync(
        sliced(),
        document,
        root_value=_Query(ask, world) if is_query else _Mutation(ask),
        variable_values=body.get("variables"),
        operation_name=body.get("operationName"),
        field_resolver=functools.partial(_resolve, ask.hub),
    )


def _shown(result: ExecutionResult) -> Json:
    shown: Json = {"data": result.data}
    return shown | {"errors": [_error(error) for error in result.errors]} if result.errors else shown


def _error(error: GraphQLError) -> Json:
    """GitHub has the type of an error beside its message."""
    formatted = dict(error.formatted)
    extensions = formatted.pop("extensions", {})
    return {**extensions, **formatted}


def _resolve(hub: "Hub", source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """A key, a method or a property of that name; what nobody thought of fails the test."""
    name = info.field_name
    value = source.get(name, _Missing) if isinstance(source, dict) else getattr(source, name, _Missing)
    if value is _Missing:
        hub.violations.append(f"GraphQL: the fake does not model {info.parent_type.name}.{name}")
        raise GraphQLError("not modelled")
    return value(info, **arguments) if callable(value) else value


class _Missing:
    """No such value."""


class _Query:
    """What a query begins with."""

    def __init__(self, ask: Ask, world: "World") -> None:
        self._ask, self._world = ask, world

    def viewer(self, info: GraphQLResolveInfo) -> Json:
        del info
        user = shapes.user(self._ask.hub, self._ask.who.login)
        return {"__typename": "User", "login": user["login"], "id": user["node_id"], "databaseId": user["id"]}

    def rateLimit(self, info: GraphQLResolveInfo, *, dryRun: bool = False) -> Json:  # noqa: N802, N803 - the schema's
        del info, dryRun
        return self._ask.hub.graphql_limit.for_graphql()

    def repository(self, info: GraphQLResolveInfo, *, owner: str, name: str, **_: Any) -> "_Repository":
        del info
        if f"{owner}/{name}".lower() != self._ask.hub.full_name.lower() or not self._ask.who.may("metadata=read"):
            words = f"Could not resolve to a Repository with the name '{owner}/{name}'."
            raise GraphQLError(words, extensions={"type": "NOT_FOUND"})
        return _Repository(self._ask, self._world)


class _Repository:
    """The type Repository."""

    def __init__(self, ask: Ask, world: "World") -> None:
        self._ask, self._world = ask, world
        self.id = ask.hub.repo_node_id
        self.databaseId = ask.hub.repo_id
        self.name = ask.hub.name
        self.nameWithOwner = ask.hub.full_name
        self.isPrivate = ask.hub.private
        self.isArchived = ask.hub.archived
        self.viewerPermission = "WRITE" if ask.who.may("contents=write") else "READ"

    def _refs(self) -> dict[str, str]:
        return self._ask.hub.remote.refs() if self._world.refs is None else self._world.refs

    def object(self, info: GraphQLResolveInfo, *, oid: str | None = None, expression: str | None = None) -> Any:
        del info
        sha = oid or gitdata.resolve(self._ask.hub.remote, self._refs(), expression or "") or ""
        kind = gitdata.kind_of(self._ask.hub.remote, sha)
        return None if kind is None else _object(self._ask, self._world, sha, kind)

    def ref(self, info: GraphQLResolveInfo, *, qualifiedName: str) -> Any:  # noqa: N803 - the schema's
        del info
        names = (qualifiedName, f"refs/heads/{qualifiedName}", f"refs/tags/{qualifiedName}")
        refs = self._refs()
        return next((self._ref(name, refs[name]) for name in names if name in refs), None)

    def _ref(self, name: str, sha: str) -> Json:
        prefix, _, short = name.removeprefix("refs/").partition("/")
        kind = gitdata.kind_of(self._ask.hub.remote, sha) or "commit"
        target = _object(self._ask, self._world, sha, kind)
        return {"id": f"REF_{name}", "name": short, "prefix": f"refs/{prefix}/", "target": target}

    def defaultBranchRef(self, info: GraphQLResolveInfo) -> Any:  # noqa: N802 - the schema's
        return self.ref(info, qualifiedName=f"refs/heads/{self._ask.hub.default_branch}")

    def pullRequest(self, info: GraphQLResolveInfo, *, number: int) -> Any:  # noqa: N802 - the schema's
        del info
        found = next((one for one in self._world.pulls if one.number == number), None)
        if found is None:
            words = f"Could not resolve to a PullRequest with the number of {number}."
            raise GraphQLError(words, extensions={"type": "NOT_FOUND"})
        return _pull(self._ask, found)


def _object(ask: Ask, world: "World", sha: str, kind: str) -> Json:
    """A GitObject of any kind; only commits have more to them than their id."""
    common = {"oid": sha, "abbreviatedOid": sha[:7], "id": f"{kind[0].upper()}_{sha[:12]}"}
    if kind != "commit":
        return common | {"__typename": kind.title()}
    commit = gitdata.commit_of(ask.hub.remote, sha)
    headline, _, rest = commit.message.partition("\n")
    pulls = functools.partial(_associated, ask, world, sha)
    return common | {
        "__typename": "Commit",
        "message": commit.message,
        "messageHeadline": headline,
        "messageBody": rest.strip("\n"),
        "committedDate": commit.committer["date"],
        "authoredDate": commit.author["date"],
        "author": {"name": commit.author["name"], "email": commit.author["email"], "user": None},
        "associatedPullRequests": pulls,
    }


def _associated(ask: Ask, world: "World", sha: str, info: GraphQLResolveInfo, **arguments: Any) -> Json:
    del info
    if not ask.who.may("pull_requests=read"):
        kind = "integration" if ask.who.token and ask.who.token.is_installation else "personal access token"
        raise GraphQLError(f"Resource not accessible by {kind}", extensions={"type": "FORBIDDEN"})
    pulls = sorted(associated(ask.hub, world.pulls, sha), key=lambda pull: pull.number)
    return _connection([_pull(ask, pull) for pull in pulls], arguments)


def _connection(nodes: Sequence[Any], arguments: Json) -> Json:
    """The first or last so many of a list; GitHub wants one of the two, of at most 100."""
    first, last = arguments.get("first"), arguments.get("last")
    if (first is None) == (last is None):
        raise GraphQLError("You must provide a `first` or `last` value to properly paginate the connection.",
                           extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})  # fmt: skip
    count = first if first is not None else last
    if not 0 <= count <= _MOST:
        raise GraphQLError(f"Requesting {count} records exceeds the `first` limit of {_MOST} records.",
                           extensions={"type": "EXCESSIVE_PAGINATION"})  # fmt: skip
    begin = int(arguments["after"]) if arguments.get("after") else 0
    shown = nodes[begin : begin + count] if first is not None else nodes[max(len(nodes) - count, 0) :]
    more = first is not None and begin + count < len(nodes)
    ends = {"startCursor": str(begin), "endCursor": str(begin + len(shown)) if shown else None}
    info = {"hasNextPage": more, "hasPreviousPage": begin > 0, **ends}
    edges = [{"node": node, "cursor": str(begin + number)} for number, node in enumerate(shown, 1)]
    return {"nodes": shown, "edges": edges, "totalCount": len(nodes), "pageInfo": info}


def _pull(ask: Ask, pull: FakePull) -> Json:
    """The type PullRequest; an author whose account is gone is null."""
    kind = "Bot" if pull.author_type == "Bot" else "User"
    author = {"__typename": kind, "login": pull.author, "url": f"{ask.hub.web_url}/{pull.author}"}
    labels = [{"name": name, "id": f"LA_{name}", "color": "ededed"} for name in pull.labels]
    state = "MERGED" if pull.merged_at else "OPEN" if pull.open else "CLOSED"
    commit = pull.merge_commit
    return {
        "__typename": "PullRequest",
        "id": shapes.node_id("PR", pull.number),
        "number": pull.number,
        "title": pull.title,
        "body": pull.body,
        "url": f"{ask.hub.page_url}/pull/{pull.number}",
        "permalink": f"{ask.hub.page_url}/pull/{pull.number}",
        "state": state,
        "merged": pull.merged_at is not None,
        "mergedAt": pull.merged_at,
        "closed": not pull.open,
        "isDraft": False,
        "baseRefName": pull.base,
        "headRefName": pull.head,
        "author": author if pull.author else None,
        "authorAssociation": "NONE",
        "repository": _whose(ask, pull),
        "labels": lambda info, **arguments: _connection(labels, arguments),  # noqa: ARG005 - as all resolvers
        "mergeCommit": _object(ask, ask.hub.world, commit, "commit") if commit else None,
    }


def _whose(ask: Ask, pull: FakePull) -> Json:
    """The type Repository, as far as a pull request needs it: GitHub names those of forks for a commit as well."""
    name = pull.repository or ask.hub.full_name
    return {"id": shapes.node_id("R", 1 if pull.repository else ask.hub.repo_id), "nameWithOwner": name}


class _Mutation:
    """What a mutation begins with."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def updateRefs(self, info: GraphQLResolveInfo, *, input: Json) -> Json:  # noqa: A002, N802 - the schema's
        del info
        Moves(self._ask, input).make()
        return {"clientMutationId": input.get("clientMutationId")}
