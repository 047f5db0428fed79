import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from loadtests.host import BoundedOutput, LastError, end_with

FULL = Path("/dev/full")


def test_output_falls_silent_after_its_bound():
    reading, writing = os.pipe()
    output = BoundedOutput(writing, most=10)
    for _ in range(5):
        output.write("12345\n")
    output.flush()
    os.close(writing)
    output._out.close()
    with os.fdopen(reading) as told:
        assert told.read() == "12345\n1234\n(more output was dropped)\n"


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_whoever_prints_to_a_full_disk_does_not_fail():
    with FULL.open("w") as full:
        output = BoundedOutput(full.fileno())
    for _ in range(3):
        print("x", file=output)
    print("y" * 20_000, file=output, flush=True)
    output._out.close()


def test_whoever_prints_to_a_pipe_that_nobody_reads_does_not_fail():
    reading, writing = os.pipe()
    output = BoundedOutput(writing)
    os.close(writing)
    os.close(reading)
    output.write("no end of line yet")
    output.flush()
    for _ in range(3):
        print("x", file=output, flush=True)
    output._out.close()


def test_the_last_error_is_its_first_line_and_where_its_traceback_ended():
    keeper = LastError()
    logger = logging.getLogger("test.last-error")
    logger.addHandler(keeper)
    logger.error("Uncaught: \nTraceback\n  File x\nRuntimeError: it")
    logger.info("nothing")
    assert keeper.text == "Uncaught: RuntimeError: it"


PARENT = '''
import subprocess, sys, time
code = """
import os, time
from loadtests.host import end_with
end_with(os.getppid())
print(1, flush=True)
time.sleep(60)
"""
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
'''


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has ended")
def test_a_killed_bot_leaves_no_load_behind():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    deadline = time.monotonic() + 20
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has ended")
def test_a_load_whose_parent_has_already_ended_does_not_begin():
    code = "from loadtests.host import end_with; end_with(1 << 22)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert "has ended" in done.stderr


def test_without_a_parent_to_watch_nothing_is_asked():
    end_with(None)
