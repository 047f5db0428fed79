"""The processes themselves: their environment, their deadline, and that none is left."""

import os
import signal
import threading
import time

import git.cmd  # noqa: F401 - looks for the real git once, before a stub takes its place
import pytest
from support.aftermath import all_gone
from support.gitrepos import make_remote

from bot.adapters import git_commands as commands
from bot.adapters.git_access import Access
from bot.adapters.git_environment import environment
from bot.adapters.git_remote import Remote
from bot.adapters.git_runner import Runner, check_version
from bot.errors import BotError, Reason


def stub(folder, monkeypatch, script):
    """Put a `git` of our own in front of the PATH."""
    folder.mkdir()
    (folder / "git").write_text("#!/bin/sh\n" + script)
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def runner_at(folder, deadline=20.0):
    return Runner(environment(Remote("https://forge.example/x.git", "https"), folder), deadline)


def seen(runner):
    out = runner.check(commands.VERSION).decode()
    return dict(line.split("=", 1) for line in out.split("\n") if "=" in line)


def test_nothing_that_steers_git_is_inherited(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "exec env\n")
    hostile = {
        "GIT_DIR": "/elsewhere",
        "GIT_WORK_TREE": "/elsewhere",
        "GIT_SSL_NO_VERIFY": "1",
        "GIT_OBJECT_DIRECTORY": "/elsewhere",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/elsewhere",
        "GIT_CONFIG_PARAMETERS": "'core.hooksPath=/elsewhere'",
        "GIT_EXEC_PATH": "/elsewhere",
        "GIT_TRACE": "/elsewhere/trace",
        "GIT_SSH": "/elsewhere/ssh",
        "GIT_ASKPASS": "/elsewhere/ask",
        "SSH_ASKPASS": "/elsewhere/ask",
        "SSH_ASKPASS_REQUIRE": "force",
        "GCM_INTERACTIVE": "always",
    }
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)

    inherited = seen(runner_at(tmp_path / "cache.git"))

    assert "/elsewhere" not in " ".join(inherited.values())
    assert not {"GIT_SSL_NO_VERIFY", "GIT_EXEC_PATH", "SSH_ASKPASS_REQUIRE", "GCM_INTERACTIVE"} & set(inherited)
    assert inherited["HOME"] == os.environ["HOME"]
    assert os.environ["GIT_DIR"] == "/elsewhere"


def test_every_hardening_is_set(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "exec env\n")

    found = seen(runner_at(tmp_path / "cache.git"))

    count = int(found["GIT_CONFIG_COUNT"])
    settings = {found[f"GIT_CONFIG_KEY_{n}"]: found[f"GIT_CONFIG_VALUE_{n}"] for n in range(count)}
    assert {
        "core.hooksPath": "/dev/null",
        "core.fsmonitor": "false",
        "protocol.allow": "never",
        "protocol.https.allow": "always",
        "transfer.fsckObjects": "true",
        "http.followRedirects": "false",
        "credential.helper": "",
        "gc.auto": "0",
        "safe.bareRepository": "explicit",
        "push.recurseSubmodules": "no",
    }.items() <= settings.items()
    assert {"http.lowSpeedLimit", "http.lowSpeedTime"} <= set(settings)
    assert {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_ALLOW_PROTOCOL": "https",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_DIR": str(tmp_path / "cache.git"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }.items() <= found.items()
    assert "BatchMode=yes" in found["GIT_SSH_COMMAND"]
    assert "ConnectTimeout=" in found["GIT_SSH_COMMAND"]


def test_what_only_reads_the_cache_has_no_transport(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "exec env\n")

    found = seen(Runner(environment(None, tmp_path), 20.0))

    count = int(found["GIT_CONFIG_COUNT"])
    settings = {found[f"GIT_CONFIG_KEY_{n}"]: found[f"GIT_CONFIG_VALUE_{n}"] for n in range(count)}
    assert found["GIT_ALLOW_PROTOCOL"] == ""
    assert {key: value for key, value in settings.items() if key.startswith("protocol.")} == {"protocol.allow": "never"}
    assert not [key for key in settings if key.startswith("remote.")]


def test_a_variable_that_no_git_shall_see_is_empty_there_and_stays_ours(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "exec env\n")
    monkeypatch.setenv("SHOP_TOKEN", "canary")

    found = seen(Runner(environment(None, tmp_path, Access(hidden=("SHOP_TOKEN",))), 20.0))

    assert found["SHOP_TOKEN"] == ""
    assert "canary" not in " ".join(found.values())
    assert os.environ["SHOP_TOKEN"] == "canary"


def test_a_transport_that_the_remote_does_not_need_is_shut(tmp_path):
    remote = make_remote(tmp_path / "remote.git")

    with pytest.raises(BotError, match="transport 'file' not allowed"):
        runner_at(tmp_path / "cache.git").check(commands.ls_branches(remote.url))


@pytest.mark.parametrize(
    "way", ["exec sleep 300", "sleep 300 & echo $! >> {pids}; wait", "trap '' TERM; sleep 300; sleep 300"]
)
def test_the_deadline_ends_git_and_all_that_it_started(tmp_path, monkeypatch, way):
    pids = tmp_path / "pids"
    stub(tmp_path / "bin", monkeypatch, f"echo $$ > {pids}\n{way.format(pids=pids)}\n")

    with pytest.raises(BotError) as caught:
        runner_at(tmp_path, 0.5).run(commands.VERSION)

    assert caught.value.reason is Reason.DEADLINE_EXCEEDED
    assert "git version" in caught.value.sentence
    assert all_gone(pids)


def test_a_process_that_git_leaves_behind_ends_with_it(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    stub(tmp_path / "bin", monkeypatch, f"sleep 300 >/dev/null 2>&1 & echo $! > {pids}\n")

    assert runner_at(tmp_path).run(commands.VERSION).code == 0
    assert all_gone(pids)


def test_an_interrupt_leaves_no_child(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    stub(tmp_path / "bin", monkeypatch, f"sleep 300 & echo $$ $! > {pids}; wait\n")

    def interrupt():
        while not (pids.exists() and pids.read_text().endswith("\n")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        runner_at(tmp_path).run(commands.VERSION)

    assert all_gone(pids)


def test_much_input_and_much_output_at_once_do_not_block_each_other(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "exec cat\n")
    data = os.urandom(3_000_000)

    assert runner_at(tmp_path).check(commands.VERSION, data) == data


def test_a_child_that_does_not_read_is_no_error(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "exit 3\n")

    assert runner_at(tmp_path).run(commands.VERSION, b"x" * 1_000_000).code == 3


def test_endless_words_on_stderr_are_read_and_dropped(tmp_path, monkeypatch):
    stub(tmp_path / "bin", monkeypatch, "yes word | head -c 5000000 >&2; exit 1\n")

    ended = runner_at(tmp_path).run(commands.VERSION)

    assert (ended.code, len(ended.err) < 1_000_000) == (1, True)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("git version 2.38.0", "2.38.0"),
        ("git version 2.39.5 (Apple Git-154)", "2.39.5"),
        ("git version 3.0.0.rc1", "3.0.0.rc1"),
    ],
)
def test_a_git_that_is_new_enough_is_named(tmp_path, monkeypatch, said, version):
    stub(tmp_path / "bin", monkeypatch, f"echo '{said}'\n")

    assert check_version(runner_at(tmp_path), commands.VERSION) == version


@pytest.mark.parametrize("said", ["git version 2.37.9", "git version 1.99", "hello"])
def test_a_git_that_is_too_old_is_refused(tmp_path, monkeypatch, said):
    stub(tmp_path / "bin", monkeypatch, f"echo '{said}'\n")

    with pytest.raises(BotError) as caught:
        check_version(runner_at(tmp_path), commands.VERSION)

    assert caught.value.reason is Reason.GIT_UNUSABLE


def test_a_machine_without_git_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BotError) as caught:
        runner_at(tmp_path).run(commands.VERSION)

    assert caught.value.reason is Reason.GIT_UNUSABLE
