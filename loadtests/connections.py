"""One repair of the fast HTTP client: looking at a kept connection must cost neither time nor the connection.

Before it sends on a kept connection, geventhttpclient asks `select` whether the server has closed it. Under gevent that
lets every other greenlet run first, which the request then pays for; and `select` fails beyond descriptor 1023, so that
a large pool would connect anew for every request. `poll` does neither.
"""

import select
from typing import Any

from gevent import monkey
from geventhttpclient import connectionpool


def look_without_waiting() -> None:
    """Replace the check of kept connections, for this process."""
    poll = monkey.get_original("select", "poll")

    def is_socket_alive(_pool: Any, sock: Any) -> bool:
        if sock is None or sock.fileno() < 0:
            return False
        poller = poll()
        poller.register(sock.fileno(), select.POLLIN)
        return not poller.poll(0)  # what is readable while idle is a farewell, or dirt

    pool: Any = connectionpool.ConnectionPool
    pool._is_socket_alive = is_socket_alive  # noqa: SLF001 - it offers no other way
