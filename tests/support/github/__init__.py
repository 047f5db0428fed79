"""A stateful GitHub on loopback, over the refs and commits of a real bare repository.

`with fake_github(tmp_path, remote) as hub:` serves it; at the end every request is known to have been one that GitHub's
own OpenAPI description and GraphQL schema allow, or the test fails.
"""

from support.github.access import TokenKind
from support.github.faults import (
    BAD_GATEWAY,
    CONFLICT,
    ERROR,
    FORBIDDEN_RATE,
    GRAPHQL_ERROR,
    GRAPHQL_LIMIT,
    HALF_UPLOAD,
    HANG,
    HTML_BAD_GATEWAY,
    HTML_OK,
    INVALID,
    LOST,
    PRIMARY_LIMIT,
    RESET,
    SECONDARY_LIMIT,
    TOKEN_EXPIRED,
    TOO_MANY,
    TRUNCATED,
    UNAVAILABLE,
    Fault,
    content_writes,
    stale,
    writes,
)
from support.github.hub import Hub, fake_github
from support.github.world import FakePull

__all__ = [
    "BAD_GATEWAY",
    "CONFLICT",
    "ERROR",
    "FORBIDDEN_RATE",
    "GRAPHQL_ERROR",
    "GRAPHQL_LIMIT",
    "HALF_UPLOAD",
    "HANG",
    "HTML_BAD_GATEWAY",
    "HTML_OK",
    "INVALID",
    "LOST",
    "PRIMARY_LIMIT",
    "RESET",
    "SECONDARY_LIMIT",
    "TOKEN_EXPIRED",
    "TOO_MANY",
    "TRUNCATED",
    "UNAVAILABLE",
    "FakePull",
    "Fault",
    "Hub",
    "TokenKind",
    "content_writes",
    "fake_github",
    "stale",
    "writes",
]
