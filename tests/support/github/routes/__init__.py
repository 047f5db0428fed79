"""What the fake answers, one module an area; importing them fills the table of routes."""

from support.github.routes import (
    actions,
    apps,
    checks,
    commits,
    contents,
    deployments,
    environments,
    issues,
    labels,
    pulls,
    refs,
    releases,
    repos,
    rules,
    statuses,
)

__all__ = [
    "actions",
    "apps",
    "checks",
    "commits",
    "contents",
    "deployments",
    "environments",
    "issues",
    "labels",
    "pulls",
    "refs",
    "releases",
    "repos",
    "rules",
    "statuses",
]
