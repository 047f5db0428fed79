"""Nights over repositories that are as hostile as git lets them be: what lands is right, what is said is inert."""

import json
import os
import sqlite3

import pytest
from support import inert
from support.fakes import Shop
from support.hostile_texts import NAMED
from support.hotfixes import cut_hotfix, ship
from support.people import PushLog
from support.rollbacks import rolled_back
from support.stories import back_merge, briefly
from support.worldcopies import copy_world

from bot.core.record import Outcome
from bot.errors import BotError
from bot.flows.request import NoPoints
from bot.render.report import ReportFormat, Reports, render

MAIN, STAGING = "refs/heads/main", "refs/heads/staging"
WHEN = "1700000000 +0000"
OURS = "https://github.com/acme/shop"


@pytest.fixture
def whole_shop(tmp_path, monkeypatch):
    """A shop whose nights measure much, and report all of it."""
    monkeypatch.chdir(tmp_path)
    made = Shop(tmp_path / "shop")
    yield made
    made.history.close()
    # Nobody's text was run, and nothing was written where nobody asked for it.
    assert not os.path.exists("/tmp/owned")  # noqa: PTH110 - a plain question
    assert [each.name for each in tmp_path.iterdir()] == ["shop"]


@pytest.fixture
def shop(whole_shop):
    """One whose nights are about their commits alone."""
    return briefly(whole_shop)


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "shop").mkdir()


@pytest.fixture(scope="module")
def fetched(tmp_path_factory):
    """What a shop has once it has fetched; nobody may change it."""
    made = Shop(tmp_path_factory.mktemp("fetched"))
    made.repository.fetch()
    made.history.close()
    return made.folder


def commit_of(shop, message, author=b"Ada", more=b""):
    """A commit object byte for byte on staging."""
    parent = shop.remote.sha(STAGING)
    tree = shop.remote.git("rev-parse", f"{STAGING}^{{tree}}")
    head = f"tree {tree}\nparent {parent}\n".encode()
    who = author.translate(None, b"<>\n\0") + b" <a@example.com> " + WHEN.encode()
    people = b"author " + who + b"\ncommitter " + who + b"\n"
    return shop.remote.raw_commit("staging", head + people + more + b"\n" + message)


def everything_written(shop):
    """Every file of the installation's runs, by name."""
    return {path.name: path for path in (shop.folder / "state" / "runs").rglob("*") if path.is_file()}


def assert_inert(shop, record):
    """All that the night left for people to see."""
    written = everything_written(shop)
    inert.markdown(written["report.md"].read_text(), ours=OURS)
    inert.markdown(written["notes.md"].read_text(), ours=OURS)
    inert.page(written["report.html"].read_text())
    inert.suite(written["junit.xml"].read_text())
    inert.document(written["run.json"].read_text())
    for line in written["journal.ndjson"].read_text().splitlines():
        inert.ledger_line(line)
    inert.terminal(render(record, ReportFormat.TERMINAL))
    tag = shop.remote.git("cat-file", "tag", record.promotion.tag_oid).partition("\n\n")[2]
    inert.tag_text(tag, 3)
    note = shop.remote.git("notes", "--ref=promotions", "show", record.promotion.target_after)
    inert.ledger_line(note)
    inert.no_controls(shop.remote.git("log", "--format=%B%an%ae", "refs/notes/promotions"))
    for name, detail in shop.watcher.steps:
        inert.no_controls(name + detail, but="")


def promoted(shop):
    tested = shop.remote.sha(STAGING)
    record = shop.run(reporter=Reports())
    assert record.outcome is Outcome.PROMOTED, record.reason
    assert shop.remote.sha(MAIN) == tested
    return record


def test_every_hostile_text_as_message_and_as_author_in_one_night(whole_shop):
    shop = whole_shop
    for text in NAMED.values():
        content = text.encode("utf-8", "surrogatepass").replace(b"\0", b"")
        commit_of(shop, content, author=content[:200] or b"x")

    record = promoted(shop)

    assert len(record.candidate.commits) == len(NAMED) + 3
    assert_inert(shop, record)


@pytest.mark.parametrize(
    ("message", "more"),
    [
        (b"\xff\xfe\x80 not utf-8 \xe9\n", b""),
        ("größer".encode("latin-1"), b"encoding latin-1\n"),
        (b"x \x1b$B!!\x1b(B y", b"encoding iso-2022-jp\n"),
        (b"x", b"encoding no-such-thing\x1b[31m\n"),
        (b"x", b"gpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n"),
        (b"x", b"mergetag object " + b"0" * 40 + b"\n type commit\n"),
        (b"", b""),
    ],
)
def test_encodings_and_headers_that_lie(shop, message, more):
    commit_of(shop, message, author=b"\xffAda\xe9", more=more)

    assert_inert(shop, promoted(shop))


def test_a_message_of_twenty_megabytes(shop):
    commit_of(shop, b"feat: @ada #1 " + b"fixes #12 \x1b[31m " * 1_250_000)

    record = promoted(shop)

    assert_inert(shop, record)
    sizes = {name: path.stat().st_size for name, path in everything_written(shop).items()}
    assert max(size for name, size in sizes.items() if name != "run.json") < 1_000_000
    assert len(shop.remote.git("cat-file", "tag", record.promotion.tag_oid)) < 100_000


@pytest.mark.parametrize(
    "ref",
    [
        "refs/tags/staging",
        "refs/tags/main",
        "refs/tags/HEAD",
        "refs/tags/heads/staging",
        "refs/tags/refs/heads/staging",
        "refs/heads/HEAD",
        "refs/heads/refs/heads/staging",
        "refs/heads/-x",
        "refs/heads/tags/staging",
        "refs/remotes/staging",
        "refs/remote/source",
        "refs/staging",
        "refs/original/refs/heads/staging",
        "refs/bisect/bad",
        "refs/tags/release/20261121-020000",
        "refs/tags/release/not-a-date",
        "refs/tags/release/\u202e20261121",
        "refs/notes/promotions-evil",
        "refs/notes/commits",
    ],
)
def test_a_ref_that_could_be_taken_for_another_changes_nothing(shop, ref):
    elsewhere = shop.remote.commit("elsewhere", "evil")
    shop.remote.git("update-ref", "--no-deref", ref, elsewhere)

    assert_inert(shop, promoted(shop))
    assert shop.remote.sha(ref) == elsewhere


@pytest.mark.parametrize("name", ["refs/heads/main", "refs/notes/promotions"])
def test_a_branch_whose_name_makes_git_refuse_to_push_is_named_and_nothing_is_written(shop, name):
    shop.remote.set("refs/notes/promotions", shop.run().promotion.ledger_oid)
    shop.remote.commit("staging", "feat: more")
    shop.remote.set(f"refs/heads/{name}", shop.remote.sha(MAIN))
    before = shop.remote.refs()

    record = shop.run()

    assert record.reason_code == "push-rejected"
    assert f"{name} matches more than one" in record.reason
    assert shop.remote.refs() == before


def shipping(shop):
    cut_hotfix(shop.remote)
    return ship(shop)


def merging_back(shop):
    return back_merge(shop, NoPoints())


@pytest.mark.parametrize("act", [Shop.run, shipping, merging_back, rolled_back])
def test_a_staging_without_any_history_of_main_is_refused_with_what_to_do(shop, act):
    promoted(shop)
    shop.remote.commit("staging", "feat: more")
    promoted(shop)
    shop.remote.delete(STAGING)
    shop.remote.commit("staging", "feat: from nowhere", files={"x": "x\n"})
    before = shop.remote.refs()

    record = act(shop)

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "not-fast-forward"), record.reason
    assert record.action
    assert {ref: sha for ref, sha in shop.remote.refs().items() if "hotfix" not in ref} == before


def test_replace_refs_on_the_remote_are_never_believed(shop):
    good, evil = shop.remote.sha(STAGING), shop.remote.commit("evil", "evil")
    shop.remote.git("replace", good, evil)
    shop.remote.git("replace", shop.remote.sha(MAIN), evil)

    record = promoted(shop)

    assert record.promotion.target_after == good


@pytest.mark.parametrize("way", ["replace", "grafts", "shallow", "alternates"])
def test_a_cache_that_was_tampered_with_lands_nothing_that_is_wrong(shop, way):
    """A graft would make main an ancestor of a staging that left it."""
    shop.repository.fetch()
    before_main = shop.remote.commit("main", "fix: only here")
    shop.repository.fetch()
    cache, staging = shop.folder / "state" / "cache.git", shop.remote.sha(STAGING)
    if way == "replace":
        (cache / "refs/replace").mkdir(parents=True, exist_ok=True)
        (cache / "refs/replace" / staging).write_text(before_main + "\n")
    elif way == "grafts":
        (cache / "info").mkdir(exist_ok=True)
        (cache / "info/grafts").write_text(f"{staging} {before_main}\n")
    elif way == "shallow":
        (cache / "shallow").write_text(f"{staging}\n")
    else:
        (cache / "objects/info/alternates").write_text(str(shop.remote.path / "objects") + "\n")
    before, log = shop.remote.refs(), PushLog(shop.remote)

    record = shop.run()

    assert record.outcome in (Outcome.REFUSED, Outcome.ERROR)
    assert shop.remote.refs() == before
    assert log.all() == ()


@pytest.mark.parametrize("name", NAMED)
def test_a_hostile_name_reaches_git_as_no_option_and_resolves_to_nothing(fetched, shop, name):
    copy_world(fetched / "state", shop.folder / "state")
    text = NAMED[name]

    assert shop.repository.resolve(text) is None
    try:
        found = shop.repository.branch_tip(text)
    except BotError as error:
        found = None
        inert.no_controls(error.sentence, but="")
    assert found is None


def test_the_database_holds_texts_as_data(shop):
    commit_of(shop, NAMED["a database"].encode())
    promoted(shop)

    found = [*(shop.folder / "state").glob("*.db"), *(shop.folder / "state").glob("*.sqlite*")]
    with sqlite3.connect(found[0]) as database:
        assert json.dumps(database.execute("select count(*) from runs").fetchone()) == "[1]"
    database.close()
