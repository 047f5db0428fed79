"""Children in groups of their own: whatever interrupts their start or their work, none of them is left."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from support.aftermath import all_gone

from bot.adapters.process import child_group

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM)


class Interrupted(BaseException):
    """A signal came."""


def interrupt(number, _frame):
    raise Interrupted(number)


@contextmanager
def interrupting():
    """Every one of the signals raises, as in a command."""
    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def sleeper(pids, *said):
    """A child with a child of its own, both of which stay; their ids are in the file once both are there."""
    script = "; ".join([f"sleep 300 & echo $$ $! > {pids}.new", f"mv {pids}.new {pids}", *said, "wait"])
    pipe = subprocess.PIPE
    child = subprocess.Popen(["sh", "-c", script], stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    while not pids.exists():
        assert child.poll() is None
        time.sleep(0.01)
    return child


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interrupt_during_the_start_ends_what_was_started(tmp_path, number):
    pids, begun = tmp_path / "pids", []

    def start():
        child = sleeper(pids)
        os.kill(os.getpid(), number)
        begun.append("to its end")
        return child

    with interrupting():
        with pytest.raises(Interrupted) as caught, child_group(start):
            begun.append("the block")
        assert signal.getsignal(number) is interrupt
    assert caught.value.args == (number,)
    assert begun == ["to its end"]
    assert all_gone(pids)


def test_an_interrupt_in_the_block_ends_it_too(tmp_path):
    pids = tmp_path / "pids"

    def work():
        with child_group(lambda: sleeper(pids)):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(30)

    with interrupting(), pytest.raises(Interrupted):
        work()
    assert all_gone(pids)


def test_the_child_hears_the_signals_and_ignores_what_this_process_ignores():
    told = "import signal; print(*(int(signal.getsignal(n)) if n != 2 else 'int' for n in (1, 2, 14, 15)))"
    told += "; print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, ()))))"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupting_all_but_hangups(), child_group(lambda: python(told)) as child:
            assert child.stdout.read().split("\n")[:2] == ["1 int 0 0", "[]"]
    finally:
        signal.signal(signal.SIGHUP, before)


@contextmanager
def interrupting_all_but_hangups():
    with interrupting():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        yield


def python(program):
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_what_cannot_be_started_leaves_the_handlers_as_they_were():
    with interrupting():
        with pytest.raises(FileNotFoundError), child_group(lambda: subprocess.Popen(["/nowhere"])):
            pass
        assert {signal.getsignal(number) for number in SIGNALS} == {interrupt}


def test_the_pipes_are_shut_and_the_code_is_there(tmp_path):
    with child_group(lambda: sleeper(tmp_path / "pids", "echo hello", "exit 3")) as child:
        assert child.stdout.readline() == b"hello\n"
        child.wait(30)
    assert child.returncode == 3
    assert child.stdin.closed
    assert child.stdout.closed
    assert child.stderr.closed
    assert all_gone(tmp_path / "pids")


def test_another_thread_than_the_main_one_may_start_children_too(tmp_path):
    codes = []

    def run():
        with child_group(lambda: sleeper(tmp_path / "pids")) as child:
            pass
        codes.append(child.returncode)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert codes == [-signal.SIGTERM]
    assert all_gone(tmp_path / "pids")
