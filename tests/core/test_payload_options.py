import math

import pytest

from bot.core.payload_options import requests_of


def test_without_options_one_kibibyte_is_posted_to_echo():
    (request,) = requests_of({})
    assert (request.method, request.path, len(request.body), request.echo) == ("POST", "/echo", 1024, False)


def test_options_change_all_of_it_and_the_bytes_stay_the_same_every_night():
    given = {"payload": "64KiB", "method": "PUT", "path": "/sink", "expect": "echo"}
    (request,) = requests_of(given)
    assert (request.method, request.path, len(request.body), request.echo) == ("PUT", "/sink", 65536, True)
    assert [request] == requests_of(given)
    assert len(requests_of({"payload": 10})[0].body) == 10


def test_endpoints_have_their_own_requests_and_share_what_is_said_for_all():
    given = {
        "expect": "echo",
        "payload": "2KiB",
        "endpoints": [
            {"path": "/a", "weight": 3},
            {"path": "/b", "method": "PUT", "payload": 1, "expect": "", "weight": 0.5, "name": "the other"},
        ],
    }
    a, b = requests_of(given)
    assert (a.method, a.path, len(a.body), a.echo, a.weight, a.name) == ("POST", "/a", 2048, True, 3, None)
    assert (b.method, b.path, len(b.body), b.echo, b.weight, b.name) == ("PUT", "/b", 1, False, 0.5, "the other")
    assert [each.weight for each in requests_of({"endpoints": [{"path": "/a"}]})] == [1]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"payoad": "1KiB"}, "no option payoad"),
        ({"payload": "big"}, "payload 'big' is not a size"),
        ({"payload": -1}, "no number of bytes"),
        ({"payload": True}, "no number of bytes"),
        ({"expect": "nothing"}, "expect must be"),
        ({"method": 1}, "method must be a text"),
        ({"path": ""}, "path must be a text"),
        ({"weight": 2}, "no option weight"),
        ({"endpoints": []}, "at least one"),
        ({"endpoints": {"path": "/a"}}, "a list of tables"),
        ({"endpoints": ["/a"]}, "endpoints[0]: not a table"),
        ({"endpoints": [{"path": "/a"}], "path": "/b"}, "path must be said in each"),
        ({"endpoints": [{"path": "/a"}, {"weight": 1}]}, "endpoints[1]: path is missing"),
        ({"endpoints": [{"path": "/a", "wieght": 1}]}, "endpoints[0]: payload.py knows no wieght"),
        *(({"endpoints": [{"path": "/a", "weight": each}]}, "weight must be") for each in (0, -1, True, "1", math.inf)),
    ],
)
def test_an_option_that_makes_no_sense_is_named(given, words):
    with pytest.raises(ValueError, match=r".+") as failure:
        requests_of(given)
    assert words in str(failure.value)


def test_everything_that_makes_no_sense_is_named_at_once():
    with pytest.raises(ValueError, match=r"no option x; endpoints\[0\]: path is missing; endpoints\[0\]: weight"):
        requests_of({"x": 1, "endpoints": [{"weight": 0}]})
