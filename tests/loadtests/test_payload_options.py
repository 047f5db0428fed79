import pytest

import loadtests
from loadtests.payload_options import request_of


def test_without_options_one_kibibyte_is_posted_to_echo():
    request = request_of({})
    assert (request.method, request.path, len(request.body), request.echo) == ("POST", "/echo", 1024, False)


def test_options_change_all_of_it_and_the_bytes_stay_the_same_every_night():
    given = {"payload": "64KiB", "method": "PUT", "path": "/sink", "expect": "echo"}
    request = request_of(given)
    assert (request.method, request.path, len(request.body), request.echo) == ("PUT", "/sink", 65536, True)
    assert request == request_of(given)
    assert len(request_of({"payload": 10}).body) == 10


@pytest.mark.parametrize("given", [{"payoad": "1KiB"}, {"payload": "big"}, {"expect": "nothing"}])
def test_an_option_that_makes_no_sense_is_named(given):
    with pytest.raises(ValueError, match=r".+"):
        request_of(given)


def test_a_load_file_asks_for_its_options(monkeypatch):
    monkeypatch.delenv(loadtests.OPTIONS_VARIABLE, raising=False)
    assert loadtests.options() == {}
    monkeypatch.setenv(loadtests.OPTIONS_VARIABLE, '{"payload": "1KiB"}')
    assert loadtests.options() == {"payload": "1KiB"}
    monkeypatch.setenv(loadtests.OPTIONS_VARIABLE, "[]")
    with pytest.raises(ValueError, match="JSON object"):
        loadtests.options()
