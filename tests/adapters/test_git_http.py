"""Smart HTTP with a token: promotions over a real `git http-backend`, and everything that can go wrong on the way."""

import base64
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from support.gitrepos import make_remote
from support.httpgit import TOKEN, USER, Trouble, about_pushes, fetching, http_git, pushing
from support.promotions import open_repository, plan_for, prepared_on, pushed

import bot
from bot.adapters import git_askpass
from bot.adapters.git_access import Access
from bot.adapters.lock import FileLock
from bot.adapters.probes.bearer import Bearer
from bot.core.gate import Refusal
from bot.core.promotion import Promotion, PushOutcome
from bot.core.settle import Unsettled
from bot.errors import BotError, Reason

VARIABLE = "PROMOTION_TEST_TOKEN"
BY_VARIABLE = Access(Bearer(VARIABLE), hidden=(VARIABLE,))


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    (tmp_path / "served").mkdir()
    with http_git(tmp_path / "served") as running:
        yield running


@pytest.fixture
def remote(server):
    return server.served(make_remote(server.root / "shop.git"))


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


def opened(remote, folder, **more):
    return open_repository(remote, folder, **{"access": BY_VARIABLE, "deadline": 20.0} | more)


def made_ready(remote, folder, **more):
    repository = opened(remote, folder, **more)
    repository.fetch()
    return repository, repository.prepare(plan_for(repository))


def refusal_of(repository):
    with pytest.raises(BotError) as caught:
        repository.fetch()
    assert TOKEN not in caught.value.sentence
    return caught.value


def token_file(folder, content=TOKEN, mode=0o600):
    path = folder / "token"
    path.write_text(content + "\n")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("kept_in", ["variable", "file"])
def test_a_promotion_over_http_with_a_token(remote, server, tmp_path, lock, kept_in):
    access = BY_VARIABLE if kept_in == "variable" else Access(Bearer(file=token_file(tmp_path)), hidden=(VARIABLE,))
    tip = remote.sha("refs/heads/staging")

    repository, prepared = made_ready(remote, tmp_path, access=access)
    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.LANDED
    assert isinstance(end, Promotion)
    assert remote.sha("refs/heads/main") == tip
    assert remote.sha("refs/notes/promotions") == prepared.ledger_oid
    assert server.unauthorized > 0


def test_the_token_is_fetched_for_each_process_so_that_it_may_change_in_a_night(remote, server, tmp_path, lock):
    path = token_file(tmp_path)
    repository, prepared = made_ready(remote, tmp_path, access=Access(Bearer(file=path)))

    server.token = "renewed-while-the-load-ran"
    path.write_text(server.token)

    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_another_user_name_is_sent_where_the_server_wants_one(remote, server, tmp_path):
    server.user = "oauth2"

    assert refusal_of(opened(remote, tmp_path)).reason is Reason.BAD_CREDENTIALS
    opened(remote, tmp_path, access=Access(Bearer(VARIABLE), "oauth2")).fetch()


def test_a_wrong_token_is_called_bad_credentials_with_what_to_do(remote, server, tmp_path):
    server.token = "another"

    error = refusal_of(opened(remote, tmp_path))

    assert error.reason is Reason.BAD_CREDENTIALS
    assert "token_env" in error.action


def test_without_any_token_nobody_is_asked_for_one(remote, tmp_path):
    assert refusal_of(opened(remote, tmp_path, access=Access())).reason is Reason.BAD_CREDENTIALS


def test_a_variable_that_is_empty_is_named_and_nothing_is_asked_of_the_remote(remote, server, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "")

    error = refusal_of(opened(remote, tmp_path))

    assert error.reason is Reason.BAD_CREDENTIALS
    assert VARIABLE in error.sentence
    assert server.requests == []


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o602])
def test_a_token_file_that_others_can_get_at_is_not_used(remote, server, tmp_path, mode):
    path = token_file(tmp_path, mode=mode)

    error = refusal_of(opened(remote, tmp_path, access=Access(Bearer(file=path))))

    assert error.reason is Reason.BAD_CREDENTIALS
    assert f"chmod 600 {path}" in error.action
    assert server.requests == []


@pytest.mark.parametrize("kind", ["absent", "folder", "empty", "two lines"])
def test_a_token_file_without_a_token_is_told(remote, tmp_path, kind):
    path = tmp_path / "token"
    match kind:
        case "folder":
            path.mkdir(mode=0o700)
        case "empty":
            token_file(tmp_path, "")
        case "two lines":
            token_file(tmp_path, f"{TOKEN}\n{TOKEN}")

    error = refusal_of(opened(remote, tmp_path, access=Access(Bearer(file=path))))

    assert error.reason is Reason.BAD_CREDENTIALS


def test_a_token_that_is_taken_away_before_the_push_refuses_it_and_writes_nothing(remote, server, tmp_path, lock):
    repository, prepared = made_ready(remote, tmp_path)
    before = remote.refs()
    server.trouble = Trouble(on=about_pushes, status=401)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNAUTHENTICATED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.BAD_CREDENTIALS
    assert remote.refs() == before


def test_a_token_without_the_right_to_push_is_a_refusal(remote, server, tmp_path, lock):
    repository, prepared = made_ready(remote, tmp_path)
    server.trouble = Trouble(on=about_pushes, status=403)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.REJECTED
    assert isinstance(end, Refusal)
    assert end.reason is Reason.PUSH_REJECTED


def test_a_server_that_repeats_the_token_does_not_get_it_into_a_log(remote, tmp_path, lock):
    repository, prepared = made_ready(remote, tmp_path)
    basic = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
    remote.hook("pre-receive", f"echo {TOKEN} and {basic} are known >&2; exit 1\n")

    report, end = pushed(repository, prepared, lock)

    assert "*** and *** are known" in report.detail
    assert isinstance(end, Refusal)
    assert "*** and *** are known" in end.sentence


@pytest.mark.parametrize("code", [500, 502, 503])
def test_a_server_in_trouble_leaves_a_push_unknown_and_the_next_one_lands(remote, server, tmp_path, lock, code):
    repository, prepared = made_ready(remote, tmp_path)
    server.trouble = Trouble(on=pushing, status=code, times=1)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Unsettled)
    assert end.reason is Reason.PUSH_UNKNOWN
    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


def test_a_push_whose_answer_is_lost_has_landed_all_the_same(remote, server, tmp_path, lock):
    repository, prepared = made_ready(remote, tmp_path)
    server.trouble = Trouble(on=pushing, lose_answer=True)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Promotion)
    server.trouble = None
    assert pushed(repository, prepared, lock)[0].outcome is PushOutcome.LANDED


@pytest.mark.parametrize("after", [1, 300, 900])
def test_a_connection_that_dies_in_the_middle_of_a_push_writes_nothing(remote, server, tmp_path, lock, after):
    repository, prepared = made_ready(remote, tmp_path)
    before = remote.refs()
    server.trouble = Trouble(on=pushing, cut_request=after)

    report, end = pushed(repository, prepared, lock)

    assert report.outcome is PushOutcome.UNKNOWN
    assert isinstance(end, Unsettled)
    assert remote.refs() == before
    server.trouble = None
    assert isinstance(pushed(repository, prepared, lock)[1], Promotion)


@pytest.mark.parametrize("after", [0, 200, 2000])
@pytest.mark.parametrize("when", ["at first", "later"])
def test_a_connection_that_dies_in_the_middle_of_a_fetch_leaves_the_cache_as_it_was(
    remote, server, tmp_path, after, when
):
    repository = opened(remote, tmp_path)
    if when == "later":
        repository.fetch()
    held = repository.branch_facts() if when == "later" else None
    tip = remote.commits("staging", [os.urandom(2000).hex() for _ in range(20)])[-1]
    server.trouble = Trouble(on=lambda *request: fetching(*request) and len(server.requests) > 2, cut_answer=after)

    assert refusal_of(repository).reason is Reason.REMOTE_UNREACHABLE

    cache = tmp_path / "cache.git"
    assert (repository.branch_facts() == held) if held else not cache.exists()
    server.trouble = None
    repository.fetch()
    assert repository.branch_facts().source_sha == tip
    assert not list(cache.glob("objects/pack/*tmp*"))


@pytest.mark.parametrize("doing", ["fetch", "push"])
def test_a_remote_that_hangs_ends_at_the_deadline(remote, server, tmp_path, lock, doing):
    _, prepared = made_ready(remote, tmp_path)
    hasty = opened(remote, tmp_path, deadline=1.0)
    server.trouble = Trouble(delay=3.0, on=pushing if doing == "push" else fetching, times=1)

    if doing == "push":
        report, end = pushed(hasty, prepared, lock)
        assert "did not end within 1 s" in report.detail
        assert isinstance(end, Unsettled)
    else:
        assert refusal_of(hasty).reason is Reason.DEADLINE_EXCEEDED


def secrets_of(process):
    """What anybody on the machine could read of a process: its arguments, and, as the same user, its environment."""
    try:
        arguments = process.cmdline()
        # Between fork and exec a child is still a copy of the bot, which was given the token.
        return "" if arguments[:1] == [sys.executable] else " ".join([*arguments, *process.environ().values()])
    except psutil.Error:
        return ""


def test_the_token_is_in_no_argument_and_no_environment_of_any_process(remote, server, tmp_path):
    command = [sys.executable, "-c", FETCHING, remote.url, str(tmp_path / "cache.git")]
    server.trouble = Trouble(delay=0.7, times=3)
    environment = os.environ | {"PYTHONPATH": str(Path(bot.__file__).parent.parent)}
    seen = {}
    with subprocess.Popen(command, env=environment) as child:
        me = psutil.Process(child.pid)
        while child.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                for process in me.children(recursive=True):
                    seen[secrets_of(process)] = process.name()
            time.sleep(0.01)

    assert child.returncode == 0
    assert any("remote-http" in words for words in seen)
    assert not [name for words, name in seen.items() if TOKEN in words]


def test_not_even_the_shortest_process_is_given_the_token(remote, tmp_path):
    folder, told = tmp_path / "bin", tmp_path / "told"
    folder.mkdir()
    real = shutil.which("git")
    (folder / "git").write_text(f'#!/bin/sh\nenv | grep -q {TOKEN}; echo "$? $1" >> {told}\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    paths = {"PYTHONPATH": str(Path(bot.__file__).parent.parent), "PATH": f"{folder}:{os.environ['PATH']}"}

    subprocess.run(
        [sys.executable, "-c", FETCHING, remote.url, str(tmp_path / "cache.git")],
        env=os.environ | paths,
        check=True,
        timeout=60,
    )

    # One of them is started by GitPython, while it is imported.
    assert {"1 version", "1 fetch"} <= set(told.read_text().splitlines())
    assert "0 " not in told.read_text()


FETCHING = f"""
import sys
from pathlib import Path
from bot.adapters.git import GitRepository
from bot.adapters.git_access import Access
from bot.adapters.probes.bearer import Bearer
access = Access(Bearer("{VARIABLE}"), hidden=("{VARIABLE}",))
GitRepository(sys.argv[1], Path(sys.argv[2]), "staging", "main", "release/", access=access).fetch()
"""


def test_a_run_that_is_killed_leaves_no_token_on_disk_and_no_helper_alive(remote, server, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = os.environ | {"PYTHONPATH": str(Path(bot.__file__).parent.parent), "TMPDIR": str(home)}
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    server.trouble = Trouble(delay=1.5, on=fetching)
    command = [sys.executable, "-c", FETCHING, remote.url, str(home / "cache.git")]
    with subprocess.Popen(command, env=environment) as child:
        assert any(any(map(is_post, server.requests)) or time.sleep(0.02) for _ in range(600))
        family = psutil.Process(child.pid).children(recursive=True)
        child.send_signal(signal.SIGKILL)

    assert not [path for path in home.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive


def is_post(request):
    return request.startswith("POST")


def asked(prompt, remote, token=TOKEN):
    """What git would hear from the helper."""
    with git_askpass.answering(remote, "x-access-token", token) as answers:
        ended = subprocess.run(
            [answers.environment["GIT_ASKPASS"], prompt],
            env={"PATH": os.environ["PATH"], **answers.environment},
            pass_fds=answers.descriptors,
            capture_output=True,
            check=False,
            timeout=10,
        )
        return ended.returncode, ended.stdout.decode()


FORGE = git_askpass.Remote("https://forge.example:8443/shop.git", "https")


@pytest.mark.parametrize("memory", ["descriptor", "pipe"])
def test_the_helper_answers_as_often_as_git_asks(monkeypatch, memory):
    if memory == "pipe":
        monkeypatch.delattr(os, "memfd_create")
    with git_askpass.answering(FORGE, "x-access-token", TOKEN) as answers:
        for _ in range(20):
            said = subprocess.run(
                [answers.environment["GIT_ASKPASS"], "Password for 'https://x-access-token@forge.example:8443': "],
                env=dict(answers.environment),
                pass_fds=answers.descriptors,
                capture_output=True,
                check=True,
                timeout=10,
            )
            assert said.stdout.decode() == f"{TOKEN}\n"
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(answers.descriptors[0])


@pytest.mark.parametrize(
    "prompt",
    [
        "Password for 'http://proxy.example:3128': ",
        "Password for 'https://bot@proxy.example:3128': ",
        "Username for 'https://proxy.forge.example:8443': ",
        "Password for 'https://x@evil.forge.example:8443': ",
        "Password for 'http://x-access-token@forge.example:8443': ",
        "Password for 'https://x-access-token@forge.example': ",
        "Enter passphrase for key '/home/bot/.ssh/id_ed25519': ",
        "",
    ],
)
def test_nobody_else_gets_an_answer(prompt):
    assert asked(prompt, FORGE) == (1, "")


def test_the_helper_names_the_user_and_a_token_of_odd_signs_stays_whole():
    odd = r"a\b%s$(id)`id`*?'x"

    assert asked("Username for 'https://forge.example:8443': ", FORGE) == (0, "x-access-token\n")
    assert asked("Password for 'https://x-access-token@forge.example:8443': ", FORGE, odd) == (0, f"{odd}\n")


def test_neither_an_ssh_nor_a_local_remote_gets_the_token(tmp_path):
    for place in (git_askpass.Remote("git@h:x.git", "ssh"), git_askpass.Remote(str(tmp_path), "file")):
        with BY_VARIABLE.opened(place) as answers:
            assert answers == git_askpass.Answers()


def test_reading_the_cache_has_no_transport_at_all(tmp_path):
    remote = make_remote(tmp_path / "remote.git")
    repository, _ = prepared_on(remote, tmp_path)

    with pytest.raises(BotError, match="transport 'file' not allowed"):
        repository._runner.check(("git", "ls-remote", remote.url))
