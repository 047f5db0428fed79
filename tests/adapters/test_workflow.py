"""The files of a step: outputs that nothing in them can end early, and nothing at all outside a workflow."""

import pytest

from bot.adapters.workflow import Step, current_step
from bot.errors import BotError, Reason


def read_outputs(text):
    """As the runner reads the file."""
    values, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, mark = line.partition("<<")
        held = []
        for inside in lines:
            if inside == mark:
                break
            held.append(inside)
        values[name] = "\n".join(held)
    return values


@pytest.fixture
def step(tmp_path):
    return Step(tmp_path / "output", tmp_path / "summary", tmp_path / "annotations")


def test_outputs_are_read_back_as_they_were(step):
    step.set_outputs([("outcome", "blocked"), ("tag", ""), ("sha", "a=b<<c")])
    step.set_outputs([("outcome", "promoted")])
    told = read_outputs(step.outputs.read_text())
    assert told == {"outcome": "promoted", "tag": "", "sha": "a=b<<c"}


def test_no_value_can_set_another_output(step):
    step.set_outputs([("reason", "x\nend-0\nsha<<end-0\nevil\nend-0")])
    assert set(read_outputs(step.outputs.read_text())) == {"reason"}


def test_summary_and_annotations_are_added_to_what_is_there(step):
    step.summary.write_text("before\n")
    step.add_summary("after\n")
    step.annotate("::notice::x\n")
    assert step.summary.read_text() == "before\nafter\n"
    assert step.annotations.read_text() == "::notice::x\n"


def test_outside_a_workflow_there_is_no_step(monkeypatch):
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert current_step() is None


def test_a_runner_that_gives_no_file_is_no_failure(monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "PROMOTE_ANNOTATIONS"):
        monkeypatch.delenv(name, raising=False)
    step = current_step()
    assert step == Step(None, None, None)
    step.set_outputs([("outcome", "blocked")])


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(BotError, match="cannot be written") as caught:
        Step(tmp_path / "none" / "output", None).set_outputs([("outcome", "blocked")])
    assert caught.value.reason is Reason.STATE_UNUSABLE
