"""Bad input: a reason with what to do, the right exit code, nothing moved, no child left, and a next run that works."""

import os
import shutil
import subprocess
import textwrap

import pytest
from support.commands import here
from support.night import SCENARIO, World, git, world

from bot.adapters.locust import LocustLoad, Timing

USERS = SCENARIO.replace('"loadtests/payload.py"', '"users.py"').replace('options = { payload = "1KiB" }', "")


@pytest.fixture
def staging(tmp_path):
    with world(tmp_path) as made:
        yield made


def locustfile(night, body):
    """Give the night a Locust file of its own."""
    night.folder.joinpath("users.py").write_text(textwrap.dedent(body))
    night.scenarios = USERS
    night.configure()


def refused_before_any_load(ended, code, reason):
    assert ended.code == code, ended.stderr
    assert reason in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unreachable_remote_is_an_operational_failure(staging):
    night, _ = staging
    shutil.move(night.remote, night.folder / "gone.git")

    ended = here(night, "--now")

    refused_before_any_load(ended, 1, "remote-unreachable")
    shutil.move(night.folder / "gone.git", night.remote)
    assert here(night, "--now").code == 0


def test_a_missing_branch_is_named(staging):
    night, _ = staging
    git("update-ref", "-d", "refs/heads/staging", cwd=night.remote)

    ended = here(night, "--now")

    refused_before_any_load(ended, 1, "branch-missing")
    assert "staging" in ended.stdout + ended.stderr


def test_an_empty_repository_is_named(staging):
    night, _ = staging
    shutil.rmtree(night.remote)
    git("init", "--quiet", "--bare", night.remote)

    refused_before_any_load(here(night, "--now"), 1, "empty-repository")


def test_main_with_commits_of_its_own_is_refused_and_they_are_named(staging):
    night, _ = staging
    git("checkout", "--quiet", "--detach", night.tip("main"), cwd=night.work)
    stray = night.commit("fix: straight onto main")
    night.push("main")

    ended = here(night, "--now")

    refused_before_any_load(ended, 6, "not-fast-forward")
    assert stray[:12] in ended.stdout + ended.stderr


def test_staging_that_is_down_is_invalid_before_any_load(staging):
    night, service = staging
    service.stop()

    ended = here(night, "--now")

    assert ended.code == 5
    assert night.last_run()["reason_code"] == "staging-mismatch"
    assert not list(night.last_folder().glob("*.hlog"))


def test_a_service_that_answers_500_to_everything_is_blocked(staging):
    night, service = staging
    service.control(error_rate=1.0)

    ended = here(night, "--now")

    assert ended.code == 3
    run = night.last_run()
    assert run["reason_code"] == "slo-failed"
    assert any(each["objective"] == "error_rate" and each["result"] == "fail" for each in run["verdict"]["checks"])


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("import", "raise RuntimeError('broken at import')"),
        (
            "start",
            """
            from locust import HttpUser, task
            class Buyer(HttpUser):
                def on_start(self): raise RuntimeError('broken at start')
                @task
                def buy(self): self.client.get('/healthz')
            """,
        ),
        (
            "every task",
            """
            from locust import HttpUser, task
            class Buyer(HttpUser):
                @task
                def buy(self): raise RuntimeError('broken in every task')
            """,
        ),
        (
            "exit",
            """
            from locust import HttpUser, task
            class Buyer(HttpUser):
                @task
                def buy(self): raise SystemExit(0)
            """,
        ),
    ],
)
def test_a_locustfile_that_raises_is_never_a_pass(staging, name, body):
    night, _ = staging
    before = night.refs()
    locustfile(night, body)

    ended = here(night, "--now")

    assert ended.code == 5, (name, ended.stdout)
    assert night.refs() == before
    assert (night.last_folder() / "report.md").exists()


def test_calling_success_on_refused_connections_is_a_failure(staging):
    night, _ = staging
    before = night.refs()
    locustfile(
        night,
        """
        from locust import HttpUser, task
        class Buyer(HttpUser):
            host = "http://127.0.0.1:9"
            @task
            def buy(self):
                with self.client.get("http://127.0.0.1:9/", catch_response=True) as answer:
                    answer.success()
        """,
    )

    ended = here(night, "--now")

    assert ended.code in {3, 5}
    assert night.refs() == before


def test_a_service_that_redirects_elsewhere_is_never_a_pass(staging):
    night, service = staging
    before = night.refs()
    service.control(redirect_to="http://127.0.0.1:9/")

    ended = here(night, "--now")

    assert ended.code in {3, 5}
    assert night.refs() == before


def test_a_locustfile_that_hangs_ends_at_the_deadline(staging, monkeypatch):
    night, _ = staging
    before = night.refs()
    locustfile(night, "import time\ntime.sleep(600)")
    # Nobody learns anything from the whole minute and a quarter.
    monkeypatch.setitem(LocustLoad.__init__.__kwdefaults__, "timing", Timing(startup=2, allowance=3))

    ended = here(night, "--now")

    assert ended.code == 5
    assert "did not begin within 5 s" in night.last_run()["reason"]
    assert night.refs() == before


def test_every_error_of_the_configuration_is_told_at_once(staging):
    night, _ = staging
    night.config.write_text(night.config.read_text().replace('"< 2s"', '"< 5%"').replace("rate = 60", "rate = -1"))

    ended = night.promote("--now")

    assert ended.code == 2
    assert "p95" in ended.stderr
    assert "rate" in ended.stderr
    assert not night.state.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted, which only root may do")
@pytest.mark.parametrize(("size", "run"), [("24k", here), ("64k", World.promote), ("112k", here)])
def test_a_full_disk_is_said_so_and_moves_nothing(staging, size, run):
    night, _ = staging
    before = night.refs()
    night.state.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", night.state], check=False)
    if mounted.returncode != 0:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        ended = run(night, "--now")
    finally:
        subprocess.run(["umount", "--lazy", night.state], check=True)

    assert ended.code == 1, ended.stderr
    assert "disk-full" in ended.stderr + ended.stdout
    assert night.refs() == before
    assert here(night, "--now").code == 0
