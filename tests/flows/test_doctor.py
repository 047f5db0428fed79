"""How doctor asks the host: what is needed follows from what is in use, and nobody is sent in a circle."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from support.plans import load_plan
from support.scripted import HandClock

from bot.core.audit import Terms
from bot.core.calendar import Schedule, parse_zone
from bot.core.candidate import BranchFacts
from bot.core.cron import parse_cron
from bot.core.doctor import Area, Level
from bot.core.doctor_host import Surroundings
from bot.core.doctor_rights import Rights, TokenKind
from bot.core.doctor_starts import Workflow
from bot.errors import BotError, Reason
from bot.flows.doctor import _looked
from bot.flows.doctor_host import host_looks
from bot.flows.doctor_kit import Ground, Subject

SHA, BASE = "a" * 40, "b" * 40
SUBJECT = Subject(
    remote="https://github.com/acme/shop.git",
    plan=load_plan(),
    terms=Terms("main", "release/"),
    schedule=Schedule(parse_cron("0 2 * * *"), parse_zone("UTC")),
    late=6 * 3600.0,
    source="staging",
    required_checks=(),
    environment="production",
)


class Checkup:
    """A host of which nothing is known but what is said here."""

    name = "GitHub"
    is_app = False
    workflow_files = False
    found = Surroundings()

    def rights(self, _sha):
        # Nothing is told of what it may do, so that the advice names all that it needs.
        return Rights(TokenKind.FINE_GRAINED, "grace")

    def has_workflows(self, _sha):
        return self.workflow_files

    def surroundings(self):
        return self.found


def kit_of(checkup):
    clock = HandClock(begun=datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    return SimpleNamespace(checkup=checkup, clock=clock, bounded=lambda _: nullcontext())


def ground():
    facts = BranchFacts("staging", "main", SHA, BASE, target_is_ancestor=True, only_on_target=(), incomplete=())
    return Ground(facts, rights=Rights(TokenKind.FINE_GRAINED, "grace"))


def looked(name, checkup, subject=SUBJECT):
    return tuple(host_looks(kit_of(checkup), subject, ground())[name]())


def needed(checkup, subject=SUBJECT):
    """What doctor says that the login needs."""
    (found,) = [each for each in looked("login", checkup, subject) if each.name == "permissions"]
    return found.action.removeprefix("See that it has ").rstrip(".").split(", ")


def test_what_every_night_needs():
    assert needed(Checkup()) == [
        *("contents=write", "statuses=write", "deployments=write", "issues=write", "pull_requests=read")
    ]


def test_an_app_writes_check_runs_and_whoever_requires_checks_reads_them():
    app = Checkup()
    app.is_app = True
    requiring = replace(SUBJECT, required_checks=("build",))
    assert needed(app)[-1] == needed(app, requiring)[-1] == "checks=write"
    assert needed(Checkup(), requiring)[-1] == "checks=read"


def classic(checkup, *scopes):
    rights = Rights(TokenKind.CLASSIC, "grace", scopes=frozenset(scopes))
    checkup.rights = lambda _: rights
    return checkup


def test_whoever_pushes_needs_contents_for_that_too():
    def words(subject):
        found = looked("login", classic(Checkup(), "repo:status"), subject)
        return [each.seen for each in found if each.seen.startswith("contents")]

    assert words(SUBJECT) == ["contents=write is missing, for releases"]
    assert words(replace(SUBJECT, pushes_as_login=True)) == ["contents=write is missing, for pushing and releases"]


@pytest.mark.parametrize(("files", "level"), [(True, Level.OK), (False, Level.WARN)])
def test_the_scope_for_workflows_is_too_much_where_there_are_none(files, level):
    checkup = classic(Checkup(), "repo", "workflow")
    checkup.workflow_files = files
    assert looked("login", checkup)[-1].level is level


@pytest.mark.parametrize(("at", "levels"), [("2026-11-21T02:17:00Z", ["ok"]), ("2026-11-19T02:17:00Z", ["ok", "warn"])])
def test_the_hosts_schedule_is_held_against_the_configured_nights(at, levels):
    checkup = Checkup()
    checkup.found = Surroundings(workflows=[Workflow(".github/workflows/nightly.yml", "active", "success", at)])
    assert [each.level.value for each in looked("surroundings", checkup)] == levels


def raising(error):
    def look():
        raise error

    return look


def test_a_refusal_of_the_host_does_not_send_to_doctor_whoever_reads_doctor():
    refusal = BotError(Reason.HOST_REFUSED, "GitHub answered 404.")
    (found,) = _looked(kit_of(Checkup()), Area.HOST, "push to staging", raising(refusal))
    assert (found.level, found.seen) == (Level.FAIL, "GitHub answered 404.")
    assert "grant the permission" in found.action
    assert "promote doctor" not in found.action


def test_any_other_failure_keeps_its_own_advice():
    error = BotError(Reason.HOST_REFUSED, "GitHub answered 403.", "Ask Grace.")
    (found,) = _looked(kit_of(Checkup()), Area.HOST, "login", raising(error))
    assert found.action == "Ask Grace."
