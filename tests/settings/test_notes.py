"""[notes]: labels that leave out and group, each mistake with its place, and what it comes to."""

import tomllib

import pytest
from support.configurations import problems_of, settled

from bot.core.labels import LONGEST, MOST_CATEGORIES, rules
from bot.settings import docs, toml


def notes_of(document, tmp_path, **keys):
    return settled(document | {"notes": keys}, tmp_path).notes


def test_without_keys_about_labels_the_repository_s_own_rules_count(document, tmp_path):
    assert settled(document, tmp_path).notes.label_rules is None
    assert notes_of(document, tmp_path, title="x").label_rules is None


def test_either_key_makes_rules_and_the_order_of_categories_is_that_of_the_file(document, tmp_path):
    categories = tomllib.loads('[c]\nZ = ["ui", "Cart"]\n"A shop" = ["*"]\n')["c"]

    assert notes_of(document, tmp_path, exclude_labels=["skip"]).label_rules == rules(exclude=["skip"])
    found = notes_of(document, tmp_path, exclude_labels=["skip"], categories=categories).label_rules
    assert found == rules(exclude=["skip"], categories=[("Z", ["ui", "cart"]), ("A shop", ["*"])])
    assert [category.title for category in found.categories] == ["Z", "A shop"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("exclude_labels", "skip", "a string, not a list"),
        ("exclude_labels", [], "is empty"),
        ("exclude_labels", ["a", 1], "a whole number, not a string"),
        ("exclude_labels", [" "], "is empty"),
        ("exclude_labels", ["a", "A "], "names a label twice"),
        ("exclude_labels", ["x" * (LONGEST + 1)], "longer than 100 characters"),
        ("exclude_labels", ["a\x1b[31m"], "control character"),
        ("categories", ["a"], "a list, not a table"),
        ("categories", {}, "is empty"),
        ("categories", {"A": "a"}, 'under "A", is a string, not a list'),
        ("categories", {"A": []}, 'under "A", is empty'),
        ("categories", {"A": ["a", "a"]}, "names a label twice"),
        ("categories", {" ": ["a"]}, "is empty"),
        ("categories", {"x" * (LONGEST + 1): ["a"]}, "longer than 100 characters"),
        ("categories", {f"{number}": ["a"] for number in range(MOST_CATEGORIES + 1)}, "more than 30 categories"),
        ("exclude_label", ["a"], 'did you mean "exclude_labels"'),
    ],
)
def test_every_mistake_is_named_with_its_place(document, key, value, words):
    ((place, problem),) = problems_of(document | {"notes": {key: value}}).items()

    assert place == f"notes.{key}"
    assert words in problem.wrong


def test_what_is_shown_is_read_back_as_the_same(document, tmp_path):
    document = document | {"notes": {"exclude_labels": ["a"], "categories": {"B c": ["d", "*"], "E": ["f"]}}}
    found = settled(document, tmp_path)
    again = settled(tomllib.loads(toml.dumps(found.model_dump(mode="json", exclude_none=True))), tmp_path)

    assert again.notes == found.notes
    assert list(again.notes.categories) == [("B c", ("d", "*")), ("E", ("f",))]


def test_the_reference_and_the_schema_name_both_keys():
    keys = docs.json_schema()["$defs"]["Notes"]["properties"]

    assert {"title", "exclude_labels", "categories"} == set(keys)
    assert keys["categories"]["additionalProperties"]["type"] == "array"
    assert "`notes.categories`" in docs.reference()
