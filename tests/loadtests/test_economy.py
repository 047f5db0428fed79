"""With the shortcuts everything comes out as without them, whatever a server answers."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from enum import Enum

import pytest
from geventhttpclient.client import HTTPClient
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPParseError, HTTPResponse, HTTPSocketPoolResponse
from geventhttpclient.useragent import CompatRequest, _make_request
from hypothesis import given
from hypothesis import strategies as st

from loadtests.economy_answers import KnownAnswer, head_of, understand
from loadtests.economy_exchange import sparing
from loadtests.economy_session import KnownURL, SparingJar, sparing_requests

METHODS = ("GET", "POST")
PLAIN = HTTPClient.request
SPARING = sparing(PLAIN)
SMALL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: 1\r\n\r\nok"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"


class Pool:
    """Counts what comes back, and in which state."""

    def __init__(self):
        self.returned, self.released = [], []
        self.return_socket, self.release_socket = self.returned.append, self.released.append


def known(data, method="GET"):
    head, begin = head_of(data)
    pool = Pool()
    return KnownAnswer("sock", pool, method, 4096, head, data[begin:]), pool


# --- answers


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() not in {"connection", "content-length", "transfer-encoding", "upgrade", "trailer"}
)
values = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)


@given(
    st.sampled_from([200, 201, 404, 429, 500, 503]),
    st.dictionaries(names, values, max_size=5).filter(lambda found: len({n.lower() for n in found}) == len(found)),
    st.binary(max_size=200),
)
def test_a_known_answer_is_what_the_parser_makes_of_the_same_bytes(code, fields, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    data = f"HTTP/1.1 {code} Some Reason\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
    parsed = HTTPResponse(method="POST")
    parsed.feed(data)
    answer, pool = known(data, "POST")
    assert answer.status_code == parsed.status_code == code
    assert answer.status_message == parsed.status_message
    assert answer.info() == parsed.info()
    assert list(answer.items()) == list(parsed.items())
    assert answer.content_length == parsed.content_length
    assert answer.version == parsed.version
    assert answer.should_close() == parsed.should_close()
    assert answer.read() == parsed._body_buffer == body
    assert (pool.returned, pool.released) == (["sock"], [])


@given(st.binary(max_size=300))
def test_bytes_are_understood_only_where_the_parser_agrees(noise):
    for data in (noise + b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + noise + b"\r\nContent-Length: 0\r\n\r\n"):
        head, begin = head_of(data)
        if head is None or len(data) - begin != head.length:
            continue
        parsed = HTTPResponse(method="GET")
        parsed.feed(data)
        assert parsed.message_complete
        assert dict(parsed.info().itermerged()) == dict(head.fields.values())


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Folded: a\r\n b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: a \r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_more_than_a_plain_head_is_left_to_the_parser(head):
    assert understand(head) is None


def test_a_body_that_comes_in_pieces_is_read_whole_and_the_connection_kept():
    answer, pool = known(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab")
    assert not answer.message_complete
    assert answer.should_close()
    answer.feed(b"cd")
    assert answer.get_remaining_content_length() == 2
    answer.feed(b"ef")
    assert (answer.read(), pool.returned) == (b"abcdef", ["sock"])


@pytest.mark.parametrize("rest", [b"", b"cdefX"])
def test_a_body_that_breaks_its_promise_raises_as_the_parser_does(rest):
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab"
    pool = Pool()
    parsed, (answer, same) = HTTPSocketPoolResponse("sock", pool, method="GET", pre_buffered=data), known(data)
    raised, kept = [], []
    for each in (parsed, answer):
        with pytest.raises(HTTPParseError) as caught:
            each.feed(rest)
        raised.append(caught.value)
        kept.append((bytes(each._body_buffer), each.message_complete, dict(each.info())))
        each.release()
    assert repr(raised[0]) == repr(raised[1])
    assert kept[0] == kept[1]
    assert (same.returned, same.released) == (pool.returned, pool.released)


# --- the exchange, over real connections


@contextlib.contextmanager
def answering(*answers):
    """A server that gives these answers in turn, one a request, and begins again. Yields its port, and the requests.

    An answer is bytes, or several pieces: bytes, a pause in seconds, None to hang up.
    """
    taken, turn = [], iter(range(10_000))

    def serve(connection):
        with connection, contextlib.suppress(OSError):
            while request := read_request(connection):
                taken.append(request)
                answer = answers[next(turn) % len(answers)]
                for piece in answer if isinstance(answer, tuple) else (answer,):
                    if piece is None:
                        return
                    if isinstance(piece, float):
                        time.sleep(piece)
                        continue
                    connection.sendall(piece)
                    if b"Connection: close" in piece:
                        return

    def accept():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1], taken


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        if not (block := connection.recv(65536)):
            return b""
        data += block
    head, _, body = data.partition(b"\r\n\r\n")
    wanted = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


ANSWERS = {
    "plain": [SMALL],
    "in two pieces": [(SMALL[:20], SMALL[20:])],
    "body apart": [(SMALL[:-2], b"ok")],
    "large": [b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"z" * 300_000],
    "chunked": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"],
    "closing": [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"],
    "until the end": [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"],
    "interim": [b"HTTP/1.1 103 Early\r\n\r\n" + SMALL],
    "error": [SMALL.replace(b"200 OK", b"500 Oh")],
    "redirect": [b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"],
    "nothing": [b"HTTP/1.1 204 No\r\n\r\n"],
    "too much": [SMALL + b"more"],
    "nonsense": [SMALL, b"what?\r\n\r\n"],
    "cut short": [SMALL, SMALL.replace(b"Length: 2", b"Length: 99") + b"Connection: close"],
    "hung up": [SMALL, SMALL, None],
    "hung up after the head": [SMALL, (LONG, None), (LONG, 0.02, None)],
    "hung up just before the end": [SMALL, (LONG, 0.02, b"a" * 29, None), (LONG + b"a" * 29, 0.02, None)],
    "endless promise": [SMALL, (LONG.replace(b"30", b"99999999999999") + b"abc", 0.02, None)],
    "too much later": [SMALL, (SMALL[:-1], 0.02, b"kmore"), (SMALL[:-2], 0.02, b"okmore")],
    "another answer later": [SMALL, (SMALL[:-1], 0.02, b"k" + SMALL.replace(b"200 OK", b"404 No"))],
}


@contextlib.contextmanager
def client_of(port, kind=HTTPClient, **options):
    """A client of that server, closed in the end."""
    client = kind("127.0.0.1", port, **options)
    try:
        yield client
    finally:
        client.close()


def told(request, client, method, **kwargs):
    """Everything that can be seen of one exchange."""
    try:
        answer = request(client, method, "/path?q=1", **kwargs)
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return type(error), str(error)
    headers = answer.info()
    try:
        body = answer.read()
    except Exception as error:  # noqa: BLE001 - as above
        body = type(error), str(error), bytes(answer._body_buffer)
    facts = answer.status_code, answer.status_message, answer.message_complete, answer.should_close()
    return facts, list(headers.items()), list(answer.items()), body, answer._sent_request


@contextlib.contextmanager
def deadline(seconds=20):
    """Fails the test when it hangs, even in a loop that never lets go."""
    plain = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it hangs"))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, plain)


@pytest.mark.parametrize(
    ("method", "answers"),
    [
        *(pytest.param(method, each, id=f"{method} {name}") for name, each in ANSWERS.items() for method in METHODS),
        pytest.param("HEAD", [SMALL[:-2]], id="HEAD"),
    ],
)
def test_every_exchange_ends_as_without_the_shortcut(answers, method):
    seen = []
    for request in (PLAIN, SPARING):
        with deadline(), answering(*answers) as (port, taken):
            body = {"body": b"payload"} if method == "POST" else {}
            with client_of(port, network_timeout=5, concurrency=2) as client:
                results = [told(request, client, method, headers=Headers({"X-Here": "yes"}), **body) for _ in range(6)]
        seen.append((results, {each.replace(b"%d" % port, b"PORT") for each in taken}, port))
    plain, spared = seen
    assert [without(plain[2], each) for each in plain[0]] == [without(spared[2], each) for each in spared[0]]
    assert spared[1] == plain[1]


def without(port, result):
    return [str(part).replace(str(port), "PORT") for part in result]


def test_a_connection_is_used_again_and_a_dead_one_replaced():
    with answering(SMALL) as (port, taken), client_of(port) as client:
        socks = set()
        for _ in range(3):
            SPARING(client, "GET", "/").read()
            socks.update(map(id, client._connection_pool._socket_queue.queue))
        assert len(socks) == 1
        client._connection_pool._socket_queue.queue[0].shutdown(socket.SHUT_RDWR)
        assert SPARING(client, "GET", "/").read() == b"ok"
        assert len(taken) == 4


def test_no_answer_in_time_is_a_timeout_and_gives_the_place_back():
    with answering(SMALL, ()) as (port, _), client_of(port, network_timeout=0.1, concurrency=1) as client:
        SPARING(client, "POST", "/", b"x").read()
        with pytest.raises(TimeoutError, match="timed out"):
            SPARING(client, "POST", "/", b"x")
        assert client._connection_pool._semaphore.counter == 1


@pytest.mark.parametrize(
    ("method", "uri", "headers"),
    [
        ("GET", "/a b", {}),
        ("G T", "/", {}),
        ("GET", "//host/", {}),
        ("GET", "/", {"X\n": "1"}),
        ("GET", "/", {"X": "\n"}),
    ],
)
def test_what_must_not_be_sent_is_refused_in_the_same_words(method, uri, headers):
    with answering(SMALL) as (port, taken), client_of(port) as client:
        SPARING(client, "GET", "/").read()
        raised = []
        for request in (PLAIN, SPARING):
            with pytest.raises(ValueError, match="invalid") as caught:
                request(client, method, uri, headers=Headers(headers))
            raised.append(str(caught.value))
        assert raised[0] == raised[1]
        assert len(taken) == 1


def test_header_fields_that_change_are_never_mistaken_for_remembered_ones():
    with answering(SMALL) as (port, taken), client_of(port) as client:
        for number in range(200):
            SPARING(client, "POST", f"/{number}", b"x" * number, Headers({"X-Number": str(number)})).read()
        assert len(client._tails) <= 64
    for number, request in enumerate(taken):
        assert request.startswith(b"POST /%d HTTP/1.1\r\n" % number)
        assert b"\r\nX-Number: %d\r\n" % number in request
        assert b"\r\nContent-Length: %d\r\n" % number in request


class Word(str, Enum):  # noqa: UP042 - what is sent of this one is not what it equals
    """Equals a text, and looks different."""

    ONE = "1"


def test_header_values_that_only_equal_each_other_are_sent_as_they_are():
    sent = []
    for request in (PLAIN, SPARING):
        with answering(SMALL) as (port, taken), client_of(port) as client:
            for value in ("1", 1, True, 1.0, Word.ONE, "1"):
                for headers in ({"X-Value": value}, Headers({"X-Value": value})):
                    request(client, "GET", "/", headers=headers).read()
        sent.append([line for each in taken for line in each.split(b"\r\n") if line.startswith(b"X-Value")])
    assert sent[0] == sent[1]
    assert len(set(sent[0])) == 4


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("farewell", [None, (0.01, None)], ids=["at once", "later"])
def test_a_server_that_hangs_up_is_asked_as_often_as_without_the_shortcut(method, farewell):
    asked = []
    for request in (PLAIN, SPARING):
        with deadline(), contextlib.ExitStack() as stack:
            port, taken = stack.enter_context(answering(SMALL, *[farewell] * 20))
            client = stack.enter_context(client_of(port, concurrency=3))
            request(client, "GET", "/").read()
            result = told(request, client, method, headers=Headers({"X-Here": "yes"}))
            free = client._connection_pool._semaphore.counter
        asked.append((len(taken), without(port, result), free))
    assert asked[0] == asked[1]
    assert asked[0][0] == 1 + (1 if method == "POST" else 5)


def test_a_body_that_was_partly_read_before_it_broke_off_ends_as_without_the_shortcut():
    seen = []
    for request in (PLAIN, SPARING):
        with deadline(), contextlib.ExitStack() as stack:
            port, _ = stack.enter_context(answering(SMALL, (LONG + b"abcdef", 0.05, b"ghi", None)))
            client = stack.enter_context(client_of(port))
            request(client, "GET", "/").read()
            answer = request(client, "GET", "/")
            pieces = [answer.read(2), answer.read(3)]
            with pytest.raises(HTTPParseError, match="Incomplete") as caught:
                answer.read(10)
            seen.append((pieces, bytes(answer._body_buffer), str(caught.value)))
    assert seen[0] == seen[1] == ([b"ab", b"cde"], b"fghi", "Incomplete response.")


def test_a_client_of_the_load_files_own_is_left_alone():
    class Own(HTTPClient):
        def _build_request(self, *args, **kwargs):
            return super()._build_request(*args, **kwargs).replace("HTTP/1.1\r\n", "HTTP/1.1\r\nX-Own: 1\r\n")

    with answering(SMALL) as (port, taken), client_of(port, Own) as client:
        for _ in range(2):
            SPARING(client, "GET", "/").read()
    assert all(b"X-Own: 1" in each for each in taken)


# --- sessions


addresses = st.builds(
    lambda host, path, query: f"http://{host}{path}{query}",
    st.sampled_from(["h", "h:80", "u:p@h:8080", "[::1]:9"]),
    st.sampled_from(["", "/", "/a b", "/ä", "/%41", "/a;p", "//x", "/.."]),
    st.sampled_from(["", "?", "?a=1&b=ö", "?a=%zz", "#f"]),
)


@given(addresses, st.sampled_from([None, b"body", "text", {"a": "1"}]))
def test_a_request_to_a_known_address_is_the_request_to_the_address(address, payload):
    make = sparing_requests(_make_request)
    for _ in range(2):
        spared, plain = (f(address, "POST", Headers(), payload) for f in (make, _make_request))
        for name in ("url", "type", "host", "selector", "method", "payload", "original_host", "original_origin"):
            assert getattr(spared, name) == getattr(plain, name), name
        assert spared.headers == plain.headers
        for name in ("host", "port", "request_uri", "quoted_uri", "netloc", "scheme", "query"):
            assert getattr(spared.url_split, name) == getattr(plain.url_split, name), name
        assert str(spared.url_split) == str(plain.url_split)
        assert str(spared.url_split.redirect("/x")) == str(plain.url_split.redirect("/x"))


def test_parameters_still_go_into_the_address():
    make = sparing_requests(_make_request)
    assert make("http://h/x", params={"a": "1"}).url_split.query == "a=1"
    assert make("http://h/x", "GET", None, None, {"a": "1"}).url_split.query == "a=1"


def test_a_sparing_jar_keeps_and_sends_cookies():
    jar = SparingJar()
    first = CompatRequest("http://127.0.0.1/", headers=Headers())
    jar.add_cookie_header(first)
    assert "cookie" not in first.headers
    answer = HTTPResponse(method="GET")
    answer.feed(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nContent-Length: 0\r\n\r\n")
    jar.extract_cookies(_Answer(answer.info()), first)
    second = CompatRequest("http://127.0.0.1/", headers=Headers())
    jar.add_cookie_header(second)
    assert second.headers["cookie"] == "a=1"


class _Answer:
    def __init__(self, headers):
        self.headers = headers

    def info(self):
        return self.headers


def test_a_known_url_is_a_url():
    assert KnownURL("http://h:1/p?q=1") == KnownURL("http://h:1/p?q=1")
    assert tuple(KnownURL("http://h/p"))[:3] == ("http", "h", "/p")


# --- the switch


def test_the_installed_libraries_are_the_ones_that_the_shortcuts_were_written_for():
    code = "from loadtests.economy import SHORTCUTS; print([each.name for each in SHORTCUTS if not each.fits()])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_load_file_has_replaced_stays_as_it_made_it():
    code = (
        "from types import SimpleNamespace as S\n"
        "from loadtests import economy\n"
        "from locust.event import EventHook\n"
        "from geventhttpclient import client\n"
        "client.HTTPClient.request = own = lambda *_: None\n"
        "economy.economize(S(user_classes=[], shape_class=None, events=S(request=EventHook())))\n"
        "print(client.HTTPClient.request is own)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "True"


# --- Locust's statistics

CASES = {
    "nobody": "",
    "a shape": "environment.shape_class = object()",
    "a listener": "environment.events.test_stop.add_listener(Foreign().hear)",
    "a listener without a name": "environment.events.quitting.add_listener(partial(print))",
    "an event of its own": "environment.events.own = EventHook(); environment.events.own.add_listener(Foreign().hear)",
    "a word in a module": "import mentioning",
    "a word in the module of the users": "environment.user_classes = [type('U', (User,), {'__module__': 'mentioned'})]",
    "code that cannot be read": "sys.modules['unread'] = module = ModuleType('unread'); module.__file__ = '/none.py'",
    "plain users": "environment.user_classes = [FastHttpUser]",
    "locust and the load process": "environment.events.request.add_listener(economize)",
}
SCRIPT = """
import json, sys
from functools import partial
from types import ModuleType
import locust.main
from locust import FastHttpUser, User
from locust.env import Environment
from locust.event import EventHook
from loadtests.economy import economize
from loadtests.economy_statistics import leave_out_statistics

class Foreign:
    def hear(self, **_): pass

sys.modules["mentioned"] = ModuleType("mentioned")
kept = {}
for name, code in json.loads(sys.argv[1]).items():
    before = set(sys.modules)
    environment = Environment(user_classes=[])
    runner = environment.create_local_runner()
    exec(code)
    leave_out_statistics(environment)
    environment.events.request._handlers[0:] = [h for h in environment.events.request._handlers if h is not economize]
    fire = dict(request_type="GET", name="/", response_time=1.0, response_length=1, exception=None)
    environment.events.request.fire(**fire)
    kept[name] = environment.stats.total.num_requests == 1
    for each in set(sys.modules) - before:
        del sys.modules[each]
print(json.dumps(kept))
"""


def test_statistics_are_left_out_only_where_nobody_can_read_them(tmp_path):
    (tmp_path / "mentioning.py").write_text("def look(runner):\n    return runner.stats\n")
    command = [sys.executable, "-c", SCRIPT, json.dumps(CASES)]
    path = {"PYTHONPATH": os.pathsep.join((str(tmp_path), *sys.path))}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=os.environ | path)
    assert json.loads(done.stdout) == dict.fromkeys(CASES, True) | {
        "nobody": False,
        "plain users": False,
        "locust and the load process": False,
    }
