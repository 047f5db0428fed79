"""Answers are taken only in the shape that they must have: no other one says that there is nothing."""

import pytest
from support.canary import CANARY
from support.scripted import HandClock, Say, scripted

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.failures import Rejected, Unsure
from bot.adapters.github.limits import Limits
from bot.adapters.github.login import TokenLogin
from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

ODD = [
    None,
    True,
    3,
    "text",
    {},
    {"data": "<html>"},
    {"message": "Moved Permanently"},
    [None],
    [3],
    [{}],
    [{"id": "7"}],
]


@pytest.fixture
def hub():
    with scripted() as script:
        yield script


@pytest.fixture
def client(hub, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    return Client(TokenLogin(Bearer("SHOP_TOKEN")), hub.api, "acme/shop", HandClock(), Limits(timeout=1.0))


@pytest.mark.parametrize("body", ODD, ids=str)
def test_what_is_no_list_of_things_is_not_an_empty_one(hub, client, body):
    hub.say(Say(body=body))
    with pytest.raises(BotError) as caught:
        list(rest.listed(client, "/issues"))
    assert caught.value.reason is Reason.HOST_FAILED


@pytest.mark.parametrize("body", [*ODD, {"check_runs": {}}, {"check_runs": [4]}], ids=str)
def test_nor_is_an_object_that_should_hold_one(hub, client, body):
    hub.say(Say(body=body))
    with pytest.raises(BotError):
        list(rest.listed(client, "/commits/x/check-runs", "check_runs"))


@pytest.mark.parametrize("body", ODD, ids=str)
def test_a_write_that_is_answered_without_its_object_may_have_been_done_or_not(hub, client, body):
    hub.say(Say(201, body))
    with pytest.raises(Unsure):
        client.write(lambda repository: rest.sent(repository, "POST", "/issues", {"title": "x"}))
    assert len(hub.asked) == 1


@pytest.mark.parametrize("body", [None, [], 3], ids=str)
def test_what_is_no_object_is_not_found_and_not_missing_either(hub, client, body):
    hub.say(Say(body=body))
    with pytest.raises(BotError):
        rest.find(client, "/releases/tags/x")


def test_missing_is_what_github_says_is_missing(hub, client):
    hub.say(Say(404, {"message": "Not Found"}))
    assert rest.find(client, "/releases/tags/x") is None


def test_a_list_that_may_not_be_seen_is_a_refusal_but_below_a_known_thing_it_only_comes_late(hub, client):
    hub.say(Say(404, {"message": "Not Found"}), Say(404, {"message": "Not Found"}), Say(403, {"message": "no"}))
    with pytest.raises(Rejected):
        list(rest.listed(client, "/issues"))
    assert rest.below(client, "/issues/1/comments") == []
    with pytest.raises(Rejected):
        rest.below(client, "/issues/1/comments")


def test_a_list_is_read_as_far_as_it_is_needed_and_never_for_ever(hub, client):
    further = {"link": '<http://elsewhere.example/?page=2>; rel="next"'}
    hub.say(*[Say(body=[{"id": 1}], headers=further)] * 20)
    first = next(rest.listed(client, "/issues"))
    assert first == {"id": 1}
    assert len(hub.asked) == 1
    assert len(list(rest.listed(client, "/issues", most=4))) == 4
    assert len(hub.asked) == 5


@pytest.mark.parametrize(
    ("api", "page"),
    [
        ("https://api.github.com", "https://github.com/acme/shop"),
        ("https://github.acme.example/api/v3", "https://github.acme.example/acme/shop"),
        ("https://api.acme.ghe.com/", "https://acme.ghe.com/acme/shop"),
        ("http://localhost:4000", "http://localhost:4000/acme/shop"),
    ],
)
def test_pages_for_people_are_where_the_api_is_without_what_makes_it_one(client, api, page):
    client.address = api
    assert rest.web(client) == page
