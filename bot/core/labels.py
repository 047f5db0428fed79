"""What labels of pull requests do to release notes: leave entries out, and group them; as GitHub's release.yml says.

The shapes and their meaning are those that GitHub documents for `.github/release.yml`: `changelog.exclude` and
`changelog.categories`, each with `labels` and `authors`. Labels and accounts are compared without regard to case, as
the host does; `*` stands for every label, and qualifies also what has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bot.core.hosting import Pull

EVERY: Final = "*"
MOST_CATEGORIES: Final = 30
LONGEST: Final = 100
_MOST: Final = 200
_BOT: Final = "[bot]"

Path: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Labels and accounts whose pull requests are left out, in lower case."""

    labels: frozenset[str] = frozenset()
    authors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Category:
    """A section of the notes by labels (lower case, never empty); `title` is raw."""

    title: str
    labels: frozenset[str]
    exclude: Exclusion = Exclusion()


@dataclass(frozen=True, slots=True)
class LabelRules:
    """What is left out, and the sections by labels: the first that fits takes an entry."""

    exclude: Exclusion = Exclusion()
    categories: tuple[Category, ...] = ()


NO_RULES: Final = LabelRules()


def rules(*, exclude: Iterable[str] = (), categories: Iterable[tuple[str, Iterable[str]]] = ()) -> LabelRules:
    """Rules from labels to leave out, and titles with their labels, in order."""
    return LabelRules(
        Exclusion(_folded(exclude)), tuple(Category(title, _folded(labels)) for title, labels in categories)
    )


def is_left_out(exclusion: Exclusion, pull: Pull) -> bool:
    """Whether one of its labels, or its author, is named there."""
    author = pull.author is not None and _account(pull.author) in exclusion.authors
    return author or EVERY in exclusion.labels or not exclusion.labels.isdisjoint(_folded(pull.labels))


def category_of(categories: Iterable[Category], pull: Pull) -> Category | None:
    """The first category that one of its labels qualifies it for and that does not leave it out."""
    own = _folded(pull.labels)
    for category in categories:
        is_fit = EVERY in category.labels or not category.labels.isdisjoint(own)
        if is_fit and not is_left_out(category.exclude, pull):
            return category
    return None


def rules_from(document: Any) -> LabelRules:
    """The rules of a release.yml that was read already; keys that GitHub may add later are passed over.

    Raises:
        ValueError: something in it has another type or length; says what and where.
    """
    changelog = _table(document, "the file").get("changelog")
    inside = _table(changelog, "changelog")
    listed = _list(inside.get("categories"), "changelog.categories", MOST_CATEGORIES)
    categories = (_category(each, f"changelog.categories[{place}]") for place, each in enumerate(listed))
    return LabelRules(_exclusion(inside.get("exclude"), "changelog.exclude"), tuple(categories))


def _category(value: Any, where: Path) -> Category:
    table = _table(value, where)
    title, labels = _text(table.get("title"), f"{where}.title"), _texts(table.get("labels"), f"{where}.labels")
    if not labels:
        raise ValueError(f"{where}.labels names no label")
    return Category(title, _folded(labels), _exclusion(table.get("exclude"), f"{where}.exclude"))


def _exclusion(value: Any, where: Path) -> Exclusion:
    if value is None:
        return Exclusion()
    table = _table(value, where)
    authors = _texts(table.get("authors"), f"{where}.authors")
    return Exclusion(_folded(_texts(table.get("labels"), f"{where}.labels")), frozenset(map(_account, authors)))


def _table(value: Any, where: Path) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{where} is no table")  # noqa: TRY004 - one error type, see rules_from
    return value


def _list(value: Any, where: Path, most: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{where} is no list")  # noqa: TRY004 - one error type, see rules_from
    if len(value) > most:
        raise ValueError(f"{where} has more than {most} entries")
    return value


def _texts(value: Any, where: Path) -> list[str]:
    return [_text(each, f"{where}[{place}]") for place, each in enumerate(_list(value, where, _MOST))]


def _text(value: Any, where: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{where} is no text")
    if len(value) > LONGEST:
        raise ValueError(f"{where} is longer than {LONGEST} characters")
    return value.strip()


def _folded(labels: Iterable[str]) -> frozenset[str]:
    return frozenset(label.strip().casefold() for label in labels)


def _account(name: str) -> str:
    """A login as it is compared: GitHub's two interfaces disagree on whether `[bot]` is a part of it."""
    return name.strip().casefold().removesuffix(_BOT)
