"""What a person's own clone says about itself; its configuration is read, nothing in it is run."""

from pathlib import Path

from git import Repo
from git.exc import GitError


def origin_of(folder: Path) -> str | None:
    """The address that the clone at that folder calls its origin; None where there is none."""
    try:
        with Repo(folder) as clone, clone.config_reader() as config:
            return str(config.get_value('remote "origin"', "url", "")) or None
    except (GitError, OSError, ValueError):
        return None
