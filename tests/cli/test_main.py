"""`promote`: commands are found, root options stand anywhere, and `--help` is instant."""

import subprocess
import sys
import tempfile
from importlib.metadata import version

import click
import pytest
from support.commands import call

from bot.cli import main as root
from bot.cli.context import Context, Verbosity
from bot.cli.main import COMMANDS, promote

HEAVY = {
    *("alembic", "altair", "apscheduler", "git", "github", "gevent", "jinja2", "locust", "numpy", "pandas"),
    *("pydantic", "requests", "rich", "sqlalchemy", "vl_convert"),
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("status --json", "--json status"),
        ("status --json --quiet", "--json --quiet status"),
        ("--verbose status --config other.toml", "--verbose --config other.toml status"),
        ("status --config=other.toml", "--config=other.toml status"),
        ("--now", "run --now"),
        ("--json --now", "--json run --now"),
        ("--now --json --dry-run", "--json run --now --dry-run"),
        ("--rate 500 --now", "run --rate 500 --now"),
        ("run --now", "run --now"),
        ("history --search --now", "history --search --now"),
        ("--config --now status", "--config --now status"),
        ("status --config", "--config status"),
        ("notes -- --json", "notes -- --json"),
        ("show -- --json", "show -- --json"),
        ("history --search --json", "history --search --json"),
        ("history --search --json --json", "--json history --search --json"),
        ("judge last --set --quiet --quiet", "--quiet judge last --set --quiet"),
        ("--scenario status --now", "run --scenario status --now"),
        ("--scenario --json --now", "run --scenario --json --now"),
        ("config show --json", "--json config show"),
        ("demo --dir --config --config x.toml", "--config x.toml demo --dir --config"),
        ("absent --json", "--json absent"),
        ("", ""),
    ],
)
def test_root_options_stand_anywhere_and_now_means_run_now(typed, meant):
    words = promote.split(click.Context(promote), typed.split())
    assert [*words.root, *words.rest] == meant.split()


@pytest.fixture
def echoing(monkeypatch):
    """Every command only says which one it is, and what it was handed."""
    seen = []

    def get(group, ctx, name):
        del group, ctx
        params = [click.Option(["--now"], is_flag=True), click.Option(["--search"])]
        return click.Command(name, params=params, callback=click.pass_obj(lambda obj, **got: seen.append((obj, got))))

    monkeypatch.setattr(root.LazyGroup, "get_command", get)
    return seen


def test_a_command_is_handed_the_root_options(echoing, tmp_path):
    assert call("status", "--json", "--config", tmp_path / "x.toml", "--quiet").code == 0
    assert echoing[0][0] == Context(tmp_path / "x.toml", json=True, verbosity=Verbosity.QUIET)


def test_now_as_the_value_of_an_option_is_a_value(echoing):
    assert call("history", "--search", "--now").code == 0
    assert echoing[0][1]["search"] == "--now"


def test_json_as_the_value_of_an_option_is_a_value(echoing):
    assert call("history", "--search", "--json").code == 0
    assert echoing[0][0].json is False
    assert echoing[0][1]["search"] == "--json"


def test_a_failure_is_a_document_only_where_json_was_asked_for():
    asked, not_asked = call("absent", "--json"), call("absent", "--", "--json")
    assert (asked.code, not_asked.code) == (2, 2)
    assert asked.json["error"]["reason_code"] == "bad-usage"
    assert not_asked.stdout == ""


def test_a_command_that_cannot_be_imported_is_a_bug_that_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setitem(COMMANDS, "status", ("bot.cli.nowhere", "It is gone."))
    ended = call("status", "--json")
    assert ended.code == 70
    assert ended.json["error"]["reason_code"] == "bug"


def test_promote_now_is_promote_run_now(echoing):
    assert call("--now").code == call("run", "--now").code == 0
    assert echoing[0] == echoing[1]


def test_an_unknown_command_is_wrong_usage():
    ended = call("promoet")
    assert ended.code == 2
    assert "No such command 'promoet'" in ended.stderr


@pytest.mark.parametrize("args", [["--now", "status"], ["status", "--nothing"], ["--rate", "5"], ["show"], []])
def test_wrong_usage_says_so_on_stderr_alone(args):
    ended = call(*args)
    assert ended.code == 2
    assert "Usage: promote" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("args", [[], ["config"], ["quarantine"]])
def test_without_a_command_the_help_is_told_as_it_is_laid_out(args):
    ended = call(*args)
    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr == call(*args, "--help").stdout


def test_without_a_command_the_document_says_so_in_a_sentence():
    assert call("config", "--json").json["error"]["sentence"] == "Missing command."


@pytest.mark.parametrize("name", ["config", "quarantine"])
def test_the_help_of_a_group_tells_every_command_to_the_end(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    words = " ".join(call(name, "--help").stdout.split())
    for below in promote.get_command(click.Context(promote), name).commands.values():
        assert f"{below.name} {below.help}" in words


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    ended = call(name, "--help")
    assert ended.code == 0
    assert f"Usage: promote {name}" in ended.stdout
    assert ended.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_command_of_its_own_name(name):
    command = promote.get_command(click.Context(promote), name)
    assert command.name == name
    assert command.help


def test_help_lists_every_command():
    ended = call("--help")
    assert ended.code == 0
    assert "promote --now" in ended.stdout
    for name in COMMANDS:
        assert f"  {name} " in ended.stdout


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option):
    program = f"""
import sys
from bot.cli.main import main
try:
    main([{option!r}])
finally:
    print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout
    assert not HEAVY & set(done.stderr.split())


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"promote, version {version('promotion-bot')}\n"
