"""The process of the embedded staging service: `python -m bot.demo.service --state FILE`.

It listens on 127.0.0.1 only, writes `{"port": …, "pid": …}` to the state file when it answers, and ends on SIGTERM.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.demo.app import ARRIVED, Service
from bot.demo.behaviour import Behaviour

BEHAVIOUR_VARIABLE: Final = "DEMO_SERVICE_BEHAVIOUR"
_PARENT_POLL_S: Final = 0.5
_BACKLOG: Final = 4096


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT, or the end of the parent process."""
    options = _options(arguments)
    listening = _listen(options.port)
    # Whatever exists by now stays for good: leaving it out of collections keeps pauses out of the latencies.
    gc.collect()
    gc.freeze()
    _Server(options, options.behaviour).run(sockets=[listening])
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.demo.service", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="file that tells port and pid once it answers")
    parser.add_argument("--parent", type=int, help="end as soon as the parent is another process than this one")
    parser.add_argument(
        "--behaviour",
        type=_behaviour,
        default=os.environ.get(BEHAVIOUR_VARIABLE, "{}"),
        help=f"JSON object of initial behaviour; default: ${BEHAVIOUR_VARIABLE}",
    )
    return parser.parse_args(arguments)


def _behaviour(text: str) -> Behaviour:
    try:
        return Behaviour().changed(json.loads(text))
    except (ValueError, AttributeError) as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return listening


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 that tells the application when the first bytes of a request were read."""

    def on_message_begin(self) -> None:
        """The parser has seen the beginning of a request."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[ARRIVED] = time.perf_counter()


class _Server(uvicorn.Server):
    """Tells when it answers, and goes when its parent has gone."""

    def __init__(self, options: argparse.Namespace, behaviour: Behaviour) -> None:
        super().__init__(_configuration(Service(behaviour)))
        self._state: Path = options.state
        self._parent: int | None = options.parent
        self._watch: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then announce it."""
        await super().startup(sockets=sockets)
        if self._parent is not None:
            self._watch = asyncio.create_task(self._end_with(self._parent))
        if sockets:
            _announce(self._state, sockets[0].getsockname()[1])

    async def _end_with(self, parent: int) -> None:
        # Asked for again and again: the kernel's own signal (PR_SET_PDEATHSIG) is tied to the parent's thread.
        while os.getppid() == parent:  # noqa: ASYNC110 - nothing in the process could set an event
            await asyncio.sleep(_PARENT_POLL_S)
        self.should_exit = True


def _configuration(application: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="uvloop",
        http=_Protocol,
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )


def _announce(state: Path, port: int) -> None:
    """Write the state file whole: a reader sees all of it or nothing."""
    told = json.dumps({"port": port, "pid": os.getpid()})
    unfinished = state.with_name(f".{state.name}.{os.getpid()}")
    unfinished.write_text(told + "\n", encoding="utf-8")
    unfinished.replace(state)
    print(told, flush=True)  # noqa: T201 - for people who start it by hand


if __name__ == "__main__":
    # The server raises the signal that ended it once more; ending as asked is a success.
    with contextlib.suppress(KeyboardInterrupt):
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        raise SystemExit(main())
