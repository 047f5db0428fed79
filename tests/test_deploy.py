"""The manifests that ship say what the program understands."""

import json
import re
from pathlib import Path

import click
import pytest

from bot.cli.main import promote
from bot.cli.worker import PORT

FOLDER = Path(__file__).parents[1] / "scripts" / "deploy" / "kubernetes"
WORKER = (FOLDER / "worker.yaml").read_text("utf-8")
MASTER = (FOLDER / "master.yaml").read_text("utf-8")
NETWORK = (FOLDER / "worker-network.yaml").read_text("utf-8")
README = (FOLDER / "README.md").read_text("utf-8")


def listed(name):
    """A list in flow style, as the manifests write command lines: it is JSON as well."""
    (found,) = re.findall(rf"^ +{name}: (\[.*\])$", WORKER, re.MULTILINE)
    return json.loads(found)


def test_the_command_of_the_worker_is_one_that_exists():
    assert listed("command") == ["promote"]
    name, *rest = listed("args")
    command = promote.get_command(click.Context(promote), name)
    given = command.make_context(name, rest).params
    assert given["forever"] is True
    host, port = given["master"]
    assert port == PORT
    assert f"name: {host}\n" in MASTER
    assert MASTER.count(f"port: {PORT}") == 2


@pytest.mark.parametrize(
    "line",
    [
        "runAsNonRoot: true",
        "readOnlyRootFilesystem: true",
        "allowPrivilegeEscalation: false",
        "automountServiceAccountToken: false",
        'drop: ["ALL"]',
    ],
)
def test_a_worker_has_no_rights_that_it_does_not_need(line):
    assert re.search(rf"^ +{re.escape(line)}$", WORKER, re.MULTILINE)


def test_a_worker_gets_the_core_that_it_asks_for():
    assert re.findall(r'cpu: "(\d+)"', WORKER) == ["1", "1"]
    assert len(set(re.findall(r"memory: (\w+)", WORKER))) == 1


def test_no_manifest_holds_a_secret():
    told = (WORKER + MASTER + NETWORK).replace("automountServiceAccountToken", "")
    assert not re.search(r"secret|token|password", told, re.IGNORECASE)


def test_a_worker_is_let_out_to_the_bot_and_to_what_is_named_and_nobody_in():
    labels = "app.kubernetes.io/component: worker"
    assert labels in NETWORK
    assert labels in WORKER
    assert 'policyTypes: ["Ingress", "Egress"]' in NETWORK
    assert re.search(r"^  ingress: \[\]$", NETWORK, re.MULTILINE)
    assert f"port: {PORT}" in NETWORK
    assert len(re.findall(r"^    - to:", NETWORK, re.MULTILINE)) == 3
    assert len(re.findall(r"^      ports:", NETWORK, re.MULTILINE)) == 3


def test_every_manifest_is_named_where_it_is_applied():
    (line,) = re.findall(r"^ +kubectl apply (.*)$", README, re.MULTILINE)
    assert sorted(line.split()[1::2]) == sorted(each.name for each in FOLDER.glob("*.yaml"))


def test_pods_are_given_time_to_end():
    assert re.search(r"^      terminationGracePeriodSeconds: \d+", WORKER, re.MULTILINE)
    assert "terminationGracePeriodSeconds" in README
    assert "activeDeadlineSeconds" in README


@pytest.mark.parametrize("page", [WORKER, MASTER, NETWORK], ids=["worker", "master", "network"])
def test_a_manifest_is_indented_by_twos_and_every_part_has_a_kind(page):
    for part in page.split("---\n"):
        assert re.search(r"^apiVersion: \S+\nkind: \w+\nmetadata:\n  name: ", part, re.MULTILINE)
    indents = {len(line) - len(line.lstrip()) for line in page.splitlines() if line.strip()}
    assert all(indent % 2 == 0 for indent in indents)
    assert "\t" not in page
