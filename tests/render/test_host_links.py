"""Where a page on a host leads: to pages of the repository, and nowhere else."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile_texts import NAMED
from support.records import hotfix

from bot.core.links import web_repository
from bot.render.host_links import commit_url, evidence_url, release_url
from bot.render.host_text import address, linked
from bot.render.templating import code

SHOP = "https://github.com/acme/shop"
TAG = "release/20261121-022104"


def of(**changes):
    record = hotfix()
    return dataclasses.replace(record, promotion=dataclasses.replace(record.promotion, **changes))


@pytest.mark.parametrize(
    ("page", "release"),
    [
        (SHOP, f"{SHOP}/releases/tag/{TAG}"),
        ("https://gitlab.com/acme/shop", f"https://gitlab.com/acme/shop/-/releases/{TAG}"),
        ("https://codeberg.org/acme/shop", f"https://codeberg.org/acme/shop/releases/tag/{TAG}"),
        ("https://bitbucket.org/acme/shop", None),
    ],
)
def test_each_host_has_its_own_page_for_a_release(page, release):
    assert web_repository(page).release(TAG) == release


@pytest.mark.parametrize("tag", ["", "../../evil", "a b", "v1)[x](http://e", "-x", "v1\n", *NAMED.values()])
def test_what_is_no_plain_tag_has_no_page(tag):
    assert web_repository(SHOP).release(tag) is None
    assert release_url(of(tag=tag)) is None


def test_the_evidence_is_the_run_else_the_release_else_the_commit():
    record = hotfix()
    bare = dataclasses.replace(record, promotion=None)

    assert evidence_url(record, f"{SHOP}/actions/runs/7") == f"{SHOP}/actions/runs/7"
    assert evidence_url(record, None) == f"{SHOP}/releases/tag/{TAG}"
    assert evidence_url(bare, None) == f"{SHOP}/commit/{record.candidate.sha}"
    assert evidence_url(dataclasses.replace(bare, candidate=None), None) is None


@pytest.mark.parametrize("sha", ["", "abc", "g" * 40, "A" * 40, *NAMED.values()])
def test_what_is_no_full_id_has_no_page(sha):
    assert commit_url(hotfix(), sha) is None


@given(st.sampled_from(list(NAMED.values())) | st.text())
def test_an_address_ends_no_link_and_is_none_of_a_script(text):
    for url in (text, f"https://{text}", f"https://x/{text}"):
        found = address(url)
        assert found is None or (found.startswith(("http://", "https://")) and not set(found) & set(" ()[]<>\"'`\\\n"))
        assert linked(code("x"), url) in ("`x`", f"[`x`]({url})")
