"""A hotfix, end to end: the real command, a real remote, and where it is tested a real service and real load."""

import json

import pytest
from support.commands import call, here
from support.night import World, git, world

NOBODY = "http://127.0.0.1:9"
REASON = ["--reason", "orders are lost"]


@pytest.fixture
def shop(tmp_path):
    """A repository whose staging service nobody needs."""
    return World(tmp_path, NOBODY)


def cut(night, name="hotfix/urgent", *, clash=False):
    """A branch off main with one fix, pushed; `clash` makes staging and hotfix change one file."""
    if clash:
        write(night, "price.txt", "2\n", "feat: dearer")
        night.push("staging")
    git("checkout", "--quiet", "--detach", night.tip("main"), cwd=night.work)
    fix = write(night, "price.txt" if clash else "fix.txt", "1\n", "fix: stop the bleeding")
    night.push(name)
    return fix


def write(night, path, content, message):
    (night.work / path).write_text(content)
    git("add", path, cwd=night.work)
    return night.commit(message)


def test_an_untested_hotfix_is_shipped_to_both_branches_and_the_night_goes_on(shop):
    staging, fix = shop.tip("staging"), cut(shop)

    ended = shop.promote("hotfix", "hotfix/urgent", *REASON, "--skip-tests", "--json")

    assert ended.code == 0, ended.stderr
    run = ended.json
    assert (run["kind"], run["outcome"], run["justification"]) == ("hotfix", "promoted", "orders are lost")
    assert (run["verdict"], run["plan"], run["attempts"]) == (None, None, [])
    assert shop.tip("main") == fix == run["promotion"]["target_after"]
    assert git("log", "-1", "--format=%P", "staging", cwd=shop.remote) == f"{staging} {fix}"
    note = json.loads(git("notes", "--ref=promotions", "show", fix, cwd=shop.remote))
    assert (note["kind"], note["verdict"], note["reason"]) == ("hotfix", "skipped", "orders are lost")
    shown = call("--config", shop.config, "status", "--json").json
    assert (shown["promotable"], shown["diverged"]) == (True, None)
    assert (shop.last_folder() / "report.html").exists()


def test_a_tested_hotfix_is_measured_on_a_staging_that_runs_it(tmp_path):
    with world(tmp_path, extra='[hotfix]\nscenarios = ["load-1k"]\n') as (night, service):
        fix = cut(night)
        service.control(sha=fix)

        ended = here(night, "hotfix", "hotfix/urgent", *REASON, "--json")

        assert ended.code == 0, ended.stderr
        run = ended.json
        assert run["verdict"]["result"] == "pass"
        assert run["evidence"]["candidate_sha"] == fix == night.tip("main")
        message = git("cat-file", "-p", run["promotion"]["tag"], cwd=night.remote)
        assert "Hotfix Release: " in message
        assert f"Evidence-SHA256: {run['verdict']['evidence_sha256']}" in message


def test_a_hotfix_that_staging_does_not_run_is_invalid_and_nothing_moves(tmp_path):
    with world(tmp_path) as (night, _):
        cut(night)
        before = night.refs()
        ended = here(night, "hotfix", "hotfix/urgent", *REASON)
        assert ended.code == 5
        assert night.refs() == before


def test_a_conflict_is_told_main_only_ships_and_the_night_waits_for_a_backport(shop):
    fix = cut(shop, clash=True)
    before = shop.refs()

    refused = shop.promote("hotfix", "hotfix/urgent", *REASON, "--skip-tests")

    assert refused.code == 6
    assert shop.refs() == before
    for words in ("price.txt", "Ada Example", "feat: dearer", "--main-only", "merge-conflict"):
        assert words in refused.stdout
    assert shop.last_run()["conflict"]["paths"] == ["price.txt"]

    shipped = here(shop, "hotfix", "hotfix/urgent", *REASON, "--skip-tests", "--main-only")

    assert shipped.code == 0, shipped.stderr
    assert (shop.tip("main"), shop.tip("staging")) == (fix, before["refs/heads/staging"])
    night = here(shop, "--now", "--json")
    assert (night.code, night.json["reason_code"]) == (6, "diverged")
    assert "promote backport" in night.json["action"]
    shown = " ".join(call("--config", shop.config, "status").stdout.split())
    assert "is on main alone; run `promote backport`" in shown


def test_a_backport_ends_what_main_only_began_and_the_audit_finds_nothing(shop):
    fix = cut(shop)
    call("--config", shop.config, "hotfix", "hotfix/urgent", *REASON, "--skip-tests", "--main-only")
    assert call("--config", shop.config, "status", "--json").json["diverged"]["sha"] == fix

    ended = call("--config", shop.config, "backport", "--json")

    assert ended.code == 0, ended.stderr
    seen = call("--config", shop.config, "status", "--json").json
    assert (seen["promotable"], seen["diverged"]) == (True, None)
    audit = call("--config", shop.config, "audit")
    assert audit.code == 0, audit.stdout + audit.stderr


def test_a_dry_run_says_every_update_and_writes_nothing(shop):
    fix = cut(shop)
    git("config", "core.logAllRefUpdates", "always", cwd=shop.remote)
    before = shop.refs()

    ended = here(shop, "hotfix", "hotfix/urgent", *REASON, "--skip-tests", "--dry-run", "--json")

    assert ended.code == 0, ended.stderr
    updates = {each["ref"]: each for each in ended.json["updates"]}
    assert updates["refs/heads/main"]["new"] == fix
    assert updates["refs/heads/staging"]["expected"] == before["refs/heads/staging"]
    assert len(updates) == 4
    assert shop.refs() == before
    assert not (shop.remote / "logs").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hotfix/x"], "--reason"),
        (["hotfix/x", "--reason", " "], "says nothing"),
        (["staging", *REASON], "promote --now"),
        (["main", *REASON], "the target already"),
        (["refs/heads/x", *REASON], "without"),
        (["a..b", *REASON], '".."'),
        (["a b", *REASON], "branch name that git accepts"),
        ([*REASON], "BRANCH"),
    ],
)
def test_wrong_usage_touches_nothing(shop, words, said):
    ended = call("--config", shop.config, "hotfix", *words)
    assert ended.code == 2
    assert said in ended.stderr
    assert not shop.state.exists()


def test_a_branch_that_is_not_there_is_named(shop):
    ended = call("--config", shop.config, "hotfix", "hotfix/none", *REASON, "--skip-tests")
    assert ended.code == 1
    assert "hotfix/none" in ended.stdout
