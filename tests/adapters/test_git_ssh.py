"""Promotions over a real ssh, with the keys that the configuration names."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from support.gitrepos import make_remote
from support.promotions import open_repository, plan_for
from support.sshd import reason_against, sshd

from bot.adapters.git_access import Access
from bot.adapters.git_environment import environment
from bot.adapters.git_remote import parse_remote
from bot.adapters.lock import FileLock
from bot.core.promotion import Promotion, PushOutcome
from bot.core.settle import settle
from bot.errors import BotError, Reason

pytestmark = pytest.mark.skipif(reason_against() is not None, reason=str(reason_against()))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd(tmp_path_factory.mktemp("ssh") / "sshd") as running:
        yield running


@pytest.fixture
def local(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def remote(server, local):
    return type("Remote", (), {"url": server.url(local)})


@pytest.fixture
def access(server):
    return Access(ssh_key=server.key, known_hosts=server.known_hosts)


def refusal_of(remote, folder, access):
    with pytest.raises(BotError) as caught:
        open_repository(remote, folder, access=access, deadline=30.0).fetch()
    return caught.value


def test_a_promotion_over_ssh(remote, local, tmp_path, access):
    repository = open_repository(remote, tmp_path, access=access, deadline=30.0)
    repository.fetch()
    prepared = repository.prepare(plan_for(repository))

    with FileLock(tmp_path / "lock").hold() as proof:
        report = repository.push(prepared, proof)

    assert report.outcome is PushOutcome.LANDED
    assert isinstance(settle(prepared, report, repository.read_back(prepared)), Promotion)
    assert local.sha("refs/notes/promotions") == prepared.ledger_oid


def test_a_key_that_the_server_does_not_know_is_bad_credentials(remote, tmp_path, access, server):
    error = refusal_of(remote, tmp_path, replace(access, ssh_key=server.other_key))

    assert error.reason is Reason.BAD_CREDENTIALS
    assert "Permission denied (publickey)" in error.sentence


def test_a_host_that_nobody_knows_is_not_talked_to(remote, tmp_path, access):
    nobody = tmp_path / "known_hosts"
    nobody.touch()

    error = refusal_of(remote, tmp_path, replace(access, known_hosts=nobody))

    assert error.reason is Reason.REMOTE_UNREACHABLE
    assert "Host key verification failed" in error.sentence


def test_a_hook_speaks_through_ssh_as_well(remote, local, tmp_path, access):
    local.hook("pre-receive", "echo not on a Friday >&2; exit 1\n")
    repository = open_repository(remote, tmp_path, access=access, deadline=30.0)
    repository.fetch()
    prepared = repository.prepare(plan_for(repository))

    with FileLock(tmp_path / "lock").hold() as proof:
        report = repository.push(prepared, proof)

    assert report.outcome is PushOutcome.REJECTED
    assert "not on a Friday" in report.detail


@pytest.mark.parametrize("name", ["plain", "with blank", "100%s", "o'clock", "$HOME", ";id"])
def test_every_path_reaches_ssh_as_it_is(tmp_path, name):
    command = environment(parse_remote("git@h:x.git"), tmp_path, Access(ssh_key=tmp_path / name))["GIT_SSH_COMMAND"]

    told = effective(command)

    assert told["identityfile"] == str(tmp_path / name)


def effective(command):
    """What ssh itself makes of its options."""

    shown = subprocess.run(
        ["sh", "-c", f"{command} -G host"], capture_output=True, check=True, timeout=10, cwd=Path("/")
    ).stdout.decode()
    return {key: value.replace("%%", "%") for key, _, value in (line.partition(" ") for line in shown.splitlines())}


@pytest.mark.parametrize("name", ['a"b', "${HOME}", "a\nb"])
def test_a_path_that_ssh_cannot_be_told_is_refused(tmp_path, name):
    with pytest.raises(BotError) as caught:
        Access(known_hosts=tmp_path / name).ssh_options()

    assert caught.value.reason is Reason.BAD_CONFIGURATION
