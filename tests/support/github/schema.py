"""A slice of GitHub's GraphQL schema: the types that the fake models, with everything that they take.

The whole takes seconds to build. What is valid by the slice is valid by the whole as well; a document that is not asks
for something that GitHub does not have, or for a type that is to be added here and in the resolvers.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from graphql import GraphQLSchema, build_ast_schema, parse
from graphql.language import (
    DefinitionNode,
    DocumentNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
)
from support.nodes import MODULES

_PATH: Final = MODULES / "@octokit/graphql-schema/schema.graphql"
# What a composite type has fields of these types is in the slice; all inputs, enums and scalars come along.
_MODELLED: Final = frozenset(
    {
        "Actor", "Blob", "Bot", "Commit", "GitActor", "GitObject", "Label", "LabelConnection", "LabelEdge", "Mutation",
        "Node", "PageInfo", "PullRequest", "PullRequestConnection", "PullRequestEdge", "Query", "RateLimit", "Ref",
        "Repository", "Tag", "Tree", "UpdateRefsPayload", "User",
    }
)  # fmt: skip
_WORDS: Final = re.compile(r'^ *"""\n.*?^ *"""\n', re.MULTILINE | re.DOTALL)
_DEFINITION: Final = re.compile(
    r"^(?P<kind>type|interface|union|input|enum|scalar|directive) @?(?P<name>\w+).*?(?=\n+[a-z]|\s*\Z)",
    re.MULTILINE | re.DOTALL,
)
_COMPOSITE: Final = ("type", "interface", "union")


@functools.cache
def sliced() -> GraphQLSchema:
    """The types that the fake models, with those of their fields that lead to nothing else (0.2 s)."""
    texts = _definitions()
    parsed = {name: _narrowed(_parse(texts[name][1]), texts) for name in _MODELLED}
    _add_leaves(parsed, texts)
    document = DocumentNode(definitions=tuple(parsed.values()))
    return build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)


def _definitions() -> dict[str, tuple[str, str]]:
    """The kind and the text of each definition, by its name."""
    text = _WORDS.sub("", _PATH.read_text())
    return {found["name"]: (found["kind"], found[0]) for found in _DEFINITION.finditer(text)}


def _parse(text: str) -> DefinitionNode:
    return parse(text, no_location=True).definitions[0]


def _is_in(name: str, texts: dict[str, tuple[str, str]]) -> bool:
    return name in _MODELLED or name not in texts or texts[name][0] not in _COMPOSITE


def _narrowed(node: Any, texts: dict[str, tuple[str, str]]) -> Any:
    """A type without whatever leads to one that is not modelled."""
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=_modelled(node.types))
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        kept = tuple(one for one in node.fields if _is_in(next(_named(one.type)), texts))
        return replace(node, interfaces=_modelled(node.interfaces), fields=kept)
    return node


def _modelled(names: Iterable[Any] | None) -> tuple[Any, ...]:
    return tuple(one for one in names or () if one.name.value in _MODELLED)


def _add_leaves(parsed: dict[str, Any], texts: dict[str, tuple[str, str]]) -> None:
    """Inputs, enums and scalars that anything in the slice names, and what those name."""
    waiting = list(parsed.values())
    while waiting:
        for name in _named(waiting.pop()):
            if name in texts and name not in parsed:
                parsed[name] = _parse(texts[name][1])
                waiting.append(parsed[name])


def _named(node: Any) -> Iterator[str]:
    """The names of the types that a definition mentions."""
    if isinstance(node, NamedTypeNode):
        yield node.name.value
    elif isinstance(node, Node):
        for key in node.keys:
            yield from _named(getattr(node, key, None))
    elif isinstance(node, tuple | list):
        for one in node:
            yield from _named(one)
