"""One night, end to end: the real command, a real remote, a real service, real Locust."""

import json
import signal

import pytest
from support.commands import here
from support.night import SCENARIO, during_load, git, world
from support.nights import until


@pytest.fixture
def staging(tmp_path):
    with world(tmp_path) as made:
        yield made


def test_a_healthy_build_is_promoted_with_tag_ledger_and_reports(staging):
    night, _ = staging
    tested, before = night.tip("staging"), night.tip("main")

    ended = night.promote("--now", "--json")

    assert ended.code == 0, ended.stderr
    run = ended.json
    assert run["outcome"] == "promoted"
    assert run["candidate"]["sha"] == tested
    assert run["candidate"]["base_sha"] == before
    assert [commit["subject"] for commit in run["candidate"]["commits"]] == ["feat(api): answer faster (#7)"]
    assert run["verdict"]["result"] == "pass"
    refs = night.refs()
    tag = run["promotion"]["tag"]
    assert refs["refs/heads/main"] == tested == run["promotion"]["target_after"]
    assert refs[f"refs/tags/{tag}"] == run["promotion"]["tag_oid"]
    assert refs["refs/notes/promotions"] == run["promotion"]["ledger_oid"]
    assert git("rev-parse", f"{tag}^{{commit}}", cwd=night.remote) == tested
    message = git("cat-file", "-p", tag, cwd=night.remote)
    assert f"Promoted-Commit: {tested}" in message
    assert f"Run-Id: {run['run_id']}" in message
    assert f"Evidence-SHA256: {run['verdict']['evidence_sha256']}" in message
    note = json.loads(git("notes", "--ref=promotions", "show", tested, cwd=night.remote))
    assert (note["sha"], note["base"], note["tag"], note["verdict"]) == (tested, before, tag, "pass")
    names = {each.name for each in night.last_folder().iterdir()}
    assert {"run.json", "report.html", "report.md", "junit.xml", "notes.md", "manifest.json"} <= names
    assert {"load-1k.hlog", "load-1k.ndjson", "locust.log"} <= names


def test_a_slow_build_is_blocked_and_nothing_moves(staging):
    night, service = staging
    before = night.refs()
    service.control(delay_ms=2500)

    ended = here(night, "--now")

    assert ended.code == 3
    assert night.refs() == before
    run = night.last_run()
    assert (run["outcome"], run["reason_code"]) == ("blocked", "slo-failed")
    assert "p95" in run["reason"]
    assert run["trouble"]["nights"] == 1
    assert [each["subject"] for each in run["trouble"]["suspects"]] == ["feat(api): answer faster (#7)"]
    assert "p95" in ended.stdout


def test_staging_moving_on_promotes_the_commit_that_was_tested(staging):
    night, _ = staging
    tested = night.tip("staging")
    night.commit("feat: pushed during the test")

    with during_load(night, lambda: night.push("staging")):
        ended = here(night, "--now")

    assert ended.code == 0, ended.stderr
    assert night.tip("main") == tested != night.tip("staging")


def test_main_moving_during_the_test_refuses(staging):
    night, _ = staging
    before = night.refs()
    git("checkout", "--quiet", "--detach", night.tip("main"), cwd=night.work)
    moved = before | {"refs/heads/main": night.commit("fix: pushed around the bot")}

    with during_load(night, lambda: night.push("main")):
        ended = here(night, "--now")

    assert ended.code == 6
    assert night.refs() == moved != before
    assert night.last_run()["reason_code"] == "target-moved"


def test_staging_rewritten_so_that_the_tested_commit_is_gone_refuses(staging):
    night, _ = staging
    before = night.refs()
    git("checkout", "--quiet", "--detach", night.tip("main"), cwd=night.work)
    moved = before | {"refs/heads/staging": night.commit("feat: another history")}

    with during_load(night, lambda: night.push("staging", force=True)):
        ended = here(night, "--now")

    assert ended.code == 6
    assert night.refs() == moved != before
    assert night.last_run()["reason_code"] == "source-rewritten"


def test_staging_running_another_commit_sends_no_load_and_is_invalid(staging):
    night, service = staging
    before = night.refs()
    service.control(sha="b" * 40)

    ended = here(night, "--now")

    assert ended.code == 5
    assert night.refs() == before
    run = night.last_run()
    assert (run["outcome"], run["reason_code"]) == ("invalid", "staging-mismatch")
    assert "bbbbbbb" in run["reason"]
    assert not list(night.last_folder().glob("*.hlog"))


def test_staging_changing_commit_midway_is_invalid(staging):
    night, service = staging
    before = night.refs()

    with during_load(night, lambda: service.control(sha="c" * 40)):
        ended = here(night, "--now")

    assert ended.code == 5
    assert night.refs() == before
    assert "ccccccc" in night.last_run()["reason"]


LONGER = SCENARIO.replace('duration = "2s"', 'duration = "4s"')


def test_a_rollout_that_ends_during_the_first_attempt_is_measured_again_and_promoted(tmp_path):
    with world(tmp_path, extra="[gate]\nretry = 1\n", scenarios=LONGER) as (night, service):
        tested, stale = night.tip("staging"), "d" * 40

        def roll_out():
            service.control(sha=stale)
            until(lambda: night.measured('"deployed"', stale), "the load process saw the stale commit")
            service.control(sha=tested)

        with during_load(night, roll_out):
            ended = here(night, "--now", "--json")

        assert ended.code == 0, ended.stderr
        first, second = ended.json["attempts"]
        assert (first["result"], second["result"]) == ("invalid", "pass")
        assert "ddddddd" in first["reason"]
        assert night.tip("main") == tested
        assert "\nAttempts: 2" in git("cat-file", "-p", ended.json["promotion"]["tag"], cwd=night.remote)
        assert stale in (night.last_folder() / first["folder"] / "load-1k.ndjson").read_text()
        assert stale not in (night.last_folder() / "load-1k.ndjson").read_text()
        for attempt, verdict in (("1", first), ("2", ended.json["verdict"])):
            judged = here(night, "judge", "last", "--attempt", attempt, "--json").json["verdict"]
            assert (judged["checks"], judged["evidence_sha256"]) == (verdict["checks"], verdict["evidence_sha256"])


def test_nothing_to_promote_ends_well_and_moves_nothing(staging):
    night, _ = staging
    git("checkout", "--quiet", "--detach", night.tip("staging"), cwd=night.work)
    night.push("main")
    before = night.refs()

    ended = here(night, "--now", "--json")

    assert ended.code == 0
    assert ended.json["outcome"] == "up-to-date"
    assert night.refs() == before


def test_a_dry_run_shows_the_ref_updates_and_writes_nothing(staging):
    night, _ = staging
    before = night.refs()

    ended = here(night, "--now", "--dry-run", "--json")

    assert ended.code == 0, ended.stderr
    run = ended.json
    assert run["outcome"] == "dry-run"
    assert {each["ref"].split("/")[1] for each in run["updates"]} == {"heads", "tags", "notes"}
    assert night.refs() == before


def test_a_gate_judges_and_moves_nothing(staging):
    night, _ = staging
    before = night.refs()

    ended = here(night, "gate", "--json")

    assert ended.code == 0, ended.stderr
    assert (ended.json["outcome"], ended.json["kind"]) == ("passed", "gate")
    assert night.refs() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_night_leaves_no_child_and_the_next_one_works(staging, number):
    night, _ = staging
    before = night.refs()
    started = night.start("--now")
    started.wait_for_load(night)
    started.process.send_signal(number)

    ended = started.finish()

    assert ended.code == 130
    assert night.refs() == before
    assert night.last_run()["reason_code"] == "interrupted"
    assert (night.last_folder() / "report.html").exists()
    assert here(night, "--now").code == 0


def test_a_killed_night_blocks_nothing_and_the_next_one_settles_it(staging):
    night, _ = staging
    started = night.start("--now")
    started.wait_for_load(night)
    started.process.kill()
    started.finish()
    killed = night.last_folder().name

    assert here(night, "--now").code == 0
    record = json.loads((night.state / "runs" / killed / "run.json").read_text())
    assert (record["outcome"], record["reason_code"]) == ("error", "interrupted")


def test_a_second_run_on_the_same_state_is_kept_out(staging):
    night, _ = staging
    held = night.hold_pushes_to_main()
    first = night.start("--now")
    first.wait_for(held.exists)

    second = here(night, "--now")

    assert second.code == 7
    assert "locked" in second.stderr
    night.let_pushes_go()
    assert first.finish().code == 0
