"""A git server over HTTP on loopback: `git http-backend` behind Basic auth, and every way such a server goes wrong."""

import base64
import contextlib
import functools
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from support.gitrepos import Repo

USER, TOKEN = "x-access-token", "canary-0123456789-token"


@dataclass
class Trouble:
    """What goes wrong with every request that `on` is true of; it gets the method and the path with its query.

    `status` answers that code instead of git; `delay` waits so many seconds first; `cut_request` and `cut_answer`
    close the connection after so many bytes of the body; `lose_answer` closes it after git has done all its work.
    """

    on: Callable[[str, str], bool] = lambda _method, _path: True
    status: int = 0
    words: str = ""
    delay: float = 0.0
    cut_request: int | None = None
    cut_answer: int | None = None
    lose_answer: bool = False
    times: int = 1_000_000


def pushing(method: str, path: str) -> bool:
    """The request that carries a push."""
    return method == "POST" and path.endswith("/git-receive-pack")


def fetching(method: str, path: str) -> bool:
    """The requests that carry a fetch."""
    return method == "POST" and path.endswith("/git-upload-pack")


def about_pushes(_method: str, path: str) -> bool:
    """Whatever belongs to a push, the question for the refs included."""
    return "git-receive-pack" in path


@dataclass
class HttpGit:
    """The running server; `trouble` may be changed at any time, `requests` are the paths that were asked for.

    `sent` and `received` are the bytes of bodies, from the server's point of view.
    """

    port: int
    root: Path
    token: str | None = TOKEN
    user: str = USER
    trouble: Trouble | None = None
    requests: list[str] = field(default_factory=list)
    unauthorized: int = 0
    sent: int = 0
    received: int = 0

    def url(self, repo: Repo) -> str:
        """Where that bare repository is served."""
        return f"http://127.0.0.1:{self.port}/{repo.path.relative_to(self.root)}"

    def served(self, repo: Repo) -> Repo:
        """That repository with its address on this server; `git` still works on its folder."""
        repo.config("http.receivepack", "true")
        return _Served(repo.path, repo.seconds, self.url(repo))


@dataclass
class _Served(Repo):
    address: str = ""

    @property
    def url(self) -> str:
        return self.address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: HttpGit
    children: "set[subprocess.Popen[bytes]]"
    timeout = 30

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        self.state.requests.append(f"{self.command} {self.path}")
        trouble = self._trouble()
        time.sleep(trouble.delay)
        body = self._body(trouble.cut_request)
        if body is None:
            self._hang_up()
        elif not self._is_known():
            self.state.unauthorized += 1
            self._answer(401, b"", (("WWW-Authenticate", 'Basic realm="git"'),))
        elif trouble.status:
            self._answer(trouble.status, trouble.words.encode(), (("Content-Type", "text/plain"),))
        else:
            self._backend(body, trouble)

    def _trouble(self) -> Trouble:
        found = self.state.trouble
        if found is None or found.times <= 0 or not found.on(self.command, self.path):
            return Trouble()
        found.times -= 1
        return found

    def _is_known(self) -> bool:
        if self.state.token is None:
            return True
        expected = base64.b64encode(f"{self.state.user}:{self.state.token}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _body(self, cut: int | None) -> bytes | None:
        """The whole body, None where the connection is cut after so many bytes of it."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            body = b"".join(self._chunks(cut))
        else:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length if cut is None else min(cut, length))
        self.state.received += len(body)
        return None if cut is not None and body else body

    def _chunks(self, cut: int | None) -> Iterator[bytes]:
        got = 0
        while (size := int(self.rfile.readline().split(b";")[0], 16)) and (cut is None or got < cut):
            yield self.rfile.read(size)
            self.rfile.readline()
            got += size
        if not size:
            self.rfile.readline()

    def _backend(self, body: bytes, trouble: Trouble) -> None:
        child = subprocess.Popen(
            [_backend()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment(body),
        )
        self.children.add(child)
        out, _ = child.communicate(body, timeout=60)
        self.children.discard(child)
        if trouble.lose_answer:
            self._hang_up()
            return
        head, _, content = out.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n") if line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        rest = tuple((name, value) for name, value in headers if name not in ("Status", "Content-Length"))
        self._answer(status, content, rest, trouble.cut_answer)

    def _environment(self, body: bytes) -> dict[str, str]:
        parts = urlsplit(self.path)
        return {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(self.state.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": self.state.user,
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_COMMITTER_NAME": "server",
            "GIT_COMMITTER_EMAIL": "server@shop.example",
        }

    def _answer(self, code: int, body: bytes, headers: tuple[tuple[str, str], ...], cut: int | None = None) -> None:
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.state.sent += len(body if cut is None else body[:cut])
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(2)


@functools.cache
def _backend() -> str:
    """The program itself: `git http-backend` is a process more, which only waits for this one."""
    said = subprocess.run(["git", "--exec-path"], capture_output=True, check=True, timeout=60).stdout.decode()
    return str(Path(said.strip(), "git-http-backend"))


@contextlib.contextmanager
def http_git(root: Path, *, token: str | None = TOKEN, user: str = USER) -> Iterator[HttpGit]:
    """Serve every bare repository below `root`; `token=None` lets everybody in."""
    handler = type("Handler", (_Handler,), {"children": set()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # clients that hang up are the subject
    handler.state = HttpGit(server.server_port, root, token, user)
    thread = threading.Thread(target=lambda: server.serve_forever(0.05), name="http-git")
    thread.start()
    try:
        yield handler.state
    finally:
        server.shutdown()
        thread.join()
        for child in list(handler.children):
            child.kill()
        server.server_close()
