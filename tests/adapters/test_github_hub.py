"""The client and both logins against a GitHub that keeps to GitHub's rules and its own description."""

import socket
from datetime import UTC, datetime

import pytest
from support.github import (
    BAD_GATEWAY,
    CONFLICT,
    ERROR,
    FORBIDDEN_RATE,
    HTML_BAD_GATEWAY,
    HTML_OK,
    INVALID,
    LOST,
    PRIMARY_LIMIT,
    RESET,
    SECONDARY_LIMIT,
    TOKEN_EXPIRED,
    TOO_MANY,
    TRUNCATED,
    UNAVAILABLE,
    TokenKind,
    fake_github,
)
from support.gitrepos import make_remote
from support.scripted import HandClock

from bot.adapters.github.app import App, AppLogin
from bot.adapters.github.client import Client
from bot.adapters.github.failures import Rejected, Unsure
from bot.adapters.github.limits import Limits
from bot.adapters.github.login import TokenLogin
from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

LIMITS = Limits(timeout=5.0)
QUERY = "query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { id nameWithOwner } }"
PASSING = (BAD_GATEWAY, ERROR, FORBIDDEN_RATE, HTML_BAD_GATEWAY, HTML_OK, LOST, RESET, SECONDARY_LIMIT)
PASSING += (TOO_MANY, TRUNCATED, UNAVAILABLE)
UNKNOWN = (BAD_GATEWAY, ERROR, HTML_BAD_GATEWAY, HTML_OK, LOST, RESET, TRUNCATED, UNAVAILABLE)


@pytest.fixture
def clock():
    # The hub's own time, which its limits and tokens go by, is that of its answers as well.
    return HandClock(begun=datetime.now(UTC))


@pytest.fixture
def hub(tmp_path, clock):
    remote = make_remote(tmp_path / "remote.git")
    with fake_github(tmp_path, remote, now=lambda: clock.now().timestamp()) as hub:
        yield hub


def client_of(hub, clock, token, monkeypatch):
    monkeypatch.setenv("HUB_TOKEN", token)
    return Client(TokenLogin(Bearer("HUB_TOKEN")), hub.api_url, hub.full_name, clock, LIMITS)


@pytest.fixture
def client(hub, clock, monkeypatch):
    return client_of(hub, clock, hub.token, monkeypatch)


@pytest.fixture
def app(hub, clock, tmp_path):
    file = tmp_path / "app.pem"
    file.touch(0o600)
    file.write_text(hub.app_key)
    return AppLogin(App(hub.app_id, file), hub.api_url, hub.full_name, clock, LIMITS)


def tip(repository):
    return repository.get_git_ref("heads/staging").object.sha


def issue(repository):
    return repository.create_issue("blocked", "why").number


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_question_comes_through_whatever_passes(client, hub, fault):
    hub.fail("GET *", fault, times=2)

    assert client.read(tip) == hub.remote.sha("refs/heads/staging")


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_query_comes_through_whatever_passes(client, hub, fault):
    hub.fail("POST /graphql", fault)

    owner, _, name = hub.full_name.partition("/")
    found = client.graphql(QUERY, {"owner": owner, "name": name})

    assert found["repository"]["nameWithOwner"] == hub.full_name


@pytest.mark.parametrize("fault", UNKNOWN, ids=str)
def test_a_write_is_heard_once_and_left_unsure_when_its_answer_is_none(client, hub, fault):
    hub.fail("POST */issues", fault)

    with pytest.raises(Unsure):
        client.write(issue)

    assert len(hub.writes) == 1


@pytest.mark.parametrize("fault", [SECONDARY_LIMIT, FORBIDDEN_RATE, TOO_MANY], ids=str)
def test_a_write_that_was_held_off_is_done_once_in_the_end(client, hub, fault):
    hub.fail("POST */issues", fault)

    client.write(issue)

    assert len(hub.issues) == 1


@pytest.mark.parametrize("fault", [CONFLICT, INVALID], ids=str)
def test_a_no_is_told_with_its_status(client, hub, fault):
    hub.fail("POST */issues", fault)

    with pytest.raises(Rejected) as failed:
        client.write(issue)

    assert str(failed.value.status) in str(fault)
    assert hub.issues == []


def test_a_limit_of_ten_minutes_is_not_waited_out(client, hub, clock):
    hub.fail("GET *", PRIMARY_LIMIT)

    with pytest.raises(BotError) as failed:
        client.read(tip)

    assert failed.value.reason is Reason.HOST_LIMITED
    assert clock.slept == []


@pytest.mark.parametrize(
    ("kind", "permissions"),
    [
        (TokenKind.FINE_GRAINED, {"metadata": "read", "contents": "write"}),
        (TokenKind.INSTALLATION, {"metadata": "read"}),
    ],
)
def test_a_permission_that_is_missing_is_named(hub, clock, monkeypatch, kind, permissions):
    client = client_of(hub, clock, hub.access.add(kind, permissions), monkeypatch)

    with pytest.raises(Rejected, match="permission issues=write") as failed:
        client.write(issue)

    assert failed.value.reason is Reason.HOST_REFUSED


def test_a_repository_that_the_token_may_not_see_is_not_found(hub, clock, monkeypatch):
    client = client_of(hub, clock, hub.access.add(TokenKind.CLASSIC, scopes=()), monkeypatch)

    with pytest.raises(Rejected, match="404") as failed:
        client.read(tip)

    assert failed.value.reason is Reason.HOST_REFUSED


def test_an_app_logs_in_by_its_key_and_writes_as_itself(app, hub, clock):
    client = Client(app, hub.api_url, hub.full_name, clock, LIMITS)

    number = client.write(issue)

    assert [found["user"]["login"] for found in hub.issues if found["number"] == number] == [f"{hub.app_slug}[bot]"]
    assert app.permissions == hub.app_permissions
    assert client.calls == len(hub.requests) == 3


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_an_app_gets_its_token_whatever_passes(app, hub, fault):
    hub.fail("POST /app/*", fault)

    assert app.token().startswith("ghs_")


def test_a_token_that_ends_in_the_middle_of_a_night_is_exchanged_and_nothing_is_written_twice(app, hub, clock):
    client = Client(app, hub.api_url, hub.full_name, clock, LIMITS)
    client.read(tip)
    hub.fail("POST */issues", TOKEN_EXPIRED)

    client.write(issue)
    client.read(tip)

    assert len(hub.issues) == 1


def test_an_hour_later_there_is_another_token(app, hub, clock):
    client = Client(app, hub.api_url, hub.full_name, clock, LIMITS)
    client.read(tip)

    clock.sleep(3700)
    client.write(issue)

    assert [request.status for request in hub.requests if request.status >= 400] == []


def test_an_app_that_is_not_installed_is_told_so(app, hub):
    hub.app_is_installed = False

    with pytest.raises(BotError, match="not installed") as failed:
        app.token()

    assert failed.value.reason is Reason.BAD_CREDENTIALS


def test_a_key_of_another_app_is_told_so(hub, clock, app):
    other = AppLogin(App(hub.app_id + 1, app.app.file), hub.api_url, hub.full_name, clock, LIMITS)

    with pytest.raises(BotError) as failed:
        other.token()

    assert failed.value.reason is Reason.BAD_CREDENTIALS


# --- the fake itself


def test_the_way_back_to_a_moment_may_be_taken_again_and_again(client, hub):
    client.write(issue)
    back = hub.keep()
    for _ in range(2):
        client.write(issue)
        assert [each["number"] for each in hub.issues] == [1, 2]
        assert len({each["id"] for each in hub.issues}) == 2
        back()
        assert [each["number"] for each in hub.issues] == [1]


def test_a_request_is_heard_however_it_is_cut_and_a_connection_brings_more_than_one(hub):
    head = f"Host: x\r\nUser-Agent: x\r\nAuthorization: Bearer {hub.token}\r\n"
    body = b'{"title": "blocked", "body": "why"}'
    ask = f"POST /api/v3/repos/acme/shop/issues HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
    message = f"{ask}Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(("localhost", hub.port), timeout=20) as client:
        for part in (message[:30], message[30:-10], message[-10:] + message):
            client.sendall(part)
        client.sendall(f"GET /api/v3/user HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
        said = b"".join(iter(lambda: client.recv(65536), b""))
    assert said.count(b"HTTP/1.1 201 Created\r\n") == len(hub.issues) == 2
    assert said.count(b"HTTP/1.1 200 OK\r\n") == 1


def test_what_is_no_request_at_all_fails_the_test_that_sent_it(hub):
    with socket.create_connection(("localhost", hub.port), timeout=20) as client:
        client.sendall(b"nonsense\r\n\r\n")
        assert client.recv(1) == b""
    (told,) = hub.violations
    assert told.startswith("the fake itself failed")
    hub.violations.clear()
