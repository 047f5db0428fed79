"""Small real processes to look at: they start, tell their id, and end with the block."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.adapters.process import end_group

LEAK = """
import sys, time
kept = []
print("ready", flush=True)
for line in sys.stdin:
    kept.append(b"\\x01" * int(line))
    print("kept", flush=True)
"""

FORKING = """
import os, sys, time, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
workers = []
for _ in range(2):
    pid = os.fork()
    if not pid:
        own = b"\\x01" * 20_000_000
        time.sleep(60)
        os._exit(0)
    workers.append(pid)
time.sleep(0.2)
print("ready", *workers, flush=True)
sys.stdin.readline()
os.kill(workers[0], signal.SIGKILL)
os.waitpid(workers[0], 0)
print("lost", flush=True)
sys.stdin.readline()
"""

SLEEP = "import sys; print('ready', flush=True); sys.stdin.readline()"

BURN = """
import os, sys, time
pid = os.fork()
if not pid:
    while time.process_time() < 0.3:
        pass
    print("ready", flush=True)
    sys.stdin.readline()
    os._exit(0)
os.waitpid(pid, 0)
print("waited", flush=True)
sys.stdin.readline()
time.sleep(60)
"""


@contextmanager
def child(code: str, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run that code in a Python of its own; it has printed its first line when the block begins."""
    process = subprocess.Popen(
        [sys.executable, "-S", "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={"PATH": os.environ["PATH"]},
    )
    try:
        assert process.stdout.readline()
        yield process
    finally:
        end_group(process, grace=1)
        process.stdin.close()
        process.stdout.close()


def tell(process: "subprocess.Popen[bytes]", line: str = "") -> bytes:
    """Send one line and wait for one line."""
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    return process.stdout.readline()
