"""GraphQL's `updateRefs`: several refs at once, each from the value that it must have had; all of them or none."""

from dataclasses import dataclass

from graphql import GraphQLError
from support.github import enforcement, gitdata
from support.github.answers import Json, Refused
from support.github.gitdata import ZERO
from support.github.routing import Ask


def _refused(kind: str, words: str) -> GraphQLError:
    return GraphQLError(words, extensions={"type": kind})


@dataclass(frozen=True, slots=True)
class Moves:
    """One mutation, by that caller."""

    ask: Ask
    wanted: Json

    def make(self) -> None:
        """Check every move against the rules, then do all of them in one transaction."""
        ask = self.ask
        if self.wanted["repositoryId"] != ask.hub.repo_node_id:
            words = f"Could not resolve to a node with the global id of '{self.wanted['repositoryId']}'."
            raise _refused("NOT_FOUND", words)
        if not ask.who.may("contents=write"):
            kind = "integration" if ask.who.token and ask.who.token.is_installation else "personal access token"
            raise _refused("FORBIDDEN", f"Resource not accessible by {kind}")
        refs = ask.hub.remote.refs()
        updates = [self._checked(move, refs) for move in self.wanted["refUpdates"]]
        try:
            gitdata.update_refs(ask.hub.remote, updates)
        except Refused as refused:
            raise _refused("UNPROCESSABLE", str(refused)) from None

    def _checked(self, move: Json, refs: dict[str, str]) -> tuple[str, str, str]:
        name, new, before = move["name"], move["afterOid"], move.get("beforeOid")
        old = refs.get(name)
        if not name.startswith("refs/") or not gitdata.is_ref_name(name):
            raise _refused("UNPROCESSABLE", f"{name} is not a valid ref name")
        if before is not None and before != (old or ZERO):
            raise _refused("STALE_DATA", f'Expected {name} to point to "{before}" but it did not.')
        self._check_object(name, old, new, is_forced=bool(move.get("force")))
        return name, new, old or ZERO

    def _check_object(self, name: str, old: str | None, new: str, *, is_forced: bool) -> None:
        ask = self.ask
        kind = None if new == ZERO else gitdata.kind_of(ask.hub.remote, new)
        if new != ZERO and (kind is None or (name.startswith("refs/heads/") and kind != "commit")):
            raise _refused("UNPROCESSABLE", f"{new} is not an object that {name} can point to")
        if kind not in (None, "commit") and not ask.hub.refs_take_tags:
            raise _refused("UNPROCESSABLE", f"Invalid object type {kind}, expected commit")
        is_forward = old is None or new == ZERO or gitdata.is_ancestor(ask.hub.remote, old, new)
        if not is_forced and not is_forward:
            raise _refused("UNPROCESSABLE", f"{name} is not a fast forward")
        try:
            enforcement.check_update(ask.hub, ask.who, name, old, None if new == ZERO else new)
        except Refused as refused:
            kind_of_refusal = "FORBIDDEN" if refused.answer.status == 403 else "UNPROCESSABLE"
            raise _refused(kind_of_refusal, str(refused)) from None
