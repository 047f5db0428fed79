"""`promote init`: a configuration that holds, a workflow that is pinned, and nothing overwritten or half written."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack

import pytest
from support import disks
from support.commands import call
from support.gitrepos import clean_environment

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PINNED = f"acme/promotion-bot@{COMMIT}"
URL = ("--staging-url", "https://staging.acme.example")


@pytest.fixture
def clone(tmp_path):
    origin = "https://github.com/acme/shop.git"
    for words in (("init", "-q"), ("remote", "add", "origin", origin)):
        subprocess.run(["git", *words], cwd=tmp_path, env=clean_environment(), check=True)
    return tmp_path


def files(folder):
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and ".git/" not in f"{path}"
    )


def test_both_files_are_written_and_the_configuration_holds(clone):
    ended = call("init", str(clone), *URL, "--workflow", PINNED, "--yes")
    assert ended.code == 0, ended.stderr
    assert files(clone) == [".github/workflows/nightly.yml", "config/promotion.toml"]
    checked = call("--config", str(clone / "config/promotion.toml"), "config", "show", "--json")
    told = json.loads(checked.stdout)
    assert told["repository"]["remote"] == "https://github.com/acme/shop.git"
    assert told["staging"]["url"] == "https://staging.acme.example"
    assert told["host"]["token_env"] == "PROMOTION_TOKEN"
    workflow = (clone / ".github/workflows/nightly.yml").read_text()
    assert f"uses: acme/promotion-bot/.github/workflows/nightly.yml@{COMMIT}\n" in workflow


def test_a_remote_on_no_host_gets_no_table_about_one(tmp_path):
    assert call("init", str(tmp_path), "--remote", "/srv/git/shop.git", *URL, "--yes").code == 0
    assert "[host]" not in (tmp_path / "config/promotion.toml").read_text()


@pytest.mark.parametrize("there", ["config/promotion.toml", ".github/workflows/nightly.yml"])
def test_nothing_is_overwritten_and_nothing_is_half_written(clone, there):
    place = clone / there
    place.parent.mkdir(parents=True)
    place.write_text("mine\n")
    ended = call("init", str(clone), *URL, "--workflow", PINNED, "--yes")
    assert ended.code == 2
    assert f"{there} exists already" in ended.stderr
    assert files(clone) == [there]
    assert place.read_text() == "mine\n"


def tree(folder):
    """All that is there, folders too."""
    return sorted(f"{path.relative_to(folder)}" for path in folder.rglob("*") if ".git/" not in f"{path}/")


def a_file_for_a_folder(clone, _stack):
    (clone / ".github").write_text("mine\n")
    return 2


def a_read_only_folder(clone, stack):
    (clone / ".github" / "workflows").mkdir(parents=True)
    stack.enter_context(disks.read_only(clone / ".github"))
    return 2


def a_full_disk(clone, stack):
    small = stack.enter_context(disks.disk(clone / ".github", "16k"))
    disks.fill(small)
    (small / "workflows").mkdir()
    return 1


@pytest.mark.parametrize("spoiled", [a_file_for_a_folder, a_read_only_folder, a_full_disk])
def test_where_the_second_file_cannot_be_written_the_first_is_taken_away_again(clone, spoiled):
    if spoiled is not a_file_for_a_folder and disks.reason_against():
        pytest.skip(disks.reason_against())
    with ExitStack() as stack:
        code = spoiled(clone, stack)
        before = tree(clone)
        ended = call("init", str(clone), *URL, "--workflow", PINNED, "--yes")
        assert tree(clone) == before
    assert ended.code == code
    assert ".github/workflows/nightly.yml cannot be written (" in ended.stderr
    assert "config/promotion.toml, written before it, was taken away again." in ended.stderr
    # And once there is room, both are written as ever.
    shutil.rmtree(clone / ".github") if (clone / ".github").is_dir() else (clone / ".github").unlink()
    assert call("init", str(clone), *URL, "--workflow", PINNED, "--yes").code == 0
    assert files(clone) == [".github/workflows/nightly.yml", "config/promotion.toml"]


def test_a_dangling_link_in_the_way_is_something_there(clone):
    (clone / "config").mkdir()
    (clone / "config/promotion.toml").symlink_to(clone / "nowhere")
    assert call("init", str(clone), *URL, "--yes").code == 2
    assert not (clone / "nowhere").exists()


def test_every_mistake_is_named_at_once_by_its_option_and_nothing_is_written(clone):
    ended = call("init", str(clone), "--staging-url", "ftp://x", "--source", "a b", "--yes")
    assert ended.code == 2
    assert "(--staging-url)" in ended.stderr
    assert "(--source)" in ended.stderr
    assert files(clone) == []


@pytest.mark.parametrize("named", ["acme/bot@v1", "acme/bot", f"acme/bot@{COMMIT[:-1]}", f"a/b@{COMMIT}\nx"])
def test_a_workflow_is_pinned_by_a_full_commit_id_or_not_written(clone, named):
    ended = call("init", str(clone), *URL, "--workflow", named, "--yes")
    assert ended.code == 2
    assert "full commit id" in ended.stderr
    assert files(clone) == []


def test_where_nobody_can_be_asked_all_that_is_missing_is_named(tmp_path):
    ended = call("init", str(tmp_path))
    assert ended.code == 2
    assert "--remote and --staging-url" in ended.stderr


def test_a_remote_with_a_password_is_refused_without_repeating_it(tmp_path):
    ended = call("init", str(tmp_path), "--remote", "https://bot:hunter22@git.example/a/b.git", *URL, "--yes")
    assert ended.code == 2
    assert "hunter22" not in ended.stderr + ended.stdout
    assert files(tmp_path) == []


def on_a_terminal(folder, answers, *options):
    """The command as a person meets it, with these lines typed in."""
    ours, theirs = os.openpty()
    os.write(ours, "".join(f"{line}\n" for line in answers).encode())
    command = [sys.executable, "-m", "bot", "init", str(folder), *options]
    done = subprocess.run(command, stdin=theirs, capture_output=True, timeout=60, check=False)
    os.close(ours)
    os.close(theirs)
    return done


def test_on_a_terminal_it_asks_and_shows_what_it_would_write(clone):
    done = on_a_terminal(clone, ["", "https://staging.acme.example", PINNED, "y"])
    assert done.returncode == 0, done.stderr
    assert b"The remote [https://github.com/acme/shop.git]" in done.stderr
    assert b"Write config/promotion.toml and .github/workflows/nightly.yml? [Y/n]" in done.stderr
    assert files(clone) == [".github/workflows/nightly.yml", "config/promotion.toml"]


def test_whoever_says_no_gets_nothing(clone):
    done = on_a_terminal(clone, ["", "https://staging.acme.example", "", "n"])
    assert done.returncode == 130
    assert files(clone) == []
