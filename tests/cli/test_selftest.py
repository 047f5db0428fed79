"""`promote selftest`: a few of its cases for real; all of them are what the command itself is for."""

import json
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from support.commands import call
from support.night import PROMOTE, Started

from bot.core.reasons import Exit, Reason
from bot.core.verdict import Result
from bot.selftest.cases import CASES

FEW = ("healthy-constant", "stale-commit", "killed-load", "errors", "evidence-swapped")


def only(*names):
    return [word for name in names for word in ("--only", name)]


def test_a_few_real_cases_get_their_verdicts(tmp_path):
    keep = tmp_path / "kept"
    ended = Started([*PROMOTE, "--json", "selftest", *only(*FEW), "--keep", str(keep)], tmp_path).finish()
    assert ended.code == Exit.OK, ended.stdout
    told = ended.json
    assert (told["outcome"], told["right"], told["false_passes"], told["false_blocks"]) == ("passed", len(FEW), 0, 0)
    assert sorted(each["name"] for each in told["cases"]) == sorted(FEW)
    by_name = {each["name"]: each for each in told["cases"]}
    assert {name: each["got"] for name, each in by_name.items()} == {
        "healthy-constant": "pass",
        "stale-commit": "invalid",
        "killed-load": "invalid",
        "errors": "fail",
        "evidence-swapped": "invalid",
    }
    assert "most often HTTP 500" in by_name["errors"]["sentence"]
    assert "healthy-constant" in ended.stderr
    assert len(list(keep.glob("*/state/runs/*/run.json"))) == len(FEW)


def test_what_it_kept_is_a_run_like_any_other(tmp_path):
    keep = tmp_path / "kept"
    Started([*PROMOTE, "selftest", *only("stale-commit"), "--keep", str(keep)], tmp_path).finish()
    config = keep / "stale-commit" / "promotion.toml"
    ended = Started([*PROMOTE, "--config", str(config), "judge", "last"], tmp_path).finish()
    assert ended.code == Exit.INVALID
    assert "staging should run" in ended.stdout


def always_pass(real):
    def verdict(*args, **named):
        found = real(*args, **named)
        return type(found)(Result.PASS, found.checks, found.evidence_sha256, found.objectives_sha256)

    return verdict


def test_a_gate_that_says_yes_to_everything_is_found_out(monkeypatch, tmp_path):
    import bot.flows.measure  # noqa: PLC0415 - to be broken here and nowhere else
    import bot.flows.rejudge  # noqa: PLC0415

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    for module in (bot.flows.measure, bot.flows.rejudge):
        monkeypatch.setattr(module, "verdict", always_pass(module.verdict))
    words = ["selftest", *only("stale-commit", "mixed-replicas")]
    ended = call(*words)
    assert ended.code == Exit.BLOCKED
    assert "0 of 2 as expected; false passes 2, false blocks 0" in ended.stdout
    assert Reason.SELFTEST_FAILED.code in ended.stderr
    # What may explain it is still there.
    assert len(list(tmp_path.glob("promote-selftest-*/*/state/runs/*/run.json"))) == 2


def test_an_interrupt_leaves_no_process_and_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    started = Started([*PROMOTE, "selftest", *only("healthy-soak")], tmp_path)
    wait_for_load(started.process.pid)
    started.process.send_signal(signal.SIGTERM)
    ended = started.finish()
    assert ended.code == Exit.INTERRUPTED
    assert not list(tmp_path.iterdir())


def wait_for_load(pid):
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        below = psutil.Process(pid).children(recursive=True)
        if any("loadtests.generator" in each.cmdline() for each in below if each.status() != "zombie"):
            return
        time.sleep(0.05)
    raise AssertionError("no load was seen")


def test_every_case_can_be_listed_without_playing_any():
    ended = call("selftest", "--list")
    assert ended.code == Exit.OK
    assert [line.split()[0] for line in ended.stdout.splitlines()] == [case.name for case in CASES]


def test_the_list_as_json_names_what_each_case_must_come_to():
    ended = call("--json", "selftest", "--list", "--only", "restart")
    assert json.loads(ended.stdout) == {
        "cases": [
            {
                "name": "restart",
                "injected": "the service's process is replaced by another one",
                "expected": "fail",
                "cause": "restart",
            }
        ]
    }


@pytest.mark.parametrize("words", [["--only", "nothing-such"], ["--keep", str(Path(sys.executable).parent)]])
def test_what_cannot_be_meant_is_refused(words):
    ended = call("selftest", *words)
    assert ended.code == Exit.USAGE
    assert Reason.BAD_USAGE.code in ended.stderr
