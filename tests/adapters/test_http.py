import gzip
import itertools
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from support.hostile import answering, closed_port, raw_server, reply
from support.scripted import Say, scripted

from bot import __version__
from bot.adapters.http import Answer, Failure, Route, exchange, get


def test_a_whole_answer_comes_with_status_type_and_body():
    with answering(b"gone", status="404 Not Found", kind="Text/Plain; charset=utf-8") as url:
        assert get(url) == Answer(404, "text/plain", b"gone")


class Show(BaseHTTPRequestHandler):
    """Answers with the headers it was sent."""

    def do_GET(self):
        sent = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        pass


def test_it_says_who_asks_and_asks_for_no_compression():
    with HTTPServer(("127.0.0.1", 0), Show) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer = get(f"http://127.0.0.1:{server.server_port}/")
        thread.join()
    asked = json.loads(answer.body)
    assert asked["user-agent"] == f"promotion-bot/{__version__}"
    assert asked["accept-encoding"] == "identity"
    assert "cookie" not in asked
    assert "authorization" not in asked


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("no_proxy", "")
    with answering(b"direct") as url:
        assert get(url) == Answer(200, "application/json", b"direct")


def test_a_redirect_is_an_answer_and_is_not_followed():
    reached = []
    with raw_server(lambda _, number: reached.append(number)) as elsewhere:

        def handle(connection, _):
            connection.sendall(reply(b"", "302 Found", "text/plain", f"Location: {elsewhere}/"))

        with raw_server(handle) as url:
            assert get(url) == Answer(302, "text/plain", b"")
    assert reached == []


def test_a_redirect_with_an_endless_body_is_cut_off():
    def handle(connection, _):
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with raw_server(handle) as url:
        assert get(url, max_bytes=100_000) == Failure("the answer is longer than 100000 bytes")


@pytest.mark.parametrize("head", ["", "Transfer-Encoding: chunked\r\n"])
def test_an_endless_body_is_cut_off_at_the_cap(head):
    def handle(connection, _):
        connection.sendall(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode())
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    with raw_server(handle) as url:
        assert get(url, max_bytes=1000) == Failure("the answer is longer than 1000 bytes")


def drip(first: bytes):
    """Sends a beginning, then one byte now and then: no single wait is ever long."""

    def handle(connection, _):
        connection.sendall(first)
        for _ in itertools.repeat(None, 200):
            connection.sendall(b"x")
            time.sleep(0.05)

    return handle


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_bytes_is_given_up_at_the_deadline_and_leaves_no_thread(first):
    before = threading.active_count()
    with raw_server(drip(first)) as url:
        assert get(url, deadline=0.3) == Failure("no complete answer within 0.3 s")
    until = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.02)
    assert not [thread for thread in threading.enumerate() if thread.name == "http-get"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x00\x1b[2Jnonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_half_an_answer_is_a_failure_in_our_own_words(sent):
    with raw_server(lambda connection, _: connection.sendall(sent)) as url:
        assert get(url) == Failure("the connection ended before a complete HTTP answer came")


def test_a_compressed_answer_is_refused_unread():
    def handle(connection, _):
        connection.sendall(reply(gzip.compress(bytes(50_000_000)), "200 OK", "text/plain", "Content-Encoding: gzip"))

    with raw_server(handle) as url:
        assert get(url, max_bytes=1000) == Failure("the answer is compressed, which was not asked for")


def test_nobody_listening_is_named():
    assert get(f"http://127.0.0.1:{closed_port()}/") == Failure("the connection was refused")


def test_a_name_that_does_not_resolve_is_named():
    failure = get("http://nowhere.invalid/", deadline=10)
    assert failure in (Failure("the host name does not resolve"), Failure("no complete answer within 10 s"))


def test_a_plain_server_behind_https_fails_as_tls():
    with answering(b"plain") as url:
        answer = get(url.replace("http:", "https:"))
    assert answer == Failure("TLS failed: the handshake or the certificate was not accepted")


@pytest.mark.parametrize("url", ["", "no-scheme/x", "ftp://127.0.0.1/", "http://", "http://[bad", "http://a..b\x00/"])
def test_an_unusable_address_is_a_failure_that_does_not_repeat_it(url):
    answer = get(url)
    assert isinstance(answer, Failure)
    assert not url or url not in answer.text


def test_an_exchange_sends_its_body_and_gives_the_headers_of_the_answer():
    with scripted() as script:
        script.say(Say(201, headers={"X-Made": "yes"}))
        request = requests.Request("POST", script.api, headers={"X-Asked": "so"}, data=b"a body")
        answer = exchange(request, deadline=5, max_bytes=1000)

    assert (answer.status, answer.headers["x-made"]) == (201, "yes")
    assert [(asked.headers["x-asked"], asked.body) for asked in script.asked] == [("so", b"a body")]


def test_a_request_that_nobody_saw_is_told_apart_from_one_whose_answer_was_lost():
    with raw_server(lambda connection, _: connection.close()) as url:
        lost = exchange(requests.Request("POST", url, data=b"x"), deadline=5, max_bytes=10)
    nobody = exchange(requests.Request("POST", f"http://127.0.0.1:{closed_port()}"), deadline=5, max_bytes=10)
    nowhere = exchange(requests.Request("POST", "http://nowhere.invalid"), deadline=5, max_bytes=10)
    route = Route({"http": f"http://127.0.0.1:{closed_port()}"})
    behind = exchange(requests.Request("POST", "http://127.0.0.1:9"), deadline=5, max_bytes=10, route=route)

    assert [ended.unsent for ended in (lost, nobody, nowhere, behind)] == [False, True, True, True]


def test_a_named_proxy_is_used():
    def handle(connection, _):
        connection.sendall(reply(b"by way of the proxy"))

    with raw_server(handle) as proxy:
        request = requests.Request("GET", "http://nowhere.invalid/")
        answer = exchange(request, deadline=5, max_bytes=100, route=Route({"http": proxy}))

    assert answer.body == b"by way of the proxy"


def test_a_proxy_that_never_answers_is_given_up_on():
    with raw_server(lambda *_: time.sleep(2)) as proxy:
        request = requests.Request("GET", "https://nowhere.invalid/")
        ended = exchange(request, deadline=0.2, max_bytes=100, route=Route({"https": proxy}))

    assert isinstance(ended, Failure)
