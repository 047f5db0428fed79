"""The wheel holds everything that works outside the checkout, and nothing else."""

import subprocess
import sys
import zipfile
from configparser import ConfigParser
from email import message_from_bytes
from pathlib import Path, PurePosixPath
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("bot", "loadtests", "config", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "tests", "scripts")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as an installer sees it, built from a copy of the checkout without any network."""
    copy = tmp_path_factory.mktemp("wheel") / "checkout"
    copy.mkdir()
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            copytree(source, copy / name, ignore=ignore_patterns("__pycache__", "*.pyc"))
        else:
            (copy / name).write_bytes(source.read_bytes())
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True, timeout=120)
    (built,) = (copy / "dist").glob("*.whl")
    with zipfile.ZipFile(built) as opened:
        yield opened


def packaged(wheel, name):
    (path,) = (path for path in wheel.namelist() if PurePosixPath(path).match(f"*.dist-info/{name}"))
    return wheel.read(path)


def test_it_is_called_promotion_bot_and_needs_what_the_project_says(wheel):
    metadata = message_from_bytes(packaged(wheel, "METADATA"))
    assert metadata["Name"] == "promotion-bot"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "click>=8.3" in metadata.get_all("Requires-Dist")
    assert metadata.get_payload().startswith("# promotion-bot")


def test_it_brings_one_command(wheel):
    entries = ConfigParser()
    entries.read_string(packaged(wheel, "entry_points.txt").decode())
    assert entries.sections() == ["console_scripts"]
    assert dict(entries["console_scripts"]) == {"promote": "bot.cli.main:main"}


@pytest.mark.parametrize("package", ["bot", "loadtests"])
def test_every_file_of_the_packages_is_in_it(wheel, package):
    kept = {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob("*") if path.is_file()}
    kept = {path for path in kept if "__pycache__" not in path and not path.endswith(".pyc")}
    assert kept <= set(wheel.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "bot/py.typed",
        "bot/render/templates/report.html.j2",
        "bot/render/templates/report.css",
        "bot/render/templates/notes.md.j2",
        "bot/settings/starter.toml",
        "bot/adapters/github/labels.graphql",
        "bot/adapters/github/pulls.graphql",
        "bot/adapters/migrations/env.py",
        "bot/adapters/migrations/versions/v0001_runs.py",
        "bot/adapters/migrations/versions/v0001_runs.sample.json",
        "loadtests/payload.py",
        "loadtests/generator.py",
    ],
)
def test_what_is_read_at_run_time_is_in_it(wheel, name):
    assert wheel.read(name) == (ROOT / name).read_bytes()


def test_the_demo_finds_its_configuration(wheel):
    assert wheel.read("bot/demo/demo.toml") == (ROOT / "config" / "demo.toml").read_bytes()


def test_every_migration_comes_with_its_sample_rows(wheel):
    versions = [path for path in wheel.namelist() if PurePosixPath(path).match("migrations/versions/v*.py")]
    assert versions
    assert all(path.replace(".py", ".sample.json") in wheel.namelist() for path in versions)


def test_nothing_else_is_in_it(wheel):
    tops = {PurePosixPath(path).parts[0] for path in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bot", "loadtests"}
    assert not [path for path in wheel.namelist() if "tests/" in path.removeprefix("loadtests/") or "test_" in path]


def test_the_wheel_works_without_the_checkout(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    (tmp_path / "elsewhere").mkdir()
    program = (
        "import bot, sys; from bot.cli.main import main; print(bot.__file__); main(['config', 'init', 'new.toml'])"
    )
    environment = {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path / "elsewhere",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert (tmp_path / "elsewhere" / "new.toml").read_bytes() == (ROOT / "bot/settings/starter.toml").read_bytes()


def test_the_program_that_hands_git_the_token_stays_executable(wheel):
    assert (wheel.getinfo("bot/adapters/git_askpass").external_attr >> 16) & 0o111 == 0o111
