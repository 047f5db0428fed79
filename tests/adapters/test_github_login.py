"""Who the bot is on GitHub: the secret is read late, kept for minutes, and found in no other place (I19)."""

import os
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from support.gitrepos import make_remote
from support.httpgit import TOKEN as GIT_TOKEN
from support.httpgit import http_git
from support.promotions import open_repository, plan_for, pushed
from support.scripted import START, Broken, HandClock, Say, scripted

from bot.adapters.git_access import Access
from bot.adapters.git_remote import parse_remote
from bot.adapters.github.app import App, AppLogin
from bot.adapters.github.client import Client
from bot.adapters.github.limits import Limits
from bot.adapters.github.login import LoginKind, TokenLogin
from bot.adapters.lock import FileLock
from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

REPOSITORY = {"id": 7, "default_branch": "main"}
LIMITS = Limits(timeout=1.0, attempts=3)
APP = 123456
HALF_A_KEY = "MIIEowIBAAKCAQEAhalf"


def pem(key):
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def key_file(key, tmp_path):
    file = tmp_path / "app.pem"
    file.touch(0o600)
    file.write_text(pem(key))
    return file


@pytest.fixture
def hub():
    with scripted() as script:
        yield script


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def app(hub, clock, key_file):
    return AppLogin(App(APP, key_file), hub.api, "acme/shop", clock, LIMITS)


def granted(name, minutes=60, **more):
    until = START + timedelta(minutes=minutes)
    body = {"token": name, "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ"), **more}
    return Say(201, body, date=format_datetime(START, usegmt=True))


INSTALLED = Say(body={"id": 99, "account": {"login": "acme"}})
MISSING = Say(404, {"message": "Not Found"})


# --- a token


def test_a_token_of_the_environment_is_read_when_it_is_needed(monkeypatch):
    login = TokenLogin(Bearer("SHOP_TOKEN"))
    monkeypatch.setenv("SHOP_TOKEN", "first")
    assert login.token() == "first"
    assert not login.renew()
    monkeypatch.setenv("SHOP_TOKEN", "second")
    assert login.renew()
    assert login.token() == "second"
    assert login.kind is LoginKind.TOKEN


def test_a_token_file_is_for_the_bot_alone(tmp_path):
    file = tmp_path / "token"
    file.write_text("in-a-file\n")
    file.chmod(0o600)
    login = TokenLogin(Bearer(file=file))
    assert login.token() == "in-a-file"
    file.chmod(0o640)
    with pytest.raises(BotError, match="read or changed by others") as failed:
        login.ready()
    assert failed.value.reason is Reason.BAD_CREDENTIALS
    assert "in-a-file" not in str(failed.value)


@pytest.mark.parametrize("value", ["", "  ", "two words", "line\nbreak", "\x00"])
def test_what_is_no_token_is_not_sent_anywhere(value, tmp_path):
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(value)

    with pytest.raises(BotError) as failed:
        TokenLogin(Bearer(file=file)).token()

    assert failed.value.reason is Reason.BAD_CREDENTIALS


# --- an App


def test_an_app_signs_with_its_key_and_asks_for_this_repository_alone(app, hub, key):
    hub.say(INSTALLED, granted("ghs_first", permissions={"contents": "write", "metadata": "read"}))

    assert app.token() == "ghs_first"

    found, asked = hub.asked
    assert (found.verb, found.path) == ("GET", "/api/v3/repos/acme/shop/installation")
    assert (asked.verb, asked.path) == ("POST", "/api/v3/app/installations/99/access_tokens")
    assert asked.document == {"repositories": ["shop"]}
    for request in hub.asked:
        kind, _, signed = request.headers["authorization"].partition(" ")
        claims = jwt.decode(signed, key.public_key(), algorithms=["RS256"])
        assert (kind, claims["iss"]) == ("Bearer", str(APP))
        assert claims["exp"] - claims["iat"] <= 600
    assert app.permissions == {"contents": "write", "metadata": "read"}
    assert (app.kind, app.calls) == (LoginKind.APP, 2)


def test_making_the_login_and_looking_whether_it_can_be_used_asks_nobody(app, hub):
    app.ready()

    assert hub.asked == []


def test_what_is_said_after_a_soak_is_said_with_a_token_that_was_fetched_after_it(app, hub, clock):
    hub.say(INSTALLED, granted("before"), granted("after"))
    assert app.token() == app.token() == "before"

    clock.sleep(15 * 60)

    assert app.token() == "after"
    assert hub.verbs == ["GET", "POST", "POST"]


def test_a_token_that_is_about_to_end_is_not_begun_with(app, hub, clock):
    hub.say(INSTALLED, granted("short", minutes=6), granted("next"))
    assert app.token() == "short"

    clock.sleep(61)

    assert app.token() == "next"


def test_how_long_a_token_works_is_told_by_the_host_and_not_by_the_clock_here(hub, key_file, clock):
    clock.sleep(86_400)
    ahead = AppLogin(App(APP, key_file), hub.api, "acme/shop", clock, LIMITS)
    hub.say(INSTALLED, granted("good"), granted("not needed"))

    assert ahead.token() == ahead.token() == "good"


def test_a_token_that_is_not_accepted_is_exchanged_and_the_write_is_sent_once_more(app, hub, clock):
    client = Client(app, hub.api, "acme/shop", clock, LIMITS)
    hub.say(
        INSTALLED, granted("revoked"), Say(401, {"message": "Bad credentials"}), granted("good"), Say(201, {"id": 3})
    )

    def comment(repository):
        return repository.requester.requestJsonAndCheck("POST", f"{repository.url}/issues/1/comments", input={})[1]

    assert client.write(comment) == {"id": 3}
    assert [asked.headers["authorization"] for asked in hub.asked if "comments" in asked.path] == [
        "Bearer revoked",
        "Bearer good",
    ]
    assert client.calls == 5


def test_a_login_that_is_refused_again_and_again_ends(app, hub, clock):
    client = Client(app, hub.api, "acme/shop", clock, LIMITS)
    refused = Say(401, {"message": "Bad credentials"})
    hub.say(INSTALLED, granted("one"), refused, granted("two"), refused)

    with pytest.raises(BotError) as failed:
        client.read(lambda repository: repository.default_branch)

    assert failed.value.reason is Reason.BAD_CREDENTIALS
    assert len(hub.asked) == 5


@pytest.mark.parametrize(
    "trouble", [Say(502), Broken.RESET, Broken.CUT, Say(200, b"<html>", kind="text/html")], ids=str
)
def test_logging_in_is_tried_again_since_a_second_token_does_no_harm(app, hub, clock, trouble):
    hub.say(trouble, INSTALLED, trouble, granted("late"))

    assert app.token() == "late"
    assert clock.slept == [0.5, 0.5]
    assert app.waited >= 1.0


@pytest.mark.parametrize("answers", [(MISSING,), (INSTALLED, MISSING), (INSTALLED, Say(403, {"message": "suspended"}))])
def test_an_app_that_is_not_installed_is_told_apart_from_a_host_that_fails(app, hub, answers):
    hub.say(*answers)

    with pytest.raises(BotError, match="GitHub App 123456 is not installed for acme/shop") as failed:
        app.token()

    assert failed.value.reason is Reason.BAD_CREDENTIALS


@pytest.mark.parametrize(
    "answer",
    [
        Say(201, {}),
        Say(201, {"token": 5, "expires_at": "2026-11-21T03:00:00Z"}),
        Say(201, {"token": "a b", "expires_at": "2026-11-21T03:00:00Z"}),
        Say(201, {"token": "", "expires_at": "2026-11-21T03:00:00Z"}),
        Say(201, {"token": "x", "expires_at": "soon"}),
        Say(201, ["x"]),
    ],
)
def test_an_answer_without_a_usable_token_is_the_hosts_failure(app, hub, answer):
    hub.say(INSTALLED, answer)

    with pytest.raises(BotError) as failed:
        app.token()

    assert failed.value.reason is Reason.HOST_FAILED
    assert failed.value.__context__ is None


def test_a_key_that_others_may_read_is_refused(app, key_file, hub):
    key_file.chmod(0o644)

    with pytest.raises(BotError, match="read or changed by others") as failed:
        app.ready()

    assert failed.value.reason is Reason.BAD_CREDENTIALS
    assert hub.asked == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not a key",
        f"-----BEGIN RSA PRIVATE KEY-----\n{HALF_A_KEY}\n-----END RSA PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["empty", "no key", "broken", "another kind"],
)
def test_what_is_no_rsa_key_is_refused_and_not_repeated(app, key_file, content):
    key_file.write_text(content)

    with pytest.raises(BotError, match="key") as failed:
        app.token()

    assert failed.value.reason is Reason.BAD_CREDENTIALS
    assert HALF_A_KEY not in f"{failed.value!r} {failed.value.__context__!r}"


@pytest.mark.parametrize("lines", ["\n", "\\n", "\r\n"])
def test_a_key_may_stand_in_a_variable_however_its_lines_end(monkeypatch, key, clock, hub, lines):
    monkeypatch.setenv("APP_KEY", pem(key).replace("\n", lines))
    hub.say(INSTALLED, granted("from-a-variable"))

    assert AppLogin(App(APP, variable="APP_KEY"), hub.api, "acme/shop", clock, LIMITS).token() == "from-a-variable"


def test_neither_key_nor_token_shows_where_a_login_is_printed_or_logged(app, hub, caplog, key):
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="github")
    hub.say(INSTALLED, granted("ghs_secret"), Say(body=REPOSITORY))
    client = Client(app, hub.api, "acme/shop", HandClock(), LIMITS)

    client.read(lambda repository: repository.default_branch)

    shown = f"{app!r} {vars(app)!r} {client!r} {vars(client)!r} {caplog.text}"
    assert "ghs_secret" not in shown
    assert pem(key).splitlines()[1] not in shown


# --- git


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="there is no /proc")
def test_git_gets_the_same_token_through_askpass_and_only_over_http(app, hub):
    hub.say(INSTALLED, granted("for-git-as-well"))
    access = Access(login=app)

    with access.opened(parse_remote("https://github.example/acme/shop.git")) as answers:
        assert "for-git-as-well" not in str(answers.environment)
        assert os.pread(answers.descriptors[0], 100, 0) == b"for-git-as-well\n"
    with access.opened(parse_remote("git@github.example:acme/shop.git")) as answers:
        assert answers.descriptors == ()


def test_the_remotes_own_token_goes_before_that_of_the_host(app, hub, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "its-own")

    with Access(Bearer("SHOP_TOKEN"), login=app).opened(
        parse_remote("https://github.example/acme/shop.git")
    ) as answers:
        assert os.pread(answers.descriptors[0], 100, 0) == b"its-own\n"
    assert hub.asked == []


def test_a_promotion_is_pushed_with_the_token_of_the_app(app, hub, tmp_path):
    (tmp_path / "served").mkdir()
    hub.say(INSTALLED, granted(GIT_TOKEN))
    with http_git(tmp_path / "served") as server:
        remote = server.served(make_remote(server.root / "shop.git"))
        repository = open_repository(remote, tmp_path, access=Access(login=app), deadline=20.0)
        repository.fetch()
        with FileLock(tmp_path / "lock").hold() as lock:
            _, ended = pushed(repository, repository.prepare(plan_for(repository)), lock)

    assert ended.target_after == remote.sha("refs/heads/main") == remote.sha("refs/heads/staging")
    assert hub.verbs == ["GET", "POST"]
