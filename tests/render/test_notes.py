import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support import inert
from support.history import Story, sha_of, story

from bot.core.enrichment import Extras
from bot.core.hosting import Pull
from bot.core.labels import LONGEST, MOST_CATEGORIES, rules
from bot.core.notes import NotesSubject, TakenBack, build
from bot.core.verdict import Check, Result, Verdict
from bot.render.notes import Heading, render_markdown

SNAPSHOTS = Path(__file__).parent / "snapshots"
SUBJECT = NotesSubject(
    title="Nightly Release: 2026-11-21",
    tip=sha_of("tip"),
    base=sha_of("base"),
    tag="release/20261121-020000",
    date="2026-11-21",
    web_url="https://github.com/acme/shop",
    known_emails=frozenset({"ada@example.com"}),
)
HOSTILE = (
    "feat(<b>x</b>): <script>alert(1)</script> [a](http://e.example) ![b](http://e.example) @torvalds fixes #1, "
    "closes acme/shop#2, GH-3 `code` **bold** | cell | www.e.example \x1b[31mred\u202e deadbeefcafe :tada: {{ 7 * 7 }}"
)


def check(scenario, objective, limit, observed, bounds=(None, None), *, endpoint=None, result=Result.PASS):
    return Check(scenario, endpoint, objective, limit, observed, *bounds, 120_000, result, "a sentence")


NOW = Verdict(
    Result.PASS,
    (
        check("load-1k", "error_rate", "< 2%", 0.0012, (0.0010, 0.0014)),
        check("load-1k", "p95", "< 1.5s", 0.212, (0.210, 0.215)),
        check("load-1k", "p95", "< 1.5s", 0.305, (0.301, 0.309), endpoint="POST /echo"),
        check("soak", "memory_growth", "< 10%", 0.021),
        check("soak", "cpu", "< 70%", None, result=Result.INCONCLUSIVE),
    ),
    "0" * 64,
    "1" * 64,
)
BEFORE = replace(
    NOW,
    checks=(
        check("load-1k", "error_rate", "< 2%", 0.0),
        check("load-1k", "p95", "< 1.5s", 0.250),
        check("soak", "memory_growth", "< 10%", 0.014),
    ),
)


def long_story():
    told = Story()
    root = told.add("docs: explain the cart")
    told.add("wip", by="Bo", email="bo@example.com")
    head = told.add("more", by="Cy", email="cy@example.com")
    told.add("feat(cart): keep coupons over a login (#10)", parents=[root])
    told.add("Merge pull request #12 from acme/pay", "fix(pay): round to the cent", parents=[told.tip, head])
    told.add("feat(api)!: drop v1", "BREAKING CHANGE: /v1 answers 410\nBREAKING CHANGE: tokens of v1 are void")
    told.add("perf: index orders", "Co-authored-by: Dee <dee@example.com>")
    told.add("feat: a mistake")
    told.revert(told.tip)
    told.add('Revert "feat: an old thing"', f"This reverts commit {sha_of('an old thing')}.")
    told.add("build(deps): bump x_y", by="dependabot[bot]", email="1+dependabot[bot]@users.noreply.github.com")
    told.add("Say hello to Foo<T>")
    return told


def full(**changes):
    subject = replace(SUBJECT, verdict=NOW, previous=BEFORE, **changes)
    return build(long_story().newest_first(), subject=subject)


def many(count, **changes):
    told = story(*(f"{('feat', 'fix', 'chore')[number % 3]}: change number {number}" for number in range(count)))
    return build(told.newest_first(), subject=replace(SUBJECT, **changes))


def enriched():
    """The long story as a host knows it: accounts, a rebase merge by its title, categories, and one left out."""
    told = long_story()
    one, two = told.add("try this", by="Ada Lovelace"), told.add("try that", by="Bo", email="bo@example.com")
    by_subject = {commit.subject: commit.sha for commit in told.commits}
    pulls = {
        one: Pull(21, "perf(api): answer sooner", ("speed",), "ada-l"),
        two: Pull(21, "perf(api): answer sooner", ("speed",), "ada-l"),
        by_subject["feat(cart): keep coupons over a login (#10)"]: Pull(10, "x", ("UI", "cart"), "Ada Lovelace"),
        by_subject["feat(api)!: drop v1"]: Pull(11, "x", ("ui",), "cy"),
        by_subject["build(deps): bump x_y"]: Pull(12, "x", ("dependencies",), "dependabot"),
        by_subject["Say hello to Foo<T>"]: Pull(13, "x", ("skip",), "eve"),
        by_subject["perf: index orders"]: Pull(14, "x", (), None),
    }
    chosen = rules(exclude=["skip"], categories=[("Shop *front*", ["ui"]), ("Dependencies", ["dependencies"])])
    return build(told.newest_first(), subject=replace(SUBJECT, extras=Extras(pulls, chosen)))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("full", lambda: render_markdown(full())),
        ("enriched", lambda: render_markdown(enriched())),
        ("no-host", lambda: render_markdown(full(web_url=None, tag=None), heading=Heading.OMITTED)),
        ("gitlab", lambda: render_markdown(full(web_url="https://gitlab.com/acme/shop"))),
        ("empty", lambda: render_markdown(build((), subject=SUBJECT))),
        ("cut", lambda: render_markdown(many(60), limit=3000)),
        ("cut-no-host", lambda: render_markdown(many(60, web_url=None), limit=1500)),
        ("hostile", lambda: render_markdown(build(story(HOSTILE, HOSTILE[6:]).newest_first(), subject=SUBJECT))),
    ],
)
def test_notes_read_as_they_always_did(name, text):
    kept = SNAPSHOTS / f"notes-{name}.md"

    assert text() == kept.read_text(encoding="utf-8")


def test_the_same_notes_are_the_same_bytes():
    assert render_markdown(full()) == render_markdown(full())
    assert render_markdown(full(), limit=4000) == render_markdown(full(), limit=4000)


def test_a_template_in_a_commit_is_never_run():
    text = render_markdown(build(story("feat: {{ 7 }} {% raw %}").newest_first(), subject=SUBJECT))

    assert "- {{ 7 }} {% raw %} (" in text


@pytest.mark.parametrize("limit", [1500, 2000, 5000, 125_000])
def test_what_is_too_long_is_cut_between_entries_and_counted(limit):
    notes = many(3000)
    text = render_markdown(notes, limit=limit)

    rows = re.findall(r"^- change number \d+ \(.*\) by Ada Lovelace$", text, re.MULTILINE)
    hidden = [int(number) for number in re.findall(r"^- … and (\d+) more$", text, re.MULTILINE)]

    assert len(text) <= limit
    assert text.count("change number") == len(rows)
    assert len(rows) + sum(hidden) == 3000
    assert f"https://github.com/acme/shop/compare/{SUBJECT.base}...{SUBJECT.tip}" in text


def test_a_limit_is_used_well():
    assert len(render_markdown(many(3000), limit=60_000)) > 59_800


def test_what_fits_is_not_cut():
    whole = render_markdown(full())

    assert render_markdown(full(), limit=2 * len(whole)) == whole


@given(st.integers(1, 9000), st.integers(0, 40), st.booleans(), st.text(max_size=300))
@settings(max_examples=60)
def test_no_limit_is_ever_exceeded(limit, count, measured, subject):
    told = story(*[subject, HOSTILE] * count)
    notes = build(told.newest_first(), subject=replace(SUBJECT, verdict=NOW if measured else None, previous=BEFORE))

    try:
        assert len(render_markdown(notes, limit=limit)) <= limit
    except ValueError:
        assert limit < 2000


def test_even_the_longest_frame_fits_into_what_is_promised():
    types = ["feat", "fix", "perf", "security", "revert", "docs", "refactor", "test", "ci", "chore"]
    told = story("feat!: x", "other", *(f"{name}: x" for name in types))
    subject = replace(SUBJECT, title="<" * 900, tag="<" * 900, date="<" * 900, verdict=NOW, previous=BEFORE)
    subject = replace(subject, web_url="https://github.com/" + "a" * 130 + "/" + "b" * 130)

    assert len(render_markdown(build(told.newest_first(), subject=subject), limit=5000)) <= 5000


def test_even_the_longest_categories_fit_into_what_is_promised():
    names = [f"{number:02}" + "$" * LONGEST for number in range(MOST_CATEGORIES)]
    told = story(*("x" for _ in names))
    pulls = {
        one.sha: Pull(at, "x", (name,), "$" * 500)
        for at, (one, name) in enumerate(zip(told.commits, names, strict=True))
    }
    extras = Extras(pulls, rules(categories=[(name, [name]) for name in names]))
    notes = build(told.newest_first(), subject=replace(SUBJECT, extras=extras))

    assert len(notes.sections) == MOST_CATEGORIES
    assert len(render_markdown(notes, limit=40_000)) <= 40_000


@pytest.mark.parametrize("account", ["@torvalds", "a [b](http://e.example)", "<b>", "x\n# y", "\x1b[31m", "#1"])
def test_an_account_is_a_name_and_no_mention(account):
    told = story("feat: x")
    extras = Extras({told.tip: Pull(1, "x", (), account)})
    text = render_markdown(build(told.newest_first(), subject=replace(SUBJECT, extras=extras)))

    inert.markdown(text)
    assert re.search(r"^- x \(.*\) by (?:\S.* \(Ada Lovelace\)|Ada Lovelace)$", text, re.MULTILINE)


def test_a_limit_that_holds_nothing_is_refused():
    with pytest.raises(ValueError, match="10 characters"):
        render_markdown(full(), limit=10)


def test_no_address_of_a_person_gets_out():
    told = long_story()
    told.add("feat: x", by="eve@example.com", email="eve@example.com")

    assert "@" not in render_markdown(build(told.newest_first(), subject=SUBJECT))


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=60), st.text(max_size=20)), max_size=4))
@settings(max_examples=60)
def test_only_our_own_links_and_no_html_come_out_of_any_history(messages):
    told = Story()
    for subject, body, name in messages:
        told.add(f"{subject} [x](http://e.example) <b>", f"BREAKING CHANGE: {body} ![y](http://e.example)", by=name)
    tokens = (
        MarkdownIt("commonmark").enable("table").parse(render_markdown(build(told.newest_first(), subject=SUBJECT)))
    )
    inline = [child for token in tokens for child in token.children or ()]

    links = [token.attrs["href"] for token in inline if token.type == "link_open"]
    assert all(link.startswith("https://github.com/acme/shop/") for link in links)
    assert not [token for token in [*tokens, *inline] if token.type in ("image", "html_inline", "html_block")]
    assert sum(token.type == "list_item_open" for token in tokens) >= len(messages)


def test_notes_of_a_rollback_say_first_what_was_restored_and_why():
    back = TakenBack("release/20261119-020000", "the checkout answers 500")
    text = render_markdown(build(story("feat: the cart").newest_first(), subject=replace(SUBJECT, taken_back=back)))
    lead = next(line for line in text.splitlines() if line.startswith("**Taken back:**"))
    assert "`release/20261119-020000`" in lead
    assert lead.endswith("Why: the checkout answers 500")
    assert text.index(lead) < text.index("## Features")


def test_the_reason_of_a_rollback_is_text_and_nothing_else():
    back = TakenBack("release/`x`\n# y", HOSTILE + "\n\n# heading")
    told = build(story("feat: x").newest_first(), subject=replace(SUBJECT, taken_back=back))
    text = render_markdown(told)
    html = MarkdownIt("commonmark").render(text.partition("## Features")[0])
    assert html.count("<h") == 1
    for forbidden in ("<script", "<b>", "<img", 'e.example"', "\x1b", "\u202e"):
        assert forbidden not in html
    for alive in ("@torvalds", "fixes #1", "closes acme/shop#2"):
        assert alive not in text
    assert len(render_markdown(told, limit=5000)) <= 5000
