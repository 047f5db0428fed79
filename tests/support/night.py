"""A whole world for one night: a real bare remote, the demo service in a process of its own, and the real command."""

import json
import os
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import psutil
from support.canary import CANARY, forms
from support.service import running_service

PROMOTE = [sys.executable, "-m", "bot"]
# Every descendant of a process inherits this variable, wherever it may hide.
MARK = "PROMOTION_TEST_MARK"

SCENARIO = """
[[scenario]]
name = "load-1k"
kind = "load"
locustfile = "loadtests/payload.py"
rate = 60
duration = "2s"
warmup = "300ms"
options = { payload = "1KiB" }
[scenario.slo]
error_rate = "< 5%"
p95 = "< 2s"
"""


# The tests share their cores with the service and the load, which no limit of a real night allows for.
GENERATOR = """
[generator]
max_lateness = "1s"
max_cpu = "1000%"
max_wait = "100%"
max_throttled = "100%"
max_lag = "1m"
"""


# What a line says that counts the requests of a second.
SENT = '"second"'

_HOLD = """#!/bin/sh
while read -r old new ref; do
    [ "$ref" = refs/heads/main ] || continue
    touch asked
    for tenth in $(seq 1000); do [ -e go ] && break; sleep 0.1; done
done
"""


def git(*args: object, cwd: Path | None = None) -> str:
    """Run git as a person would, with nothing of this machine's configuration."""
    env = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Ada Example",
        "GIT_AUTHOR_EMAIL": "ada@shop.example",
        "GIT_COMMITTER_NAME": "Ada Example",
        "GIT_COMMITTER_EMAIL": "ada@shop.example",
    }
    done = subprocess.run(["git", *map(str, args)], cwd=cwd, env=env, capture_output=True, timeout=60, check=True)
    return done.stdout.decode().strip()


@dataclass
class Ended:
    """How one call of the command ended."""

    code: int
    stdout: str
    stderr: str

    def __post_init__(self) -> None:
        """Whatever was printed was printed for somebody to see."""
        if any(form in self.stdout + self.stderr for form in forms(CANARY)):
            raise AssertionError("the command said a secret")

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass
class World:
    """Everything one night needs; `promote(...)` runs the real command in a process of its own."""

    folder: Path
    url: str
    proof: bool = True
    scenarios: str = SCENARIO
    extra: str = ""
    remote: Path = field(init=False)
    work: Path = field(init=False)

    def __post_init__(self) -> None:
        self.remote, self.work = self.folder / "remote.git", self.folder / "work"
        git("init", "--quiet", "--bare", "--initial-branch=main", self.remote)
        git("init", "--quiet", "--initial-branch=staging", self.work)
        self.commit("feat: begin")
        self.push("main")
        self.commit("feat(api): answer faster (#7)")
        self.push("staging")
        self.configure()

    def configure(self) -> None:
        """Write the configuration file anew from the fields."""
        proof = 'version_url = "/version"\nversion_key = "sha"' if self.proof else ""
        text = f"""
        [repository]
        remote = "{self.remote}"
        source = "staging"
        target = "main"

        [staging]
        url = "{self.url}"
        {proof}

        [state]
        dir = "{self.state}"
        """
        self.config.write_text(textwrap.dedent(text) + GENERATOR + self.extra + self.scenarios)

    def move_to_github(self, url: str, host: Any, variable: str, *, repository: str = "", more: str = "") -> None:
        """Have the configuration name that address, and a GitHub beside it that takes the token in that variable.

        `repository` and `more` are further lines, of [repository] and at the end.
        """
        before = f'remote = "{self.remote}"\n'
        moved = self.config.read_text().replace(before, f'remote = "{url}"\n{repository}')
        self.config.write_text(
            f'{moved}[host]\nkind = "github"\napi_url = "{host.api_url}"\nrepository = "{host.full_name}"\n'
            f'token_env = "{variable}"\n{more}'
        )

    @property
    def config(self) -> Path:
        return self.folder / "promotion.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def commit(self, message: str) -> str:
        git("commit", "--quiet", "--allow-empty", "-m", message, cwd=self.work)
        return git("rev-parse", "HEAD", cwd=self.work)

    def push(self, branch: str, *, force: bool = False) -> None:
        flags = ["--force"] if force else []
        git("push", "--quiet", *flags, self.remote, f"HEAD:refs/heads/{branch}", cwd=self.work)

    def hold_pushes_to_main(self) -> Path:
        """The server takes its time over a push to main, until it is let go; the file says that it began."""
        hook = self.remote / "hooks" / "pre-receive"
        hook.write_text(_HOLD)
        hook.chmod(0o755)
        return self.remote / "asked"

    def let_pushes_go(self) -> None:
        (self.remote / "go").touch()

    def refs(self) -> dict[str, str]:
        lines = git("for-each-ref", "--format=%(refname) %(objectname)", cwd=self.remote).splitlines()
        return dict(line.split() for line in lines)

    def tip(self, branch: str) -> str:
        return self.refs()[f"refs/heads/{branch}"]

    def start(self, *args: str, config: Path | None = None) -> "Started":
        command = [*PROMOTE, "--config", str(config or self.config), *args]
        return Started(command, self.folder)

    def promote(self, *args: str, config: Path | None = None) -> Ended:
        return self.start(*args, config=config).finish()

    def measured(self, *words: str) -> bool:
        """Whether a run that is under way has a line with all of these words in its measurements."""
        lines = [line for each in self.state.glob("runs/*/*.ndjson") for line in each.read_text().splitlines()]
        return any(all(word in line for word in words) for line in lines)

    def last_run(self) -> Any:
        newest = max((self.state / "runs").iterdir())
        return json.loads((newest / "run.json").read_text())

    def last_folder(self) -> Path:
        return max((self.state / "runs").iterdir())


class Started:
    """The command while it runs; all its descendants carry a mark, so that none can outlive it unseen."""

    def __init__(self, command: list[str], cwd: Path) -> None:
        self._mark = uuid.uuid4().hex
        env = {**os.environ, MARK: self._mark, "NO_COLOR": "1"}
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, timeout: float = 180) -> Ended:
        """Wait for the end; fails when any descendant is still alive after it."""
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        survivors = survivors_of(self._mark)
        assert not survivors, survivors
        return Ended(self.process.returncode, out.decode(errors="replace"), err.decode(errors="replace"))

    def wait_for_load(self, night: World, timeout: float = 120) -> None:
        """Wait until requests are being sent and counted."""
        self.wait_for(lambda: night.measured(SENT), timeout)

    def wait_for(self, holds: Callable[[], bool], timeout: float = 120) -> None:
        """Wait until that holds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if holds():
                return
            time.sleep(0.05)
        self.process.kill()
        raise AssertionError(f"it never came so far: {self.process.communicate()}")


@contextmanager
def during_load(night: World, act: Callable[[], object]) -> Iterator[None]:
    """While this process runs a night in the block, that happens as soon as requests are sent and counted.

    Fails when they never were; what `act` raises is raised at the end.
    """
    ended = Event()
    with ThreadPoolExecutor(1) as pool:
        acted = pool.submit(_act_once_sent, night, act, ended)
        try:
            yield
        finally:
            ended.set()
        acted.result()


def _act_once_sent(night: World, act: Callable[[], object], ended: Event) -> None:
    while not night.measured(SENT):
        if ended.wait(0.02):
            raise AssertionError("the night ended before any request was counted")
    act()


def survivors_of(mark: str) -> list[str]:
    """The processes that were started with that mark and are still there after a while."""
    deadline = time.monotonic() + 5
    while found := list(filter(None, (_line_of(each, mark) for each in psutil.process_iter()))):
        if time.monotonic() > deadline:
            return found
        time.sleep(0.1)
    return []


def _line_of(process: psutil.Process, mark: str) -> str:
    """Its command line if it carries the mark and lives, else nothing."""
    try:
        is_ours = process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
        return " ".join(process.cmdline()) or str(process.pid) if is_ours else ""
    except psutil.Error:
        return ""


@contextmanager
def world(folder: Path, **fields: Any) -> Iterator[tuple[World, Any]]:
    """A world whose staging runs the tip of staging; yields it with the service's controls."""
    behaviour = fields.pop("behaviour", {})
    with running_service(**behaviour) as service:
        made = World(folder, service.url, **fields)
        service.control(sha=made.tip("staging"))
        yield made, service
