import socket
import subprocess
import sys

import pytest
from support.server import serve

from loadtests.guard import AddressNotAllowedError, Guard, PinnedResolver, host_of, hosts_of


@pytest.fixture
def refusals():
    return []


@pytest.fixture
def guard(refusals):
    return Guard([("127.0.0.1", 8080), ("::1", 9090)], refusals.append)


@pytest.mark.parametrize(
    "address",
    [
        ("127.0.0.1", 8080),
        ("::ffff:127.0.0.1", 8080, 0, 0),
        ("::1", 9090, 0, 0),
        ("0:0:0:0:0:0:0:1%1", 9090, 0, 1),
        "/run/some.socket",
        b"\0abstract",
        None,
        (0, 0),
    ],
)
def test_allowed_and_local_addresses_pass(guard, refusals, address):
    guard.examine(address)
    assert refusals == []


@pytest.mark.parametrize(
    "address",
    [
        ("127.0.0.1", 8081),
        ("127.0.0.2", 8080),
        ("169.254.169.254", 80),
        ("localhost", 8080),  # a name that this process has not pinned
        ("::1", 8080, 0, 0),
        ("", 8080),
    ],
)
def test_every_other_address_is_refused_and_counted(guard, refusals, address):
    with pytest.raises(AddressNotAllowedError):
        guard.examine(address)
    assert refusals == [f"{address[0]}:{address[1]}"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://staging.example", ("staging.example", 80)),
        ("https://Staging.Example/base", ("staging.example", 443)),
        ("http://[::1]:8080", ("::1", 8080)),
    ],
)
def test_a_base_url_names_its_host_and_port(url, expected):
    assert host_of(url) == expected


def test_an_entry_of_the_allow_list_may_leave_out_the_port():
    assert hosts_of("cdn.example:8443") == [("cdn.example", 8443)]
    assert hosts_of("cdn.example") == [("cdn.example", 80), ("cdn.example", 443)]
    assert hosts_of("[::1]:5") == [("::1", 5)]


@pytest.mark.parametrize("entry", ["", ":80", "host/path", "host:port", "host:99999"])
def test_a_broken_entry_is_an_error(entry):
    with pytest.raises(ValueError, match=r".+"):
        hosts_of(entry)


def test_a_pinned_name_keeps_its_meaning():
    class Lying:
        def getaddrinfo(self, *_):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.9", 80))]

    pinned = PinnedResolver(Guard([("localhost", 8080)], print), Lying())
    told = {found[4][0] for found in pinned.getaddrinfo(b"LOCALHOST", "8080", 0, socket.SOCK_STREAM)}
    assert told <= {"127.0.0.1", "::1"}
    assert told
    assert pinned.getaddrinfo("other.example", 80)[0][4][0] == "203.0.113.9"


INSTALLED = """
import socket, sys
from loadtests.guard import Guard
refused = []
Guard([("127.0.0.1", int(sys.argv[1]))], refused.append).install()
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 5),
    lambda: socket.socket().connect_ex(("127.0.0.1", int(sys.argv[2]))),
    lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int(sys.argv[2]))),
):
    try:
        attempt()
    except PermissionError:
        continue
    sys.exit("a connection got through")
print(len(refused))
"""


def test_once_installed_nothing_in_the_process_gets_past_it():
    with serve() as allowed, serve() as forbidden:
        command = [sys.executable, "-c", INSTALLED, str(allowed.port), str(forbidden.port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert (done.stdout.strip(), done.stderr) == ("3", "")
        assert forbidden.connections() == 0
