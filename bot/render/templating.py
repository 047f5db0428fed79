"""The two Jinja environments of the reports: what a template prints is escaped unless we wrote it ourselves."""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.render.escape import Inert, markdown_inline

_UNUSUAL = re.compile(r"[^\w ./:+=,()-]")


@cache
def markdown_environment() -> Environment:
    """Every printed text goes through `markdown_inline`; the filter `code` makes a code span."""
    environment = Environment(
        loader=PackageLoader("bot.render"),
        autoescape=False,  # noqa: S701 - the output is Markdown: `finalize` escapes for it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_for_markdown,
    )
    environment.filters["code"] = code
    return environment


@cache
def html_environment() -> Environment:
    """Everything printed is escaped for HTML; only `markupsafe.Markup` gets through."""
    return Environment(
        loader=PackageLoader("bot.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def code(text: str) -> Inert:
    """A Markdown code span of a name or an id; whatever no name has becomes a question mark."""
    return Inert(f"`{_UNUSUAL.sub('?', text).strip() or '?'}`")


def _for_markdown(value: Any) -> Any:
    return markdown_inline(value) if isinstance(value, str) and not isinstance(value, Inert) else value
