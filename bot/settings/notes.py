"""The release notes: their title, and what labels of pull requests do to them."""

from typing import Annotated, Any, Final

from pydantic import Field

from bot.core.labels import LONGEST, MOST_CATEGORIES, LabelRules, rules
from bot.settings import kinds
from bot.settings.leaf import Leaf
from bot.settings.table import Table
from bot.settings.words import quote, wrong_type

Categories = tuple[tuple[str, tuple[str, ...]], ...]


def _short(value: Any) -> str:
    text = kinds.text_of(value)
    if len(text) > LONGEST:
        raise ValueError(f"{quote(text)} is longer than {LONGEST} characters")
    return text


def _labels(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise wrong_type(value, "a list")
    if not value:
        raise ValueError("is empty")
    labels = tuple(map(_short, value))
    if len({label.strip().casefold() for label in labels}) < len(labels):
        raise ValueError("names a label twice")
    return labels


def _categories(value: Any) -> Categories:
    if not isinstance(value, dict):
        raise wrong_type(value, "a table")
    if not value:
        raise ValueError("is empty")
    if len(value) > MOST_CATEGORIES:
        raise ValueError(f"has more than {MOST_CATEGORIES} categories")
    return tuple((_short(title), _of_category(title, labels)) for title, labels in value.items())


def _of_category(title: str, labels: Any) -> tuple[str, ...]:
    try:
        return _labels(labels)
    except ValueError as error:
        raise ValueError(f"under {quote(title)}, {error}") from None


_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST}
_LIST: Final = {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}
_LABELS: Final = Leaf(_labels, "a list of labels, each once; their case does not matter", _LIST, list)
_BY_LABEL: Final = Leaf(
    _categories,
    'titles, each with a list of labels; "*" stands for every label and for none',
    {"type": "object", "additionalProperties": _LIST, "minProperties": 1, "maxProperties": MOST_CATEGORIES},
    lambda categories: {title: list(labels) for title, labels in categories},
)


class Notes(Table):
    """The release notes.

    Labels are those of pull requests, as the host tells them. Where neither key about them is set, the
    `.github/release.yml` of the target branch counts as it does on GitHub (`changelog.exclude`,
    `changelog.categories`); where one is, that file is not read. What breaks always comes first, and is never left out.
    """

    title: Annotated[str, kinds.TITLE] = Field(
        "Nightly Release: {date}", description="The title of release notes and tag.", examples=["Release {tag}"]
    )
    exclude_labels: Annotated[tuple[str, ...] | None, _LABELS] = Field(
        None,
        description="Pull requests with any of these labels are left out, and counted.",
        examples=[["ignore-for-release"]],
    )
    categories: Annotated[Categories | None, _BY_LABEL] = Field(
        None,
        description="Sections by label, in this order; the first that fits takes a pull request. What fits none is "
        "grouped by the type of its commit.",
        examples=[{"Shop front": ["ui", "cart"], "Dependencies": ["dependencies"]}],
    )

    @property
    def label_rules(self) -> LabelRules | None:
        """What both keys come to, None where neither is set."""
        if self.exclude_labels is None and self.categories is None:
            return None
        return rules(exclude=self.exclude_labels or (), categories=self.categories or ())
