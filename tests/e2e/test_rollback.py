"""A bad release and the way back, end to end: the real command, a real remote, a real service."""

import json
import subprocess

import pytest
from support.commands import call, here
from support.night import git, world


@pytest.fixture
def town(tmp_path):
    """A world with two releases behind it."""
    with world(tmp_path) as (night, service):
        for number in (1, 2):
            changed(night, service, f"feat: version {number}", str(number))
            ended = here(night, "--now", "--quiet", "--json")
            assert ended.code == 0, ended.stderr
        yield night, service


def changed(night, service, message, content):
    """A commit with another content, deployed to staging."""
    (night.work / "version.txt").write_text(content)
    git("add", "version.txt", cwd=night.work)
    sha = night.commit(message)
    git("push", "--quiet", night.remote, "HEAD:refs/heads/staging", cwd=night.work)
    service.control(sha=sha)
    return sha


def tree(night, name):
    return git("rev-parse", f"{name}^{{tree}}", cwd=night.remote)


def contains(night, older, newer):
    command = ["git", "--git-dir", str(night.remote), "merge-base", "--is-ancestor", older, newer]
    return subprocess.run(command, check=False).returncode == 0


def test_a_bad_release_is_taken_back_and_comes_again_only_with_its_fix(town):
    night, service = town
    before = night.refs()
    bad = before["refs/heads/main"]
    good, last = sorted(ref for ref in before if ref.startswith("refs/tags/release/"))

    shown = call("--config", night.config, "--json", "rollback", "--reason", "errors", "--dry-run")
    assert shown.code == 0, shown.stderr
    assert night.refs() == before
    refs = [update["ref"] for update in json.loads(shown.stdout)["updates"]]
    assert refs[:2] == ["refs/heads/main", "refs/heads/staging"]
    assert refs[3:] == ["refs/notes/promotions"]

    ended = night.promote("rollback", "--reason", "errors since @noon")
    assert ended.code == 0, ended.stderr
    assert "ROLLED BACK" in ended.stdout
    assert "Why: errors since @noon" in ended.stdout
    assert "feat: version 2" in ended.stdout
    assert tree(night, "refs/heads/main") == tree(night, good) != tree(night, last)
    assert tree(night, "refs/heads/staging") == tree(night, bad)
    assert contains(night, bad, "refs/heads/main")
    assert contains(night, "refs/heads/main", "refs/heads/staging")
    entry = json.loads(git("notes", "--ref=promotions", "show", "refs/heads/main", cwd=night.remote))
    assert (entry["kind"], entry["restores"], entry["reason"]) == (
        "rollback",
        good.removeprefix("refs/tags/"),
        "errors since @noon",
    )

    refused = call("--config", night.config, "--json", "run", "--now")
    assert refused.code == 6
    assert json.loads(refused.stdout)["reason_code"] == "quarantined"

    git("pull", "--quiet", "--ff-only", night.remote, "staging", cwd=night.work)
    fix = changed(night, service, f"fix: version 2\n\nFixes: {bad[:12]}", "2.1")
    ended = here(night, "--now", "--json")
    assert ended.code == 0, ended.stderr
    assert night.tip("main") == fix

    stamp = good.removeprefix("refs/tags/release/")
    rewound = call("--config", night.config, "--json", "rollback", stamp, "--reason", "all of it", "--rewind")
    assert rewound.code == 0, rewound.stderr
    assert night.tip("main") == git("rev-parse", f"{good}^{{commit}}", cwd=night.remote)
    assert night.tip("staging") == fix
