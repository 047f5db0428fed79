"""What `run`, `nightly` and `gate` do before and around a run: the plan, the slot, the request."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from support import records
from support.commands import call
from support.gitrepos import make_remote
from support.installation import Installation

from bot.cli import night
from bot.cli.context import Context
from bot.core.calendar import SLOT_VARIABLE
from bot.core.loadplan import Workers
from bot.core.record import RunKind, Trigger
from bot.flows.request import Effect
from bot.settings.plan import PlanOverrides, load_plan

SOAK = """
[[scenario]]
name = "soak"
kind = "soak"
locustfile = "loadtests/payload.py"
users = 3
duration = "10s"
[scenario.slo]
error_rate = "< 2%"
"""


@pytest.fixture
def shop(tmp_path):
    """An installation whose remote has nothing to promote, so that a night ends at once."""
    remote = make_remote(tmp_path / "remote.git", ahead=0)
    made = Installation(tmp_path, SOAK)
    made.config.write_text(made.config.read_text().replace("https://git.example/acme/shop.git", remote.url))
    return made


@pytest.fixture
def wished(monkeypatch):
    """What a command asked for, instead of doing it."""
    seen = []
    monkeypatch.setattr(night, "start", lambda context, wish: seen.append((context, wish)) or 0)
    return seen


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("--now", night.Wish(RunKind.PROMOTION, Trigger.MANUAL)),
        ("run", night.Wish(RunKind.PROMOTION, Trigger.NIGHTLY)),
        ("nightly", night.Wish(RunKind.PROMOTION, Trigger.NIGHTLY)),
        ("gate", night.Wish(RunKind.GATE, Trigger.MANUAL)),
        ("--now --dry-run", night.Wish(RunKind.PROMOTION, Trigger.MANUAL, Effect.DRY_RUN)),
        (
            "--now --rate 50 --soak-duration 1h30m --scenario a --scenario b",
            night.Wish(RunKind.PROMOTION, Trigger.MANUAL, Effect.WRITE, 50.0, 5400.0, ("a", "b")),
        ),
        ("gate --soak-duration 90s", night.Wish(RunKind.GATE, Trigger.MANUAL, Effect.WRITE, None, 90.0)),
    ],
)
def test_options_become_a_wish(wished, typed, wish):
    assert call(*typed.split()).code == 0
    assert wished == [(Context(), wish)]


@pytest.mark.parametrize("typed", ["--now --rate fast", "--now --soak-duration 15", "gate --dry-run", "gate --now"])
def test_wrong_options_are_wrong_usage(wished, typed):
    assert call(*typed.split()).code == 2
    assert wished == []


def test_wishes_that_fit_no_scenario_are_all_told(shop):
    ended = call("--config", shop.config, "--now", "--scenario", "absent", "--rate", "-1", "--json")
    assert ended.code == 2
    assert {"--rate", "--scenario"} <= {each["path"] for each in ended.json["error"]["problems"]}
    assert not shop.state.exists()


@pytest.mark.parametrize("trigger", Trigger)
def test_only_a_nightly_run_stands_for_a_slot(shop, trigger, monkeypatch):
    monkeypatch.delenv(SLOT_VARIABLE, raising=False)
    wish = night.Wish(RunKind.PROMOTION, trigger)
    request = night._request(shop.settings, load_plan(shop.settings, PlanOverrides()), wish)
    assert (request.slot is not None) == (trigger is Trigger.NIGHTLY)
    assert request.slot is None or abs(date.fromisoformat(request.slot) - datetime.now(tz=UTC).date()).days <= 1


def test_the_scheduler_names_the_slot(shop, monkeypatch):
    monkeypatch.setenv(SLOT_VARIABLE, "2026-11-21")
    assert night._slot(shop.settings) == "2026-11-21"


def test_a_slot_that_is_no_date_is_wrong_configuration(shop, monkeypatch):
    monkeypatch.setenv(SLOT_VARIABLE, "tonight")
    ended = call("--config", shop.config, "nightly")
    assert ended.code == 2
    assert SLOT_VARIABLE in ended.stderr


def test_a_slot_is_answered_once(shop, monkeypatch):
    monkeypatch.setenv(SLOT_VARIABLE, "2026-11-21")
    first = call("--config", shop.config, "nightly", "--json")
    second = call("--config", shop.config, "nightly", "--json")
    assert (first.code, second.code) == (0, 0), first.stderr
    assert first.json["reason_code"] == "up-to-date"
    assert second.json["reason_code"] == "slot-done"
    assert (second.json["run_id"], second.json["slot"]) == (first.json["run_id"], "2026-11-21")
    assert len(list((shop.state / "runs").iterdir())) == 1
    assert "The slot of 2026-11-21 is done" in call("--config", shop.config, "run").stdout


def test_a_dry_run_leaves_its_slot_open_whatever_it_came_to(shop, monkeypatch):
    monkeypatch.setenv(SLOT_VARIABLE, "2026-11-21")
    rehearsed, meant = (call("--config", shop.config, "nightly", "--json", *dry) for dry in (["--dry-run"], []))
    assert (rehearsed.json["dry_run"], rehearsed.json["reason_code"]) == (True, "up-to-date")
    assert (meant.json["dry_run"], meant.json["reason_code"]) == (False, "up-to-date")


def test_now_runs_whatever_the_slot_says(shop, monkeypatch):
    monkeypatch.setenv(SLOT_VARIABLE, "2026-11-21")
    call("--config", shop.config, "nightly")
    ended = call("--config", shop.config, "--now", "--json")
    assert (ended.code, ended.json["reason_code"], ended.json["slot"]) == (0, "up-to-date", None)


def test_a_night_that_broke_down_leaves_its_slot_open(shop, monkeypatch):
    monkeypatch.setenv(SLOT_VARIABLE, "2026-11-21")
    repository = replace(records.error().repository, remote=shop.settings.repository.remote)
    shop.remember(replace(records.error(), repository=repository, slot="2026-11-21"))
    assert call("--config", shop.config, "nightly", "--json").json["reason_code"] == "up-to-date"


def test_a_run_ends_with_its_report_on_stdout_and_its_steps_on_stderr(shop):
    ended = call("--config", shop.config, "--now")
    (folder,) = (shop.state / "runs").iterdir()
    assert ended.stdout.splitlines()[-1] == f"report: {folder / 'report.html'}"
    assert "fetch" in ended.stderr
    assert json.loads((folder / "run.json").read_text())["outcome"] == "up-to-date"


def test_the_whole_command_has_a_deadline_wider_than_its_scenarios(shop):
    plan = load_plan(shop.settings, PlanOverrides())
    assert night.deadline(plan) > 1800 + sum(each.duration + each.warmup for each in plan.scenarios)


def test_the_deadline_counts_every_attempt_its_extension_and_workers_that_come_late(shop):
    plan = load_plan(shop.settings, PlanOverrides(scenarios=("soak",)))
    once = night.deadline(plan) - night.ALLOWANCE_S
    (soak,) = plan.scenarios
    longer = replace(plan, scenarios=(replace(soak, extend=0.5),))
    assert night.deadline(longer) - night.ALLOWANCE_S == once + soak.duration / 2
    shared = replace(plan, scenarios=(replace(soak, workers=Workers(2, deadline=77.0)),))
    assert night.deadline(shared) - night.ALLOWANCE_S == once + 77
    assert night.deadline(plan, 600.0) - night.ALLOWANCE_S == once + 1200
    assert night.deadline(replace(plan, retry=2)) - night.ALLOWANCE_S == 3 * once
