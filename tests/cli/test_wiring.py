"""The one place that picks concrete adapters: everything that flows ask for is there, and nothing is touched yet."""

import io
import os
import sys
from dataclasses import fields

import pytest
from support.installation import Installation

from bot.cli import wiring
from bot.cli.context import Context, Verbosity
from bot.flows.request import Tools
from bot.render.progress import HeartbeatProgress, QuietProgress, TerminalProgress
from bot.settings.plan import PlanOverrides, load_plan

PROBES = """
[[probe]]
name = "page"
kind = "http"
url = "/metrics"
interval = "2s"
cores = 4

[[probe]]
name = "by-id"
kind = "process"
pid = 123

[[probe]]
name = "by-file"
kind = "process"
pid_file = "app.pid"

[[probe]]
name = "by-command"
kind = "process"
command = "^shop --serve"

[[probe]]
name = "every"
kind = "process"
command = "^shop --work"
each = true

[[probe]]
name = "pages"
kind = "http"
url = ["http://10.0.0.1/metrics", "http://10.0.0.2:81/metrics", "http://10.0.0.2:81/admin/metrics"]

[[probe]]
name = "scraped"
kind = "prometheus"
url = "/prometheus"
memory = 'process_resident_memory_bytes{job="shop"}'
token_env = "PROMETHEUS_TOKEN"

[[probe]]
name = "program"
kind = "command"
argv = ["stats", "--json"]
"""


@pytest.fixture
def shop(tmp_path):
    return Installation(tmp_path, PROBES)


def plan_of(shop):
    return load_plan(shop.settings, PlanOverrides())


def test_every_tool_of_a_run_is_there_and_making_them_touches_nothing(shop):
    watcher = wiring.watcher(Context(), plan_of(shop))
    made = wiring.tools(shop.settings, watcher, "20261121-020000-0001")
    assert not [each.name for each in fields(Tools) if getattr(made, each.name) is None]
    assert not shop.state.exists()


def test_probes_are_those_of_the_configuration(shop):
    made = {probe.name: probe for probe in wiring.probes(shop.settings)}
    assert list(made) == ["page", "by-id", "by-file", "by-command", "every", "pages", "scraped", "program"]
    assert (made["page"].interval, made["page"].cores) == (2.0, 4.0)
    assert (made["scraped"].interval, made["scraped"].pace, made["program"].interval) == (15.0, 60.0, 5.0)


def test_several_pages_are_as_many_probes_of_one_name_told_apart_by_where_they_are(shop):
    pages = [probe for probe in wiring.probes(shop.settings) if probe.name == "pages"]
    assert [probe._replica for probe in pages] == ["10.0.0.1:80", "10.0.0.2:81/metrics", "10.0.0.2:81/admin/metrics"]


def test_neither_load_nor_command_sees_a_token_that_only_the_bot_needs(shop):
    (program,) = (probe for probe in wiring.probes(shop.settings) if probe.name == "program")
    for hidden in (program._hidden, wiring.load(shop.settings)._hidden):
        assert {"GITHUB_TOKEN", "GH_TOKEN", "PROMETHEUS_TOKEN"} <= hidden


def test_without_a_terminal_progress_is_plain_lines(shop):
    assert isinstance(wiring.watcher(Context(), plan_of(shop)), HeartbeatProgress)


def test_verbose_progress_says_versions_and_more_often(shop, capsys):
    made = wiring.watcher(Context(verbosity=Verbosity.VERBOSE), plan_of(shop))
    (scenario,) = plan_of(shop).scenarios
    made.scenario_started(scenario, 1, 1)
    for at in (1000.0, 1006.0, 1012.0):
        made.second({"kind": "second", "t": at})
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("versions: ")
    assert "locust " in told[0]
    assert len(told) == 4


def on_a_terminal(monkeypatch):
    """Make stderr one; from within a test, because pytest sets it anew before each."""
    made = io.StringIO()
    monkeypatch.setattr(made, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("TTY_COMPATIBLE", raising=False)
    return made


def test_quiet_is_quiet_on_a_terminal_too(shop, monkeypatch):
    terminal = on_a_terminal(monkeypatch)
    made = wiring.watcher(Context(verbosity=Verbosity.QUIET), plan_of(shop))
    made.step("fetch")
    assert isinstance(made, QuietProgress)
    assert terminal.getvalue() == ""


def test_quiet_is_quiet_elsewhere_too(shop, capsys):
    wiring.watcher(Context(verbosity=Verbosity.QUIET), plan_of(shop)).step("fetch")
    assert capsys.readouterr().err == ""


def test_on_a_terminal_progress_is_live(shop, monkeypatch):
    on_a_terminal(monkeypatch)
    made = wiring.watcher(Context(verbosity=Verbosity.NORMAL), plan_of(shop))
    made.close()
    assert isinstance(made, TerminalProgress)


def test_versions_name_what_measured_and_judged():
    found = dict(wiring.versions())
    assert {"python", "platform", "promotion-bot", "locust", "gevent", "hdrhistogram"} <= set(found)
    assert all(found.values())


def test_the_actor_is_named_by_the_environment_or_the_account(monkeypatch):
    monkeypatch.setenv("PROMOTE_ACTOR", "ada")
    assert wiring.actor() == "ada"
    monkeypatch.delenv("PROMOTE_ACTOR")
    monkeypatch.setattr("getpass.getuser", _no_account)
    assert wiring.actor() == f"uid-{os.getuid()}"


def _no_account():
    raise KeyError("no such user")


def test_a_closed_history_is_opened_again_when_it_is_needed(shop):
    shop.remember()
    past = wiring.history(shop.settings)
    past.close()
    assert past.query() == ()
    past.close()


def test_a_token_goes_with_the_name_that_most_hosts_want_where_none_is_set(tmp_path):
    assert wiring.access(Installation(tmp_path).settings).username == "x-access-token"
