"""Release notes with a host: asked once and early, the same in the tag and in notes.md, and never a reason to stop."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import inert
from support.canary import CANARY
from support.fakes import Instead, broken
from support.github import BAD_GATEWAY, fake_github
from support.hostile_texts import NAMED
from support.scripted import HandClock

from bot.adapters.github.client import Client
from bot.adapters.github.host import GitHubHost
from bot.adapters.github.login import TokenLogin
from bot.adapters.probes.bearer import Bearer
from bot.core.hosting import Pull
from bot.core.labels import rules
from bot.core.record import Outcome, RunKind
from bot.errors import Reason
from bot.flows.enrich import RULE_FILES
from bot.flows.nohost import NoHost
from bot.flows.promote import promote
from bot.flows.range_notes import Range, Sources, notes_of
from bot.flows.request import Effect
from bot.render.notes import render_markdown

WEB = "https://github.com/acme/shop"
RULES = """
changelog:
  exclude:
    labels: [skip]
  categories:
    - title: Shop front
      labels: [ui]
"""


class Answering(NoHost):
    """Knows pull requests, and how often somebody asked."""

    name = "GitHub"

    def __init__(self, known, then=lambda: None):
        self.known = known
        self.then = then
        self.asked = []

    def pulls(self, shas):
        self.asked.append(tuple(shas))
        self.then()
        return {sha: self.known[sha] for sha in shas if sha in self.known}


@pytest.fixture
def known(shop):
    """A merge, a squash merge and a rebase merge on staging: what GitHub would know of each commit."""
    remote = shop.remote
    shop.facts = replace(shop.facts, web_url=WEB)
    remote.branch("topic", remote.sha("refs/heads/staging"))
    one, two = remote.commits("topic", ["wip", "oops"])
    merge = remote.commit("staging", "Merge pull request #1 from acme/a\n\nfix(pay): by a merge", merge=[two])
    squash = remote.commit("staging", "feat: by a squash (#2)")
    rebased = remote.commits("staging", ["more", "and more"])
    remote.commit("staging", "chore: by nobody")
    found = dict.fromkeys((one, two, merge), Pull(1, "fix(pay): by a merge", ("ui",), "ada-l", merge))
    found[squash] = Pull(2, "feat: by a squash", ("api",), "bo", squash)
    return found | dict.fromkeys(rebased, Pull(3, "perf: by a rebase", ("skip",), None, rebased[-1]))


@pytest.fixture
def protected(shop, known):
    """The target has rules of its own, brought back to the source; another file of that name is on the source."""

    del known  # only after it is there

    def put(content, name=RULE_FILES[0], **more):
        tip = shop.remote.commit("main", "ci: rules", files={name: content} | more)
        shop.remote.commit("staging", "Merge main", merge=[tip], files={name: RULES.replace("ui", "api")})

    return put


def notes_md(shop, record):
    return (shop.runs.folder(record.run_id).path / "notes.md").read_text()


def tag_message(shop, record):
    return shop.remote.git("for-each-ref", "--format=%(contents)", f"refs/tags/{record.promotion.tag}")


def warnings(shop):
    return [detail for name, detail in shop.watcher.steps if name == "warning"]


def entries(text):
    return [line for line in text.splitlines() if line.startswith(("- ", "## "))]


def headings(text):
    return [line.removeprefix("## ") for line in entries(text) if line.startswith("## ")]


def sources(shop, host, *, own=None, told=None):
    return Sources(
        git=shop.repository,
        history=shop.history,
        runs=shop.runs,
        repository=shop.facts,
        tag_prefix="release/",
        host=host,
        label_rules=own,
        tell=[].append if told is None else told.append,
    )


# --- a night


def test_merge_squash_and_rebase_merges_are_told_with_number_and_account(shop, known):
    text = notes_md(shop, shop.run(host=Answering(known)))

    assert f"- **pay:** by a merge ([#1]({WEB}/pull/1), " in text
    assert f"- by a squash ([#2]({WEB}/pull/2), " in text
    assert f"- by a rebase ([#3]({WEB}/pull/3), " in text
    by = [line.rpartition(" by ")[2] for line in entries(text) if "/pull/" in line]
    assert by == ["bo (Ada Lovelace)", "ada-l (Ada Lovelace)", "Ada Lovelace"]
    assert "wip" not in text
    assert "and more" not in text
    inert.markdown(text)


def test_the_host_is_asked_once_before_any_load_and_the_tag_says_what_notes_md_says(shop, known):
    ran_before = []
    host = Answering(known, lambda: ran_before.append(list(shop.load.ran)))
    # Whatever labels become during the load: what was asked is what is told.
    shop.load.during = host.known.clear

    record = shop.run(host=host)

    assert record.outcome is Outcome.PROMOTED
    assert ran_before == [[]]
    assert len(host.asked) == 1
    assert set(host.asked[0]) == {commit.sha for commit in record.candidate.commits}
    assert "by a rebase" in tag_message(shop, record)
    assert entries(tag_message(shop, record)) == entries(notes_md(shop, record))


def test_a_dry_run_says_the_same(shop, known):
    dry = notes_md(shop, shop.run(host=Answering(known), effect=Effect.DRY_RUN))

    assert entries(dry) == entries(notes_md(shop, shop.run(host=Answering(known))))


def test_a_gate_writes_no_notes_and_asks_for_none(shop, known):
    host = Answering(known)
    shop.run(host=host, kind=RunKind.GATE)

    assert host.asked == []


@pytest.mark.parametrize("reason", [Reason.HOST_UNREACHABLE, Reason.HOST_FAILED, Reason.HOST_LIMITED])
def test_a_host_that_fails_is_told_of_and_leaves_the_notes_of_git_alone(shop, known, reason):
    alone = notes_md(shop, shop.run(effect=Effect.DRY_RUN))
    record = shop.run(host=Instead(Answering(known), pulls=broken(reason)))

    assert record.outcome is Outcome.PROMOTED
    assert entries(notes_md(shop, record)) == entries(alone)
    assert warnings(shop) == [f"The release notes go without pull requests: It broke. {reason.action}"]


def test_more_commits_than_a_night_may_ask_about_are_told_of(shop, known, monkeypatch):
    monkeypatch.setattr("bot.core.enrichment.MOST_ASKED", 5)
    host = Answering(known)
    record = shop.run(host=host)

    assert host.asked == [tuple(commit.sha for commit in record.candidate.commits[:5])]
    assert warnings(shop) == ["Only the newest 5 of 10 commits are looked up on GitHub."]


# --- rules by labels


@pytest.mark.parametrize("name", RULE_FILES)
def test_the_rules_are_those_of_the_target_and_never_those_that_come_with_the_commits(shop, known, protected, name):
    protected(RULES, name)
    text = notes_md(shop, shop.run(host=Answering(known)))

    assert headings(text)[0] == "Shop front"
    assert "by a rebase" not in text
    assert "1 left out by label" in text
    assert "by a squash" in text.partition("## Features")[2]


def test_own_rules_win_and_the_file_is_not_read(shop, known, protected):
    protected("not: [read")
    request = replace(
        shop.request(RunKind.PROMOTION, Effect.WRITE), label_rules=rules(exclude=["ui"], categories=[("API", ["api"])])
    )
    text = notes_md(shop, promote(shop.tools(host=Answering(known)), request))

    assert headings(text)[0] == "API"
    assert "by a merge" not in text
    assert warnings(shop) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("changelog: [", "it is not YAML"),
        ("changelog:\n  exclude:\n    labels: skip\n", "changelog.exclude.labels is no list"),
        ("a: &a [b]\nc: *a\n", "an anchor or an alias"),
        ("a: !!python/object/apply:os.abort []\n", "a tag of its own"),
        ("#" * 70_000, "is larger than 64 KiB"),
    ],
)
def test_rules_that_cannot_be_read_are_told_of_and_left_out_of_account(shop, known, protected, content, words):
    protected(content, **{RULE_FILES[1]: RULES})
    record = shop.run(host=Answering(known))

    assert record.outcome is Outcome.PROMOTED
    assert "by a rebase" in notes_md(shop, record)
    # The other name is not tried then: it would be another file than people think of.
    (told,) = warnings(shop)
    assert told.startswith(".github/release.yml is left out of account: ")
    assert words in told


def test_without_a_host_no_rules_are_looked_for(shop, protected):
    protected("changelog: [")
    git = Instead(shop.repository, file_at=broken())

    assert shop.run(repository=git).outcome is Outcome.PROMOTED
    assert warnings(shop) == []


# --- any range


def test_the_notes_of_a_promoted_range_are_those_of_that_night_whatever_the_host_says_today(shop, known, protected):
    protected(RULES)
    record = shop.run(host=Answering(known))
    span = Range(record.candidate.base_sha, record.candidate.sha)
    today = Answering({sha: replace(pull, labels=("skip",)) for sha, pull in known.items()})

    for host in (today, NoHost()):
        assert render_markdown(notes_of(sources(shop, host), span)) == notes_md(shop, record)
    assert today.asked == []


def test_a_promotion_whose_host_failed_stays_as_it_was_told(shop, known):
    record = shop.run(host=Instead(Answering(known), pulls=broken()))
    span = Range(record.candidate.base_sha, record.candidate.sha)

    assert render_markdown(notes_of(sources(shop, Answering(known)), span)) == notes_md(shop, record)


def test_any_other_range_is_asked_about_and_goes_by_the_rules_of_the_target(shop, known, protected):
    protected(RULES)
    told = []
    text = render_markdown(notes_of(sources(shop, Answering(known), told=told), Range("main", "staging")))
    assert headings(text)[0] == "Shop front"
    assert "by a merge" in entries(text)[1]
    assert "1 left out by label" in text

    own = sources(shop, Answering(known), own=rules(categories=[("API", ["api"])]), told=told)
    assert headings(render_markdown(notes_of(own, Range("main", "staging"))))[0] == "API"
    assert told == []


def test_a_range_of_which_the_host_says_nothing_is_that_of_git_alone(shop, known):
    told = []
    alone = notes_of(sources(shop, NoHost()), Range("main", "staging"))

    assert notes_of(sources(shop, Answering({})), Range("main", "staging")) == alone
    failing = Instead(Answering(known), pulls=broken(Reason.HOST_FAILED))
    assert notes_of(sources(shop, failing, told=told), Range("main", "staging")) == alone
    assert len(told) == 1


TEXTS = st.sampled_from(sorted(NAMED.values())) | st.text(max_size=40)


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_a_host_says_is_alive_in_the_notes(shop, known, data):
    spiked = {
        sha: Pull(pull.number, data.draw(TEXTS), (data.draw(TEXTS),), data.draw(TEXTS | st.none()), pull.merge_sha)
        for sha, pull in known.items()
    }
    own = rules(categories=[(data.draw(TEXTS.filter(str.strip)), ["*"])])
    text = render_markdown(notes_of(sources(shop, Answering(spiked), own=own), Range("main", "staging")))

    inert.markdown(text)


# --- GitHub


@pytest.fixture
def hub(tmp_path, shop, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    with fake_github(tmp_path, shop.remote) as made:
        yield made


def test_a_night_on_github_asks_one_question_for_its_notes_and_survives_its_end(shop, known, hub):
    for pull in set(known.values()):
        brought = tuple(sha for sha, each in known.items() if each == pull)
        hub.add_pull(pull.number, pull.title, labels=pull.labels, author=pull.author, brought=brought)
    client = Client(TokenLogin(Bearer("SHOP_TOKEN")), hub.api_url, "acme/shop", HandClock())
    host = GitHubHost(client, "production", ("staging", "main"))

    rich = notes_md(shop, shop.run(host=host, effect=Effect.DRY_RUN))
    assert [request.path for request in hub.requests] == ["/repos/acme/shop/releases", "/graphql"]
    assert "by a rebase" in rich
    assert "by bo (Ada Lovelace)" in rich

    hub.fail("POST /graphql", BAD_GATEWAY, times=50)
    poor = notes_md(shop, shop.run(host=host, effect=Effect.DRY_RUN))
    assert entries(poor) == entries(notes_md(shop, shop.run(effect=Effect.DRY_RUN)))
