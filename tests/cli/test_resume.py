"""`promote run --resume`: finishes what earlier runs left and promotes nothing; it stands alone."""

import pytest
from support.commands import call
from support.gitrepos import make_remote
from support.installation import Installation


@pytest.mark.parametrize(
    "others",
    [
        "--now",
        "--override",
        "--override-window",
        "--dry-run",
        "--reason x",
        "--rate 5",
        "--soak-duration 1m",
        "--scenario load-1k",
    ],
)
def test_it_stands_alone(others):
    ended = call("run", "--resume", *others.split())
    assert ended.code == 2
    assert "--resume stands alone" in ended.stderr


@pytest.mark.parametrize("command", ["nightly", "gate"])
def test_only_run_knows_it(command):
    assert "No such option '--resume'" in call(command, "--resume").stderr


def test_where_nothing_is_left_it_says_so_and_moves_nothing(tmp_path):
    remote = make_remote(tmp_path / "remote.git")
    made = Installation(tmp_path)
    made.config.write_text(made.config.read_text().replace("https://git.example/acme/shop.git", remote.url))
    before = remote.refs()
    ended = call("--config", made.config, "--json", "run", "--resume")
    assert ended.code == 0, ended.stderr
    run = ended.json
    assert (run["outcome"], run["reason_code"], run["candidate"]) == ("up-to-date", "resumed", None)
    assert remote.refs() == before
