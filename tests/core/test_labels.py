"""Labels: what is left out, and where the rest goes, as GitHub's release.yml has it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.hosting import Pull
from bot.core.labels import Category, Exclusion, LabelRules, category_of, is_left_out, rules, rules_from
from bot.core.plainyaml import read_yaml

FILE = b"""
changelog:
  exclude:
    labels: [ignore-for-release]
    authors: ["octocat", "dependabot[bot]"]
  categories:
    - title: Features
      labels: [Semver-Minor, enhancement]
      exclude:
        labels: [internal]
        authors: [renovate]
    - title: Other
      labels: ["*"]
"""


def pull(*labels, author="ada"):
    return Pull(1, "a title", labels, author)


def title_of(found):
    return found and found.title


@pytest.fixture
def read():
    return rules_from(read_yaml(FILE))


@pytest.mark.parametrize(
    ("given", "title"),
    [
        (pull("enhancement"), "Features"),
        (pull("bug", "SEMVER-MINOR"), "Features"),
        (pull("enhancement", "internal"), "Other"),
        (pull("enhancement", author="renovate[bot]"), "Other"),
        (pull("bug"), "Other"),
        (pull(), "Other"),
        (pull("enhancement", author=None), "Features"),
    ],
)
def test_the_first_category_that_fits_takes_it(read, given, title):
    assert title_of(category_of(read.categories, given)) == title


@pytest.mark.parametrize(
    ("given", "gone"),
    [
        (pull("Ignore-For-Release"), True),
        (pull("bug", author="Octocat"), True),
        (pull("bug", author="dependabot"), True),
        (pull("bug", author=None), False),
        (pull("ignore"), False),
        (pull(), False),
    ],
)
def test_labels_and_accounts_are_left_out_in_any_case_and_with_either_name_of_a_bot(read, given, gone):
    assert is_left_out(read.exclude, given) is gone


def test_without_a_catch_all_what_fits_nowhere_has_no_category():
    made = rules(categories=[("UI", ["ui"])])

    assert title_of(category_of(made.categories, pull("UI "))) == "UI"
    assert category_of(made.categories, pull("api")) is None


def test_the_two_ways_to_say_the_same_come_to_the_same():
    document = {"changelog": {"exclude": {"labels": ["a"]}, "categories": [{"title": "B", "labels": ["c", "D"]}]}}

    assert rules_from(document) == rules(exclude=["A"], categories=[("B", ["C", "d"])])
    assert rules() == LabelRules() == rules_from({"changelog": {}}) == rules_from(None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"- a", "the file is no table"),
        (b"changelog: a", "changelog is no table"),
        (b"changelog: {exclude: [a]}", "changelog.exclude is no table"),
        (b"changelog: {exclude: {labels: a}}", "changelog.exclude.labels is no list"),
        (b"changelog: {exclude: {labels: [1]}}", "changelog.exclude.labels[0] is no text"),
        (b"changelog: {exclude: {authors: [a, ' ']}}", "changelog.exclude.authors[1] is no text"),
        (b"changelog: {categories: {a: b}}", "changelog.categories is no list"),
        (b"changelog: {categories: [a]}", "changelog.categories[0] is no table"),
        (b"changelog: {categories: [{labels: [a]}]}", "changelog.categories[0].title is no text"),
        (b"changelog: {categories: [{title: on, labels: [a]}]}", "changelog.categories[0].title is no text"),
        (b"changelog: {categories: [{title: A}]}", "changelog.categories[0].labels names no label"),
        (b"changelog: {categories: [{title: A, labels: [a], exclude: b}]}", "changelog.categories[0].exclude is no"),
        (b"changelog: {categories: [{title: " + b"A" * 101 + b", labels: [a]}]}", "longer than 100 characters"),
        (b"changelog: {categories: [" + b"{title: A, labels: [a]}," * 31 + b"]}", "has more than 30 entries"),
        (b"changelog: {exclude: {labels: [" + b"a," * 201 + b"]}}", "has more than 200 entries"),
    ],
)
def test_whatever_has_another_type_is_named_with_its_place(content, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        rules_from(read_yaml(content))


def test_keys_that_are_not_known_yet_do_no_harm():
    assert rules_from(read_yaml(b"changelog: {later: 1, exclude: {labels: [a], teams: [b]}}\nother: 2")) == rules(
        exclude=["a"]
    )


WORDS = st.sampled_from(["a", "A", "b", "*", "x[bot]"]) | st.text(max_size=8)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["changelog", "exclude", "categories", "labels", "authors", "title"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(TREES)
def test_any_document_is_rules_or_a_sentence(document):
    try:
        made = rules_from(document)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - there may be none
    else:
        assert isinstance(made, LabelRules)
        assert all(category.labels and category.title for category in made.categories)


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4), WORDS | st.none())
def test_the_order_of_labels_decides_nothing(labels, named, author):
    exclusion = Exclusion(rules(exclude=named).exclude.labels)
    categories = (Category("c", rules(exclude=named).exclude.labels),)
    one, other = Pull(1, "", tuple(labels), author), Pull(1, "", tuple(reversed(labels)), author)

    assert is_left_out(exclusion, one) == is_left_out(exclusion, other)
    assert category_of(categories, one) == category_of(categories, other)
