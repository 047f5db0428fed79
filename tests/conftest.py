"""What every test shares: no deadlines, and a canary in the environment that must be found nowhere afterwards."""

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import settings
from support.canary import CANARY, VARIABLES, Spawned, found_in, found_lately
from support.order import dealt

# Nothing here is timed: a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_LEAKS = pytest.StashKey[list]()
_BEGUN = pytest.StashKey[float]()
_SPAWNED = pytest.StashKey[Spawned]()


def pytest_configure(config):
    config.stash[_LEAKS] = []
    config.stash[_BEGUN] = time.time()
    config.stash[_SPAWNED] = Spawned()
    # What steers git on this machine is no matter of theirs, and would cost each git of the bot a program more, which
    # takes it away.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(dict.fromkeys(VARIABLES, CANARY))
    # A shell that starts this in the background has it ignore Ctrl-C, and so would everything that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """Each worker knows how many there are; without workers the order is that of the files."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers > 1:
        items[:] = dealt(items, workers)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """A test during which anybody said the canary fails, whatever else it showed."""
    report = yield
    told = [name for name, text in report.sections if CANARY in text]
    if told or CANARY in report.longreprtext:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: a secret was said ({', '.join(told) or 'in the failure itself'})"
        report.sections = [(name, text.replace(CANARY, "(the canary)")) for name, text in report.sections]
    return report


def pytest_sessionfinish(session):
    """Look through everything that the tests left on the disk; a worker tells the main process what it found."""
    leaks = found_in(session.config._tmp_path_factory.getbasetemp())
    # Crash logs and the like go where the machine keeps what is temporary.
    leaks += found_lately(Path(tempfile.gettempdir()), session.config.stash[_BEGUN])
    leaks += session.config.stash[_SPAWNED].leaks
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["leaks"] = leaks
        return
    session.config.stash[_LEAKS] += leaks
    if session.config.stash[_LEAKS]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[_LEAKS] += getattr(node, "workeroutput", {}).get("leaks", [])


def pytest_terminal_summary(terminalreporter, config):
    for path in config.stash[_LEAKS]:
        terminalreporter.write_line(f"LEAKED: a secret stands in {path}", red=True)
