"""`promote serve`: settings become jobs, events become lines, and the real command ends cleanly."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from support.installation import Installation
from support.nights import until

from bot.adapters import files
from bot.cli.context import Verbosity
from bot.cli.night import deadline
from bot.cli.serve import Lines, job_of, line
from bot.core.calendar import slot_on
from bot.daemon.slots import SlotBook
from bot.errors import ConfigurationError
from bot.settings.plan import load_plan

AT = datetime(2026, 11, 21, 2, tzinfo=UTC)
BERLIN = '[schedule]\ncron = "30 2 * * 1-5"\ntimezone = "Europe/Berlin"\nlate = "2h"\n'


def test_a_job_is_what_the_configuration_says(tmp_path):
    shop = Installation(tmp_path, BERLIN)
    job = job_of(shop.config, shop.settings, Verbosity.NORMAL)
    assert job.command == (sys.executable, "-P", "-m", "bot", "--config", str(shop.config), "nightly")
    assert (job.state_dir, job.late) == (shop.state, 7200.0)
    assert slot_on(job.schedule, date(2026, 11, 23)).due == datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert slot_on(job.schedule, date(2026, 11, 22)) is None  # a Sunday


def test_a_night_gets_more_time_than_its_scenarios_need(tmp_path):
    shop = Installation(tmp_path)
    assert job_of(shop.config, shop.settings, Verbosity.NORMAL).deadline > 2 + 1800 + 240


def times(folder, extra=""):
    """What the scheduler allows a night of that configuration, and what the night allows itself."""
    shop = Installation(folder, extra)
    return job_of(shop.config, shop.settings, Verbosity.NORMAL).deadline, deadline(load_plan(shop.settings))


def test_a_night_that_measures_again_gets_the_time_for_it(tmp_path):
    usual, patient = times(tmp_path), times(tmp_path, "[gate]\nretry = 3\n")
    assert patient[0] - usual[0] == patient[1] - usual[1] > 0
    assert patient[0] > patient[1]


@pytest.mark.parametrize(("verbosity", "flag"), [(Verbosity.QUIET, "--quiet"), (Verbosity.VERBOSE, "--verbose")])
def test_nights_are_as_quiet_as_the_scheduler(tmp_path, verbosity, flag):
    shop = Installation(tmp_path)
    assert flag in job_of(shop.config, shop.settings, verbosity).command


def test_an_event_is_one_line_without_controls():
    facts = {"config": "a b.toml", "exit": 3, "why": 'said "no"\n\x1b[2J', "nothing": ""}
    said = line(AT, "night-ended", facts)
    assert said.startswith('2026-11-21T02:00:00Z night-ended config="a b.toml" exit=3 why="said \\"no\\"')
    assert said.endswith('nothing=""')
    assert said.isprintable()


def test_quiet_says_only_what_went_wrong(capsys):
    lines = Lines(Verbosity.QUIET)
    lines("night-started", slot="2026-11-21")
    lines("night-missed", slot="2026-11-20")
    said = capsys.readouterr().err
    assert "night-missed" in said
    assert "night-started" not in said
    assert lines.counts == {"night-started": 1, "night-missed": 1}


def test_every_configuration_is_read_before_anything_is_served(tmp_path):
    shop = Installation(tmp_path)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("surprise = 1\n")
    with pytest.raises(ConfigurationError):
        shop.run("serve", str(shop.config), str(wrong))


def served(shop, *words, shown):
    """What the real command printed on stdout until it was told to stop, once that is shown on stderr."""
    errors = shop.folder / "errors"
    with errors.open("wb") as err:
        command = [sys.executable, "-m", "bot", *words, "--config", str(shop.config), "serve"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, env=dict(os.environ))
    try:
        until(lambda: shown in errors.read_text() or server.poll() is not None, "it serves")
        server.send_signal(signal.SIGTERM)
        out, _ = server.communicate(timeout=60)
    finally:
        server.kill()
        server.wait(timeout=60)
    assert server.returncode == 0, errors.read_text()
    return out.decode(), errors.read_text()


def test_the_real_command_serves_until_it_is_told_to_stop(tmp_path):
    shop = Installation(tmp_path)
    out, _ = served(shop, "--json", shown="serving")
    assert json.loads(out) == {"served": [str(shop.config)], "events": {"serving": 1, "stopped": 1}}
    assert (shop.state / "scheduler.json").exists()


@pytest.mark.parametrize("words", [["--json"], []], ids=["json", "plain"])
def test_what_nights_print_stands_on_stdout_only_where_that_is_no_document(tmp_path, words):
    shop = Installation(tmp_path, '[schedule]\nlate = "24h"\n')
    shop.config.write_text(shop.config.read_text().replace("https://git.example/acme/shop.git", f"{tmp_path}/absent"))
    files.make_folder(shop.state)
    now = datetime.now(tz=UTC)
    SlotBook(shop.state, now).watch_from(now - timedelta(days=2))
    out, err = served(shop, *words, shown="night-ended")
    report = "report: "
    assert (report in out, report in err) == (not words, bool(words))
    if words:
        assert json.loads(out)["events"]["night-ended"] == 1
