"""A warm process answers in copies of itself: many at once, none outlives who asked, and failures are told whole."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from support.chaos import TESTS
from support.copies import Server

PROGRAM = """
import os, signal, sys, time
from support.copies import serve

said = []

def warm_up():
    said.append("warm")
    {warm}

def answer(folder, what, *words):
    said.append(what)
    if what == "fail":
        raise ValueError("so it is")
    if what == "die":
        print("last words", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hang":
        time.sleep(600)
    return [*said, *words, folder.name, os.getpid()]

serve(int(sys.argv[2]), warm_up, answer)
"""


def served(tmp_path, warm="pass"):
    (tmp_path / "program.py").write_text(PROGRAM.format(warm=warm))
    paths = os.pathsep.join(map(str, (tmp_path, TESTS, *filter(None, sys.path))))
    return Server("program", lambda: {"PATH": os.environ["PATH"], "PYTHONPATH": paths}, tmp_path)


@pytest.fixture
def server(tmp_path):
    made = served(tmp_path)
    yield made
    made.end()


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def alive(group):
    """The processes of a group that have not ended."""
    running = psutil.process_iter(["pid", "status"])
    ids = [each.info["pid"] for each in running if each.info["status"] != psutil.STATUS_ZOMBIE]
    return [pid for pid in ids if group_of(pid) == group]


def group_of(pid):
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def test_each_answer_is_a_copys_and_the_process_stays_as_it_was(server, tmp_path):
    (_, first, *words, where, one), (_, second, _, two) = (
        server.ask(tmp_path, each, 60) for each in (["a", "b"], ["c"])
    )
    assert (first, second, words, where) == ("a", "c", ["b"], tmp_path.name)
    assert one != two
    assert not {one, two} & {os.getpid()}


def test_who_asks_has_no_more_children_than_before(server, tmp_path):
    before = psutil.Process().children(recursive=True)
    server.ask(tmp_path, ["a"], 60)
    assert psutil.Process().children(recursive=True) == before


def test_many_may_ask_at_once(server, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        told = [*pool.map(lambda number: server.ask(tmp_path, [str(number)], 60), range(24))]
    assert [answer[1] for answer in told] == [str(number) for number in range(24)]
    assert len({answer[-1] for answer in told}) == 24


@pytest.mark.parametrize(("question", "words"), [("fail", "ValueError: so it is"), ("die", "last words")])
def test_what_fails_is_told_with_its_words_and_the_next_is_answered(server, tmp_path, question, words):
    with pytest.raises(AssertionError, match=words):
        server.ask(tmp_path, [question], 60)
    assert server.ask(tmp_path, ["a"], 60)[1] == "a"


def test_a_process_that_cannot_warm_up_says_why_to_everybody(tmp_path):
    server = served(tmp_path, warm="raise KeyError('cold')")
    for _ in range(2):
        with pytest.raises(AssertionError, match="cold"):
            server.ask(tmp_path, ["a"], 60)
    server.end()


def test_what_has_not_answered_in_its_time_is_ended_with_all_the_rest(server, tmp_path):
    server.ask(tmp_path, ["a"], 60)
    group = server._group
    with pytest.raises(AssertionError, match="hung"):
        server.ask(tmp_path, ["hang"], 1)
    wait_for(lambda: not alive(group))
    assert server.ask(tmp_path, ["a"], 60)[1] == "a"


def test_it_ends_when_nobody_can_ask_any_more(tmp_path):
    server = served(tmp_path)
    server.ask(tmp_path, ["a"], 60)
    group = server._group
    assert alive(group)
    server._line.close()
    wait_for(lambda: not alive(group))
