"""What a killed run leaves on its own machine (I12): processes that go on, locks, half clones, torn files."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.auditor import audit
from support.chaos import TESTS
from support.stories import Silence, main_is_staging, new_shop, nightly

NIGHT = """
import sys, pathlib
from support.stories import *
nightly(open_shop(pathlib.Path(sys.argv[1]), number=int(sys.argv[2])), Silence())
"""


@pytest.fixture
def shop(tmp_path):
    made = new_shop(tmp_path)
    yield made
    made.history.close()


@contextlib.contextmanager
def night_under_way(shop, number):
    """One night in a process of its own, which does not outlive the block."""
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
    with subprocess.Popen([sys.executable, "-c", NIGHT, str(shop.folder), str(number)], env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(path):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.01)


def test_a_push_that_goes_on_after_its_run_was_killed_is_waited_for(shop):
    pushing, go_on = shop.folder / "pushing", shop.folder / "go-on"
    shop.remote.hook(
        "pre-receive", f': > "{pushing}"\nfor _ in $(seq 300); do [ -e "{go_on}" ] && exit 0; sleep 0.1; done'
    )
    with night_under_way(shop, 1):
        wait_for(pushing)

    with night_under_way(shop, 2) as following:
        wait_for_run(shop, 2)
        assert stays(shop, "fetch")
        go_on.touch()
        assert following.wait(60) == 0

    first, second = (shop.runs.load(run_id) for run_id in shop.runs.run_ids())
    assert (first.outcome.value, second.outcome.value) == ("promoted", "up-to-date")
    found = audit(shop.remote.path)
    assert (found.violations, len(found.entries)) == ((), 1)
    assert shop.runs.unfinished() == ()


def wait_for_run(shop, count):
    deadline = time.monotonic() + 60
    while len(shop.runs.run_ids()) < count or "fetch" not in shop.events(shop.runs.run_ids()[-1]):
        assert time.monotonic() < deadline, "the next night never began"
        time.sleep(0.01)


def stays(shop, event, seconds=2.0):
    """Whether the newest run does nothing after that event for a while: it waits."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if shop.events(shop.runs.run_ids()[-1])[-1] != event:
            return False
        time.sleep(0.05)
    return True


LEFT = [
    "state/cache.git.lock",
    "state/lock",
    "state/cache.git/HEAD.lock",
    "state/cache.git/config.lock",
    "state/cache.git/packed-refs.lock",
    "state/cache.git/packed-refs.new",
    "state/cache.git/shallow.lock",
    "state/cache.git/index.lock",
    "state/cache.git/refs/remote/source.lock",
    "state/cache.git/refs/remote/target.lock",
    "state/cache.git/refs/remote/now.lock",
    "state/cache.git/refs/remote/notes/promotions.lock",
    "state/cache.git/objects/pack/tmp_pack_abc",
    "state/cache.git/objects/12/tmp_obj_abc",
    "state/cache.git.new/HEAD",
    "state/cache.git.old/HEAD",
    "state/runs/20261121-000000-0000/journal.ndjson",
    "state/runs/20261121-000001-0000/run.json",
    "state/runs/20261121-000002-0000/.run.json.abc.tmp",
]


@pytest.mark.parametrize("is_cold", [True, False], ids=["first night", "later night"])
def test_every_kind_of_residue_at_once_keeps_no_night_from_promoting(shop, is_cold):
    if not is_cold:
        assert nightly(shop, Silence(), slot="before").outcome == "promoted"
        shop.remote.commit("staging", "feat: more")
    for name in LEFT:
        path = Path(shop.folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{")

    record = nightly(shop, Silence())

    assert record.outcome == "promoted", record.reason
    assert main_is_staging(shop.remote)
    assert audit(shop.remote.path).violations == ()
    assert shop.runs.unfinished() == ()
    nightly(shop, Silence())
    assert shop.runs.unfinished() == ()
