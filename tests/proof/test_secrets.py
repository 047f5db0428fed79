"""Secrets: a token that the bot really uses is in no argument, file, log, database, record, report or ref."""

import base64
import os
import subprocess
import sys
import time

import pytest
from support.canary import CANARY, Arguments, Spawned, found_in, found_lately
from support.fakes import Shop
from support.gitrepos import make_remote
from support.httpgit import TOKEN, Trouble, http_git, pushing
from support.night import Ended

from bot.adapters.git import GitRepository
from bot.adapters.git_access import Access
from bot.adapters.probes.bearer import Bearer
from bot.core.record import Outcome, Repository
from bot.render.report import Reports

VARIABLE = "PROMOTION_TOKEN"
LEAKED = "leaked-on-purpose-by-this-test"


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    (tmp_path / "served").mkdir()
    with http_git(tmp_path / "served") as running:
        yield running


@pytest.fixture
def shop(tmp_path, server):
    """A whole installation whose remote wants a token."""
    (tmp_path / "shop").mkdir()
    made = Shop(tmp_path / "shop", remote=make_remote(server.root / "shop.git"))
    url = server.served(made.remote).url
    made.facts = Repository(url, "staging", "main", None)
    made.repository = GitRepository(
        remote=url,
        cache=made.folder / "state" / "cache.git",
        source="staging",
        target="main",
        tag_prefix="release/",
        access=Access(Bearer(VARIABLE), hidden=(VARIABLE,)),
    )
    yield made
    made.history.close()


def night(shop, capfd):
    """One night; all that was said while it ran."""
    with Arguments(TOKEN).watching() as arguments:
        record = shop.run(reporter=Reports())
    said = "".join(capfd.readouterr())
    steps = "".join(name + detail for name, detail in shop.watcher.steps)
    return record, arguments, said + steps + repr(record)


def assert_nowhere(shop, arguments, told):
    assert arguments.leaks == []
    assert found_in(shop.folder, TOKEN) == []
    assert found_in(shop.remote.path, TOKEN) == []
    assert TOKEN not in told


def test_a_night_over_http_leaves_its_token_nowhere(shop, capfd):
    record, arguments, told = night(shop, capfd)

    assert record.outcome is Outcome.PROMOTED
    assert any(b"remote-http" in line for line in arguments.seen)
    assert_nowhere(shop, arguments, told)


@pytest.mark.parametrize("words", [f"denied: {TOKEN}", f"Authorization: Basic {TOKEN}", f"https://x:{TOKEN}@h/x"])
def test_a_server_that_says_the_token_back_gets_it_into_nothing(shop, server, capfd, words):
    server.trouble = Trouble(on=pushing, status=403, words=words)

    record, arguments, told = night(shop, capfd)

    assert record.outcome is not Outcome.PROMOTED
    assert_nowhere(shop, arguments, told)


def test_a_hook_that_says_the_token_back_gets_it_into_nothing(shop, capfd):
    shop.remote.hook("pre-receive", f'echo "remote said {TOKEN} and https://u:{TOKEN}@forge.example/x" >&2; exit 1\n')

    record, arguments, told = night(shop, capfd)

    assert "remote said" in record.reason
    (shop.remote.path / "hooks" / "pre-receive").unlink()
    assert_nowhere(shop, arguments, told)


def test_whoever_watches_arguments_sees_a_leak(tmp_path):
    """The sweeps themselves: what is leaked on purpose is found."""
    with Arguments("leaked-on-purpose").watching() as arguments:
        slow = [sys.executable, "-c", "import time; time.sleep(0.5)", "leaked-on-purpose"]
        subprocess.run(slow, check=True, timeout=60)
    (tmp_path / "log").write_text("x leaked-on-purpose y")

    assert len(arguments.leaks) == 1
    assert found_in(tmp_path, "leaked-on-purpose") == [str(tmp_path / "log")]


def test_a_secret_is_found_also_as_a_header_carries_it(tmp_path):
    for before in ("", "x", "xy", "x-access-token:"):
        (tmp_path / f"{len(before)}.log").write_bytes(b"Basic " + base64.b64encode(f"{before}{LEAKED}!".encode()))
    (tmp_path / "other.log").write_bytes(base64.b64encode(b"nothing at all of that sort, whatever it is"))
    assert len(found_in(tmp_path, LEAKED)) == 4


def test_a_secret_in_a_file_of_the_moment_is_found_and_what_was_there_before_is_not_looked_at(tmp_path):
    old, new = tmp_path / "old.log", tmp_path / "promote-crash.log"
    for path in (old, new):
        path.write_text(LEAKED)
    os.utime(old, (1, 1))
    assert found_lately(tmp_path, 2.0, LEAKED) == [str(new)]
    assert found_lately(tmp_path, time.time() + 60, LEAKED) == []


def test_a_secret_in_the_arguments_of_however_short_a_process_is_heard_and_not_repeated():
    heard = Spawned(LEAKED)
    subprocess.run(["true"], check=True, timeout=60)
    assert heard.leaks == []
    subprocess.run(["true", f"--token={LEAKED}"], check=True, timeout=60)
    assert heard.leaks == ["the arguments of 'true'"]


def test_what_a_command_prints_is_swept_as_well():
    with pytest.raises(AssertionError, match="the command said a secret"):
        Ended(0, "", f"warning: {CANARY}\n")


def test_the_canary_is_in_the_environment_of_every_test():
    assert os.environ["GITHUB_TOKEN"] == CANARY
