"""The scheduler as a process: starts a real child on time, passes signals on, leaves nobody behind."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from support.nights import Ears, FakeClock, job, until

from bot.core.reasons import Reason
from bot.daemon import scheduler as module
from bot.daemon.scheduler import Scheduler, background, catch_up
from bot.errors import BotError

# A scheduler whose clock says that it is shortly before 02:00, with children that do what their code says.
SERVER = """
import sys, time
from datetime import datetime, timedelta
from pathlib import Path
from bot.adapters.clock import SystemClock
from bot.daemon.scheduler import Scheduler
from support.nights import job

class Shifted(SystemClock):
    offset = datetime.fromisoformat("2026-11-21T01:59:59+00:00") - SystemClock().now()
    def now(self):
        return super().now() + self.offset

def say(event, **facts):
    print(event, *(f"{name}={value}" for name, value in facts.items()), flush=True)

folder = Path(sys.argv[1])
jobs = [job(folder, code, name=str(n), state_dir=folder / f"state{n}") for n, code in enumerate(sys.argv[3:])]
Scheduler(jobs, Shifted(), say, grace=float(sys.argv[2])).serve()
"""
NAP = "import os, time; open(f'pid-{os.getpid()}', 'w'); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + NAP
POLITE = (
    textwrap.dedent("""
    import os, signal, sys, time
    def leave(*_):
        open('left', 'w').write('politely')
        sys.exit(130)
    signal.signal(signal.SIGTERM, leave)
""")
    + NAP
)


class Server:
    """A scheduler in a process of its own; everything it says is kept."""

    def __init__(self, folder, grace, *codes):
        self.folder = folder
        self.output = folder / "output"
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        command = [sys.executable, "-c", SERVER, str(folder), str(grace), *codes]
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=env)

    def said(self, text):
        return text in self.output.read_text()

    def children(self):
        return [int(path.name.removeprefix("pid-")) for path in self.folder.glob("pid-*")]

    def wait_for(self, text):
        until(lambda: self.said(text) or self.process.poll() is not None, text)
        assert self.said(text), self.output.read_text()

    def wait_for_children(self, count):
        until(lambda: len(self.children()) == count, f"{count} children")

    def end(self):
        return self.process.wait(timeout=60)


@pytest.fixture
def serve(tmp_path):
    servers = []

    def start(grace, *codes):
        servers.append(Server(tmp_path, grace, *codes))
        return servers[-1]

    yield start
    for server in servers:
        for pid in [server.process.pid, *server.children()]:
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)
        server.process.wait(timeout=60)


def test_a_night_is_started_on_time_by_a_real_scheduler_and_its_end_is_said(serve):
    server = serve(5, "raise SystemExit(3)")
    server.wait_for("night-ended config=0 slot=2026-11-21 exit=3")
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 0
    assert server.said("serving config=0 cron=0 2 * * * zone=UTC next=2026-11-21T02:00:00Z")
    assert server.output.read_text().count("night-started") == 1
    assert server.said("stopped")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_and_the_night_may_end_by_itself(serve, tmp_path, number):
    server = serve(30, POLITE)
    server.wait_for_children(1)
    server.process.send_signal(number)
    assert server.end() == 0
    assert (tmp_path / "left").read_text() == "politely"
    assert server.said("exit=130")
    assert not psutil.pid_exists(server.children()[0])


def test_all_nights_of_all_repositories_end_and_the_deaf_one_is_killed_after_the_grace(serve, tmp_path):
    server = serve(1, DEAF, POLITE)
    server.wait_for_children(2)
    server.process.send_signal(signal.SIGTERM)
    assert server.end() == 0
    assert (tmp_path / "left").exists()
    assert server.said("exit=-9 why=killed")
    assert not any(map(psutil.pid_exists, server.children()))


def test_a_second_signal_kills_at_once(serve):
    server = serve(3600, DEAF)
    server.wait_for_children(1)
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGINT)
    assert server.end() == 0
    assert not psutil.pid_exists(server.children()[0])


def test_a_second_scheduler_on_one_state_directory_is_refused(tmp_path):
    both = [job(tmp_path, name="one"), job(tmp_path, name="two")]
    with pytest.raises(BotError, match="Another scheduler already serves the state directory of two") as caught:
        Scheduler(both, FakeClock("2026-11-20T12:00:00"), Ears()).serve()
    assert caught.value.reason is Reason.LOCKED


def test_the_lock_of_a_killed_scheduler_stops_nobody(serve, tmp_path):
    server = serve(5, NAP)
    server.wait_for_children(1)
    server.process.kill()
    server.end()
    ears = Ears()
    scheduler = Scheduler([job(tmp_path, state_dir=tmp_path / "state0")], FakeClock("2026-11-21T12:00:00"), ears)
    scheduler.stop()
    scheduler.serve()
    assert [event for event, _ in ears.heard][-1] == "stopped"


def test_jobs_that_a_clock_set_back_left_far_ahead_are_brought_back():
    scheduler = background()
    scheduler.start(paused=True)
    soon = datetime.now(tz=UTC) + timedelta(seconds=5)
    far = datetime.now(tz=UTC) + timedelta(days=1000)
    scheduler.add_job(print, "interval", seconds=1, next_run_time=soon, id="soon", timezone=UTC)
    scheduler.add_job(print, "interval", seconds=1, next_run_time=far, id="far", timezone=UTC)
    catch_up(scheduler)
    assert scheduler.get_job("soon").next_run_time == soon
    assert scheduler.get_job("far").next_run_time < soon
    scheduler.shutdown()


def test_late_fires_are_never_dropped_and_never_add_up():
    scheduler = background()
    scheduler.start(paused=True)
    made = scheduler.add_job(print, "interval", seconds=1, timezone=UTC)
    assert (made.misfire_grace_time, made.coalesce, made.max_instances) == (None, True, 1)
    scheduler.shutdown()


def test_the_parent_imports_nothing_heavy():
    heavy = {"pandas", "altair", "sqlalchemy", "alembic", "git", "github", "locust", "gevent", "pydantic"}
    code = f"import sys, bot.daemon.scheduler; print({heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"


def test_a_look_comes_often_enough():
    assert module.LOOK_S <= 60
    assert module.CHECK_S <= 60
