"""How a command that failed says so: exit code, one line of what and one of what to do, or one JSON document."""

import errno
import json
import os
import stat
import tempfile

import click
import pytest
from support.commands import call
from support.installation import Installation

from bot.cli import main as root
from bot.cli.context import Context
from bot.cli.endings import report_failure
from bot.errors import BotError, ConfigurationError, Problem, Reason

SECRET = "hunter2-in-the-environment"


def failing(error):
    """A root command whose every call ends with that error."""

    def call_it(*_args, **_options):
        raise error

    return call_it


@pytest.mark.parametrize("reason", Reason)
def test_an_error_ends_with_the_exit_code_of_its_reason(reason, capsys):
    assert report_failure(BotError(reason, "It was seen."), Context()) == int(reason.exit)
    said = capsys.readouterr()
    assert said.err == f"promote: It was seen. [{reason.code}]\n  -> {reason.action}\n"
    assert said.out == ""


def test_with_json_the_failure_is_the_one_document_on_stdout(capsys):
    report_failure(BotError(Reason.GIT_FAILED, "It was seen.", "Do that."), Context(json=True))
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "error": {
            "reason_code": "git-failed",
            "sentence": "It was seen.",
            "action": "Do that.",
            "exit_code": 1,
            "problems": [],
        }
    }
    assert "It was seen." in said.err


HOSTILE = "one\x1b[2J\ntwo\u202e\r"


@pytest.mark.parametrize(
    "error",
    [
        BotError(Reason.GIT_FAILED, HOSTILE, HOSTILE),
        ConfigurationError(HOSTILE, (Problem(HOSTILE, HOSTILE, HOSTILE),)),
        click.UsageError(HOSTILE),
        click.NoSuchOption(HOSTILE),
    ],
)
def test_no_error_commands_a_terminal(error, capsys):
    report_failure(error, Context())
    assert not set("\x1b\r\u202e") & set(capsys.readouterr().err)


def test_a_long_sentence_is_told_whole(capsys):
    sentence = " ".join(f"word-{number}" for number in range(300))
    report_failure(BotError(Reason.GIT_FAILED, sentence), Context())
    assert sentence in capsys.readouterr().err


@pytest.fixture
def mistaken(tmp_path):
    """A configuration with three mistakes."""
    made = Installation(tmp_path, 'surprise = 1\n[schedule]\ncron = "often"\n')
    made.config.write_text(made.config.read_text().replace("rate = 10", "rate = -1"))
    return made


@pytest.mark.parametrize("command", ["--now", "status", "history", "nightly", "gate", "notes"])
def test_every_mistake_of_a_configuration_is_listed(mistaken, command):
    ended = call("--config", mistaken.config, command)
    assert ended.code == 2
    assert ended.stdout == ""
    for words in (
        "3 problems",
        "surprise",
        'scenario "load-1k".rate',
        "schedule.cron",
        "[bad-configuration]",
        "allowed:",
    ):
        assert words in ended.stderr
    assert not mistaken.state.exists()


def test_every_mistake_of_a_configuration_is_in_the_document(mistaken):
    ended = call("--config", mistaken.config, "status", "--json")
    assert ended.code == 2
    error = ended.json["error"]
    assert (error["reason_code"], error["exit_code"]) == ("bad-configuration", 2)
    assert len(error["problems"]) == 3
    assert all(each["path"] and each["wrong"] and each["allowed"] for each in error["problems"])


def test_a_configuration_that_is_not_there_is_named(tmp_path):
    ended = call("--config", tmp_path / "absent.toml", "status")
    assert ended.code == 2
    assert "absent.toml" in ended.stderr


def test_wrong_usage_with_json_is_a_document_too():
    ended = call("history", "--limit", "none", "--json")
    assert ended.code == 2
    assert ended.json["error"]["reason_code"] == "bad-usage"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_ends_with_130(monkeypatch, error):
    monkeypatch.setattr(root.promote, "main", failing(error))
    ended = call("status")
    assert ended.code == 130
    assert "[interrupted]" in ended.stderr


@pytest.mark.parametrize(("code", "exits"), [(errno.ENOSPC, 1), (errno.EACCES, 70)])
def test_a_full_disk_is_no_bug(monkeypatch, tmp_path, code, exits):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(root.promote, "main", failing(OSError(code, os.strerror(code))))
    assert call("status").code == exits


def test_a_bug_leaves_a_crash_log_without_environment_and_arguments(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setattr(root.promote, "main", failing(ZeroDivisionError("by nothing")))

    ended = call("status", "--config", "an-argument.toml", "--json")

    assert ended.code == 70
    assert ended.json["error"]["reason_code"] == "bug"
    (log,) = tmp_path.iterdir()
    assert f"crash log: {log}" in ended.stderr
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert "ZeroDivisionError: by nothing" in text
    assert "Traceback" in text
    assert SECRET not in text + ended.stdout + ended.stderr
    assert "an-argument.toml" not in text


def test_a_bug_is_told_even_where_no_crash_log_can_be_written(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    monkeypatch.setattr(root.promote, "main", failing(ZeroDivisionError("by nothing")))
    ended = call("status")
    assert ended.code == 70
    assert "could not be written" in ended.stderr


def test_json_goes_to_stdout_and_nothing_else_does(promoted):
    ended = promoted.promote("show", "nothing-like-it", "--json")
    assert ended.code == 2
    assert ended.json["error"]["reason_code"] == "run-not-found"
    assert ended.stderr.startswith("promote: No run matches 'nothing-like-it'")


def test_arguments_are_repeated_without_their_control_characters(tmp_path):
    shop = Installation(tmp_path)
    shop.remember()
    hostile = "\x1b[2Jx"
    for args in (["show", hostile], ["judge", "last", "--set", f"{hostile}=< 1s"], ["judge", "last", "--set", hostile]):
        ended = call("--config", shop.config, *args)
        assert ended.code == 2
        assert "\x1b" not in ended.stderr
