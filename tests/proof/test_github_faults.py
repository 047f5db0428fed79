"""Every write to GitHub times everything that can go wrong with one: said once, never falsely, always to be resumed.

A bot says something; one of its writes goes wrong in one way. If it says that all is well, GitHub must have all of it
at that moment. Afterwards another bot, a minute later and without any memory, says the same again: then GitHub must
have everything exactly once. Some bots die while they wait to look, and the next goes on at once, in the same folder.
`-s` shows the counts.
"""

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from support.canary import found_in
from support.forks import quick_folder
from support.github import (
    BAD_GATEWAY,
    CONFLICT,
    ERROR,
    FORBIDDEN_RATE,
    HALF_UPLOAD,
    HANG,
    HTML_BAD_GATEWAY,
    HTML_OK,
    INVALID,
    LOST,
    PRIMARY_LIMIT,
    RESET,
    SECONDARY_LIMIT,
    TOKEN_EXPIRED,
    TOO_MANY,
    TRUNCATED,
    UNAVAILABLE,
    Fault,
    stale,
    writes,
)
from support.githubhost import ASSETS, RUN, blocked, staged, unblocked

from bot.adapters.github.lately import FILE
from bot.core.hosting import Announcement, Light
from bot.errors import BotError

LATER = 60.0
LAG = 5.0
OLDER = "20261120T020000Z-0ld0ld"

ONCE = (
    *(LOST, TRUNCATED, RESET, HANG, ERROR, BAD_GATEWAY, UNAVAILABLE, HTML_OK, HTML_BAD_GATEWAY),
    *(fault.after_the_work() for fault in (HANG, BAD_GATEWAY, HTML_OK)),
    *(SECONDARY_LIMIT, FORBIDDEN_RATE, PRIMARY_LIMIT, TOO_MANY, CONFLICT, INVALID, TOKEN_EXPIRED, HALF_UPLOAD),
    stale(LAG),
    dataclasses.replace(LOST, name="applied, reply lost, stale reads", stale=LAG),
    dataclasses.replace(TRUNCATED, name="truncated JSON, stale reads", stale=LAG),
    dataclasses.replace(BAD_GATEWAY, name="502 after the work, stale reads", done=True, stale=LAG),
)
# An outage that begins at that write and lasts until the second bot.
LASTING = (LOST, BAD_GATEWAY, BAD_GATEWAY.after_the_work(), RESET, SECONDARY_LIMIT, TOKEN_EXPIRED, INVALID)
# A bot dies of these, or rather: while it waits to see what became of its write.
DEADLY = (*(fault for fault in ONCE if fault.stale), LOST, BAD_GATEWAY, TOO_MANY)


class Killed(BaseException):
    """What SIGKILL looks like from inside."""


@dataclass(frozen=True)
class Story:
    """What is said before, what is said while something goes wrong, and what GitHub lacks (or has too much of)."""

    name: str
    said: Callable[..., list[Announcement]]
    lacks: Callable[..., list[str]]
    before: Callable[..., list[Announcement]] = lambda _: []
    is_app: bool = False


@dataclass
class Counts:
    """What came of all cases of a fault."""

    cases: int = 0
    went_on: int = 0
    wrong: list[str] = field(default_factory=list)


# --- what GitHub must have in the end


def one(things: list, what: str) -> list[str]:
    return [] if len(things) == 1 else [f"{len(things)} {what}"]


def lacks_mark(stage, light=Light.SUCCESS) -> list[str]:
    ours = [each["state"] for each in stage.hub.statuses if each["sha"] == stage.sha]
    return [] if ours and ours[-1] == light.value else [f"statuses {ours}"]


def lacks_report(stage) -> list[str]:
    runs = [each for each in stage.hub.check_runs if each["external_id"] == RUN]
    told = [] if runs and runs[-1]["conclusion"] == "success" else ["no successful check run"]
    return one(runs, "check runs") + told + lacks_mark(stage)


def lacks_deployment(stage) -> list[str]:
    successes = [each for each in stage.hub.deployment_statuses if each["state"] == "success"]
    return one(stage.hub.deployments, "deployments") + one(successes, "successes of deployments")


def lacks_release(stage) -> list[str]:
    published = [each for each in stage.hub.releases if not each["draft"]]
    drafts = [each for each in stage.hub.releases if each["draft"]]
    told = one(published, "releases") + ([f"{len(drafts)} drafts"] if drafts else [])
    return told + [line for each in published for line in lacks_files(stage, each)]


def lacks_files(stage, release) -> list[str]:
    states = sorted((each["name"], each["state"]) for each in release["assets"])
    wanted = sorted((each.name, "uploaded") for each in ASSETS)
    if states != wanted:
        return [f"assets {states}"]
    files = stage.hub.world.assets
    broken = [each["name"] for each in release["assets"] if files[each["id"]] != content_of(stage, each["name"])]
    return [f"the content of {broken}"] if broken else []


def content_of(stage, name) -> bytes:
    return (stage.folder / name).read_bytes()


def lacks_issue(stage) -> list[str]:
    opened = [each for each in stage.hub.issues if each["state"] == "open"]
    told = one(stage.hub.issues, "issues") + one(opened, "open issues")
    return told + [f"the body {each['body']!r}" for each in opened if "Night" not in each["body"]]


def lacks_news(stage) -> list[str]:
    texts = [each["body"] for each in stage.hub.comments if "now it is the errors" in each["body"]]
    old = [] if all("Night 2" in each["body"] for each in stage.hub.issues) else ["the old body"]
    return lacks_issue(stage) + one(texts, "comments of the new cause") + old


def lacks_end(stage) -> list[str]:
    texts = [each["body"] for each in stage.hub.comments if "Promoted." in each["body"]]
    opened = [each for each in stage.hub.issues if each["state"] == "open"]
    return one(stage.hub.issues, "issues") + one(texts, "last comments") + ["open"] * len(opened)


STORIES = (
    Story("verdict", lambda stage: [stage.mark(Light.PENDING, line="running"), stage.mark()], lacks_mark),
    Story(
        "verdict by the App",
        lambda stage: [stage.mark(Light.PENDING, line="running"), stage.mark()],
        lacks_report,
        is_app=True,
    ),
    Story("deployment", lambda stage: [stage.deployed()], lacks_deployment),
    Story("release", lambda stage: [stage.publication()], lacks_release),
    Story("blocked", lambda _: [blocked()], lacks_issue),
    Story(
        "blocked by something else",
        lambda _: [blocked("the errors", body="Night 2\n")],
        lacks_news,
        lambda _: [blocked(run_id=OLDER)],
    ),
    Story("unblocked", lambda _: [unblocked()], lacks_end, lambda _: [blocked(run_id=OLDER)]),
)


# --- the cases


@dataclass(frozen=True)
class Start:
    """How each case of a story begins, whatever was before it, and how many writes it has where nothing goes wrong."""

    story: Story
    go_back: Callable[[], None]
    at: float
    noted: bytes
    said: tuple[Announcement, ...]
    writes: int = 0

    def prepare(self, stage) -> tuple[Announcement, ...]:
        """Go there; what is to be said now."""
        self.go_back()
        stage.hub.requests.clear()
        stage.clock.passed = self.at
        stage.is_app = self.story.is_app
        (stage.folder / FILE).write_bytes(self.noted)
        return self.said


def start_of(stage, story) -> Start:
    """Say what was said before, a minute ago."""
    stage.hub.reset()
    stage.is_app, stage.clock.passed = story.is_app, 0.0
    forget(stage)
    stage.say(*story.before(stage))
    file = stage.folder / FILE
    noted = file.read_bytes() if file.exists() else b""
    start = Start(story, stage.hub.keep(), stage.clock.passed + LATER, noted, tuple(story.said(stage)))
    return dataclasses.replace(start, writes=count_writes(stage, start))


def forget(stage) -> None:
    """What a bot noted for the one after it in the run's folder is gone."""
    (stage.folder / FILE).unlink(missing_ok=True)


def say(stage, said, *, timeout=20.0) -> bool:
    """Whether one bot says all of it, and that all is well."""
    host = stage.host(timeout=timeout)
    try:
        for each in said:
            host.announce(each, stage.folder)
    except (BotError, Killed):
        return False
    return True


def count_writes(stage, start) -> int:
    said = start.prepare(stage)
    planned = stage.hub.fail(writes, LOST, times=0)
    stage.say(*said)
    assert start.story.lacks(stage) == []
    return planned.seen


def wrong_after(stage, story, *, went_on: bool) -> list[str]:
    return [f"false success: {line}" for line in story.lacks(stage)] if went_on else []


def one_case(stage, start, number, fault, times) -> tuple[bool, list[str]]:
    """Whether the first bot noticed nothing, and what is wrong afterwards."""
    story, said = start.story, start.prepare(stage)
    planned = stage.hub.fail(writes, fault, skip=number, times=times)
    # Only a silent server costs real time; a timeout on a busy machine is just one more fault.
    went_on = say(stage, said, timeout=0.3 if fault.wire is HANG.wire else 20.0)
    wrong = wrong_after(stage, story, went_on=went_on)
    assert planned.hit, "nothing went wrong: this proves nothing"
    stage.hub.planned.clear()
    forget(stage)
    stage.clock.passed += LATER
    stage.say(*said)
    return went_on, wrong + story.lacks(stage)


def one_death(stage, start, number, fault, times) -> tuple[bool, list[str]]:
    """The same, where the first bot dies instead of waiting, and the second goes on at once in its folder."""
    story, said = start.story, start.prepare(stage)
    stage.hub.fail(writes, fault, skip=number, times=times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage.clock, "sleep", die)
        went_on = say(stage, said)
    wrong = wrong_after(stage, story, went_on=went_on)
    stage.hub.planned.clear()
    went_on = say(stage, said)
    wrong += wrong_after(stage, story, went_on=went_on)
    forget(stage)
    stage.clock.passed += LATER
    stage.say(*said)
    return went_on, wrong + story.lacks(stage)


def die(_seconds: float) -> None:
    raise Killed


def all_cases(stage, starts, case, fault, times) -> Counts:
    counts = Counts()
    for start in starts:
        for number in range(start.writes):
            went_on, wrong = case(stage, start, number, fault, times)
            counts.cases += 1
            counts.went_on += went_on
            counts.wrong += [f"{start.story.name}, write {number + 1}, {fault}: {line}" for line in wrong]
    return counts


@pytest.fixture(scope="module")
def github():
    """One GitHub for all tests: each of their cases empties it. What survives a dead machine is tested elsewhere."""
    with quick_folder() as folder, pytest.MonkeyPatch.context() as patch:
        with staged(folder, patch) as stage:
            stage.push_tag()
            yield stage
        assert found_in(folder) == [], "a secret was written down"


@pytest.fixture(scope="module")
def starts(github):
    return [start_of(github, story) for story in STORIES]


@pytest.fixture
def stage(github):
    """That GitHub; a request that it does not know fails the test that sent it."""
    yield github
    strange = list(github.hub.violations)
    github.hub.violations.clear()
    assert strange == []


def proven(stage, starts, case, fault: Fault, times: int = 1) -> None:
    counts = all_cases(stage, starts, case, fault, times)
    said = f"{fault}: {counts.cases} cases, {counts.went_on} said at once, {len(counts.wrong)} wrong\n"
    sys.stdout.write(said)
    assert counts.wrong == []
    assert counts.cases > 15


@pytest.mark.parametrize("fault", ONCE, ids=str)
def test_a_write_that_goes_wrong_once_is_said_once_in_the_end(stage, starts, fault):
    proven(stage, starts, one_case, fault)


@pytest.mark.parametrize("fault", LASTING, ids=lambda fault: f"lasting {fault}")
def test_an_outage_that_begins_at_a_write_is_made_up_for_afterwards(stage, starts, fault):
    proven(stage, starts, one_case, fault, times=1_000_000)


@pytest.mark.parametrize("fault", DEADLY, ids=lambda fault: f"death by {fault}")
def test_a_bot_that_dies_while_it_waits_is_followed_at_once_by_one_that_says_it_once(stage, starts, fault):
    proven(stage, starts, one_death, fault)
