"""`promote`: commands are found, root options stand anywhere, and `--help` is instant."""

import subprocess
import sys
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
        ("", ""),
    ],
)
def test_root_options_stand_anywhere_and_now_means_run_now(typed, meant):
    assert root._normalise(typed.split()) == meant.split()


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
