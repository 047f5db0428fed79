"""Names of branches and tags by git's own rules (git-check-ref-format), without git."""

import re
from typing import Final

from bot.settings.words import quote

_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]")
_LONGEST: Final = 200

BRANCH_FORM: Final = 'a branch name that git accepts, such as "staging" or "team/staging"'
TAG_PREFIX_FORM: Final = 'the beginning of a tag name that git accepts, such as "release/" or "v"'


def ref_trouble(name: str) -> str | None:
    """What git would refuse about `refs/heads/<name>` or `refs/tags/<name>`, or None when it accepts the name.

    Rules: git-check-ref-format(1), and no leading dash, as `git check-ref-format --branch` has it.
    """
    rules = (
        (not name, "is empty"),
        (len(name.encode("utf-8", "replace")) > _LONGEST, f"is longer than {_LONGEST} bytes"),
        (_FORBIDDEN.search(name) is not None, r"holds a blank, a control character or one of ~^:?*[\ "),
        (name.startswith("-"), "begins with a dash"),
        (name.startswith("/") or name.endswith("/") or "//" in name, "has an empty part beside a slash"),
        (".." in name, 'holds ".."'),
        ("@{" in name or name == "@", 'holds "@{" or is "@"'),
        (name.endswith("."), "ends with a dot"),
        (any(part.startswith(".") for part in name.split("/")), "has a part that begins with a dot"),
        (any(part.endswith(".lock") for part in name.split("/")), 'has a part that ends with ".lock"'),
    )
    return next((words.strip() for broken, words in rules if broken), None)


def check_branch(name: str) -> str:
    """The name, or ValueError saying what git would refuse about it."""
    if name.startswith("refs/"):
        raise ValueError('write the branch name alone, without "refs/heads/"')
    if name == "HEAD":
        raise ValueError('"HEAD" is not a branch')
    trouble = ref_trouble(name)
    if trouble:
        raise ValueError(f"{quote(name)} {trouble}")
    return name


def check_tag_prefix(prefix: str) -> str:
    """The prefix, or ValueError: prefix and time together must be a tag name."""
    trouble = ref_trouble(f"{prefix}20260101-000000")
    if trouble:
        raise ValueError(f"{quote(prefix)} followed by a time {trouble}")
    return prefix
