"""`promote doctor` on real parts: git over HTTP, a service, the fake GitHub; each piece is broken once."""

import os
import pty
import re
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from support import records
from support.canary import CANARY
from support.commands import call
from support.github import HTML_BAD_GATEWAY, PRIMARY_LIMIT, TOKEN_EXPIRED, Hub, TokenKind, fake_github
from support.github.access import SUFFICIENT
from support.gitrepos import Repo, make_remote
from support.httpgit import HttpGit, Trouble, about_pushes, http_git
from support.installation import Installation
from support.night import PROMOTE
from support.scripted import Say, Script, scripted

from bot.adapters.git import GitRepository
from bot.cli import wiring, wiring_doctor
from bot.cli.signals import guarded
from bot.core.calendar import Schedule, latest_slot, parse_zone
from bot.core.cron import parse_cron
from bot.core.doctor import Area, Level
from bot.flows.doctor import examine_all

ADMIN = "SHOP_ADMIN_TOKEN"
VARIABLE = "SHOP_DOCTOR_TOKEN"
SEEING = {"administration": "read", "actions": "read", "repository_hooks": "read"}
ADMINISTERING = {"administration": "write", "metadata": "read", "contents": "read"}


@dataclass
class Shop:
    """One installation and all that it speaks to."""

    made: Installation
    remote: Repo
    server: HttpGit
    hub: Hub
    staging: Script

    def doctor(self, *words: str) -> Any:
        return call("--config", self.made.config, "--json", "doctor", *words)

    def lines(self, *words: str) -> dict[tuple[str, str], list[dict[str, str]]]:
        """All findings by area and name."""
        found: dict[tuple[str, str], list[dict[str, str]]] = {}
        for each in self.doctor(*words).json["findings"]:
            found.setdefault((each["area"], each["name"]), []).append(each)
        return found

    def edit(self, old: str, new: str) -> None:
        text = self.made.config.read_text()
        assert old in text
        self.made.config.write_text(text.replace(old, new))

    @property
    def tip(self) -> str:
        return self.remote.git("rev-parse", "refs/heads/staging")

    def serve(self, **more: Any) -> None:
        """What staging answers, whatever it is asked for."""
        body = {"sha": self.tip, "memory": 1 << 20, "cpu": 1.5} | more
        # With the time of each answer: nothing here depends on how fast this machine is.
        self.staging.next = lambda _: Say(body=body, date=format_datetime(datetime.now(UTC), usegmt=True))

    def says(self, answer: Say) -> None:
        """Staging says just that, whatever it is asked for."""
        self.staging.next = lambda _: answer

    def remember_last_night(self) -> None:
        slot = latest_slot(Schedule(parse_cron("0 2 * * *"), parse_zone("UTC")), datetime.now(UTC))
        settings = self.made.settings
        record = records.up_to_date()
        repository = replace(record.repository, remote=settings.repository.remote)
        self.made.remember(replace(record, repository=repository, slot=slot.id))


@pytest.fixture
def shop(tmp_path, monkeypatch):
    remote = make_remote(tmp_path / "srv" / "remote.git")
    with fake_github(tmp_path, remote) as hub, http_git(tmp_path / "srv", token=None) as server, scripted() as staging:
        made = Installation(tmp_path)
        url = server.served(remote).url.replace("127.0.0.1", "localhost")
        key = tmp_path / "app.pem"
        key.write_text(hub.app_key)
        key.chmod(0o600)
        text = made.config.read_text().replace("https://git.example/acme/shop.git", url)
        text = text.replace("http://127.0.0.1:9", f'http://127.0.0.1:{staging.port}"\nversion_url = "/version')
        text += '[[probe]]\nname = "app"\nkind = "http"\nurl = "/stats"\nmemory = "memory"\ncpu = "cpu"\n'
        text += f'[host]\nkind = "github"\napi_url = "{hub.api_url}"\nrepository = "{hub.full_name}"\n'
        made.config.write_text(text + f'app_id = {hub.app_id}\napp_key_file = "{key}"\n')
        hub.app_permissions |= SEEING
        monkeypatch.setenv(
            ADMIN,
            hub.access.add(TokenKind.FINE_GRAINED, {"administration": "write", "metadata": "read", "contents": "read"}),
        )
        monkeypatch.setenv(VARIABLE, CANARY)
        shop = Shop(made, remote, server, hub, staging)
        shop.serve()
        yield shop


def with_token(shop, kind=TokenKind.FINE_GRAINED, permissions=None, monkeypatch=None, **more):
    """The same shop, where the bot has a token instead of an App."""
    text = shop.made.config.read_text()
    shop.made.config.write_text(re.sub(r"app_id = .*\napp_key_file = .*\n", f'token_env = "{VARIABLE}"\n', text))
    monkeypatch.setenv(VARIABLE, shop.hub.access.add(kind, permissions, **more))


def level(lines, *where):
    return [each["level"] for each in lines[where]]


# --- all is well


def test_a_repository_where_all_is_well_is_ready(shop):
    shop.remember_last_night()
    shop.hub.world.deployments.append({"environment": "production"})
    assert shop.doctor("--fix-branch-rules", "--yes", "--token-env", ADMIN).code == 0
    shop.hub.requests.clear()
    before = shop.remote.refs()

    ended = shop.doctor()

    document = ended.json
    doubtful = [each for each in document["findings"] if each["level"] != "ok"]
    assert doubtful == []
    assert (ended.code, document["ready"], document["reason_code"]) == (0, True, None)
    assert {each["area"] for each in document["findings"]} == {
        *("machine", "state", "git", "staging", "probes", "schedule", "host")
    }
    assert shop.hub.writes == []
    assert shop.remote.refs() == before


def test_a_fresh_installation_is_looked_at_and_left_as_it_was(shop):
    lines = shop.lines()
    assert lines["state", "folder"][0]["seen"].endswith("(to be made)")
    assert level(lines, "schedule", "last night") == ["warn"]
    assert not (shop.made.state / "history.sqlite3").exists()
    assert not (shop.made.state / "runs").exists()
    assert not (shop.made.state / "lock").exists()


def test_people_get_a_line_each_with_what_to_do_below(shop):
    shop.says(Say(503))
    ended = call("--config", shop.made.config, "doctor")
    assert ended.code == 1
    rows = [row.rstrip() for row in ended.stdout.splitlines()]
    assert [row for row in rows if row and not row.startswith(" ")][:-1] == [
        *("machine", "state", "git", "staging", "probes", "schedule", "host")
    ]
    assert "  fail service          answers with status 503" in rows
    assert rows[rows.index("  fail service          answers with status 503") + 1].strip() == (
        "-> Repair staging before the night."
    )
    assert rows[-1].startswith("Not ready: ")
    assert "[not-ready]" in rows[-1]


# --- one thing is broken, and all others are still told


def gone(shop):
    shop.server.root /= "nowhere"


def without_source(shop):
    shop.remote.delete("refs/heads/staging")


def stray(shop):
    shop.remote.commit("main", "fix: straight onto main")


def read_only(shop):
    shop.server.trouble = Trouble(on=about_pushes, status=403)


def without_atomic(shop):
    shop.remote.config("receive.advertiseAtomic", "false")


def bad_key(shop):
    shop.edit("[staging]", 'signing_key = "/nowhere/key"\n[staging]')


def scribbled_ledger(shop):
    note = shop.remote.commit("scratch", files={shop.remote.sha("refs/heads/main"): "scribbles\n"})
    shop.remote.set("refs/notes/promotions", note)


def silent_staging(shop):
    shop.edit(f"127.0.0.1:{shop.staging.port}", "127.0.0.1:9")


def other_commit(shop):
    shop.serve(sha="a" * 40)


def no_commit(shop):
    shop.serve(sha=None)


def wrong_clock(shop):
    shop.says(Say(body={"sha": shop.tip, "memory": 1, "cpu": 1}, date="Sat, 21 Nov 2020 02:00:00 GMT"))


def poor_probe(shop):
    shop.serve(memory="much")


def full_of_text(shop):
    shop.made.state.write_text("")


def broken_history(shop):
    shop.made.state.mkdir()
    (shop.made.state / "history.sqlite3").write_bytes(b"SQLite format 3\0" + b"nonsense" * 200)


def not_installed(shop):
    shop.hub.app_is_installed = False


def poor_app(shop):
    shop.hub.app_permissions.pop("issues")


def rich_app(shop):
    shop.hub.app_permissions["administration"] = "write"


REVIEW = {
    **dict.fromkeys(("dismiss_stale_reviews_on_push", "require_code_owner_review"), False),
    **dict.fromkeys(("require_last_push_approval", "required_review_thread_resolution"), False),
    "required_approving_review_count": 1,
}


def reviewed(shop):
    shop.hub.add_ruleset("reviewed", [{"type": "pull_request", "parameters": REVIEW}])


def straight(shop):
    side = shop.remote.commit("topic", "feat: aside")
    shop.remote.commit("staging", "Merge topic", merge=[side])
    shop.serve()
    shop.hub.add_ruleset("straight", [{"type": "required_linear_history"}])


def checked(shop):
    checks = {"required_status_checks": [{"context": "build"}], "strict_required_status_checks_policy": False}
    shop.hub.add_ruleset("checked", [{"type": "required_status_checks", "parameters": checks}])


def closed_tags(shop):
    conditions = {"ref_name": {"include": ["refs/tags/release/*"], "exclude": []}}
    shop.hub.add_ruleset("tags", [{"type": "creation"}], target="tag", conditions=conditions)


def changed_workflow(shop):
    shop.remote.commit("staging", files={".github/workflows/ci.yml": "on: push\n"})
    shop.serve()


def few_requests(shop):
    shop.hub.limit.leave(100)


def slept_in(shop):
    shop.remote.commit("main", files={".github/workflows/nightly.yml": "on: schedule\n"})
    shop.remote.branch("staging", shop.remote.sha("refs/heads/main"))
    shop.serve()
    shop.hub.workflow_states[".github/workflows/nightly.yml"] = "disabled_inactivity"


@pytest.mark.parametrize(
    ("spoil", "area", "name", "expected", "words"),
    [
        (gone, "git", "remote", "fail", ""),
        (without_source, "git", "remote", "fail", "no branch"),
        (stray, "git", "branches", "fail", "cannot be fast-forwarded"),
        (read_only, "git", "push", "fail", "403"),
        (without_atomic, "git", "push", "fail", "atomic"),
        (bad_key, "git", "signing", "fail", "/nowhere/key"),
        (scribbled_ledger, "git", "trail", "fail", "edger"),
        (silent_staging, "staging", "service", "fail", "refused"),
        (other_commit, "staging", "commit", "warn", "the source is at"),
        (no_commit, "staging", "commit", "fail", "no text"),
        (wrong_clock, "staging", "clock", "warn", "behind"),
        (poor_probe, "probes", "app", "fail", ""),
        (full_of_text, "state", "folder", "fail", "no folder"),
        (broken_history, "state", "history", "fail", "cannot be used"),
        (not_installed, "host", "login", "fail", "not installed"),
        (poor_app, "host", "permissions", "fail", "issues=write is missing"),
        (rich_app, "host", "permissions", "warn", "administration=write"),
        (reviewed, "host", "push to main", "fail", "demands a pull request"),
        (straight, "host", "push to main", "fail", "a merge commit would be pushed"),
        (checked, "host", "push to main", "fail", "the check build, which is missing"),
        (closed_tags, "host", "tags release/*", "fail", "lets only others make them"),
        (changed_workflow, "host", "workflows", "fail", "may not push that"),
        (few_requests, "host", "limit", "warn", "of 5,000 requests left"),
        (slept_in, "host", "workflow", "warn", "disabled_inactivity"),
    ],
)
def test_what_is_broken_is_named_and_hides_nothing_else(shop, spoil, area, name, *, expected, words):
    spoil(shop)
    ended = shop.doctor()
    found = [each for each in ended.json["findings"] if (each["area"], each["name"]) == (area, name)]
    assert found, ended.stdout
    told = [each for each in found if each["level"] == expected]
    assert told, found
    assert any(words in each["seen"] for each in told), told
    assert all(each["action"] for each in told)
    assert ended.code == (1 if expected == "fail" else ended.code)
    assert {each["area"] for each in ended.json["findings"]} == {
        *("machine", "state", "git", "staging", "probes", "schedule", "host")
    }


class Hanging:
    """A front door that never answers."""

    def reach(self):
        time.sleep(60)


def test_what_hangs_is_ended_and_hides_nothing_else(shop):
    settings = shop.made.settings
    with wiring_doctor.kit(settings) as kit:
        shortly = {"service": 0.2}
        hurried = replace(
            kit, front=Hanging(), bounded=lambda name: guarded(shortly.get(name, 60), f"Looking at {name}")
        )
        found = list(examine_all(hurried, wiring_doctor.subject(settings)))
    (service,) = [each for each in found if each.name == "service"]
    assert (service.level, service.seen) == (Level.FAIL, "Looking at service did not end within 0 s.")
    assert {each.area for each in found} == set(Area)


@pytest.mark.parametrize("fault", [HTML_BAD_GATEWAY, PRIMARY_LIMIT])
def test_a_host_that_fails_is_one_failure_and_is_not_waited_for_as_at_night(shop, monkeypatch, fault):
    with_token(shop, monkeypatch=monkeypatch)
    shop.hub.fail("* *", fault, times=99)
    ended = shop.doctor()
    host = [(each["name"], each["level"]) for each in ended.json["findings"] if each["area"] == "host"]
    assert host == [("login", "fail")]
    assert len(shop.hub.requests) <= 3


def test_a_frozen_line_is_told_and_no_failure(shop):
    assert call("--config", shop.made.config, "freeze", "--reason", "party").code == 0
    ended = shop.doctor()
    (line,) = [each for each in ended.json["findings"] if each["name"] == "line"]
    assert line["level"] == "warn"
    assert "party" in line["seen"]
    assert (ended.code, ended.json["ready"]) == (0, False)


def test_before_the_first_night_nothing_is_left_behind(shop, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    lines = shop.lines()
    assert level(lines, "git", "branches") == level(lines, "git", "trail") == level(lines, "git", "push") == ["ok"]
    assert not shop.made.state.exists()
    assert list(temporary.iterdir()) == []


def test_the_cache_of_earlier_nights_is_what_it_looks_into(shop, monkeypatch):
    assert call("--config", shop.made.config, "status").code == 0
    monkeypatch.setattr(GitRepository, "fetch", lambda _: None)
    assert level(shop.lines(), "git", "branches") == ["ok"]


def test_a_run_under_way_is_told(shop):
    with wiring.lock(shop.made.settings, "run-7").hold():
        assert level(shop.lines(), "state", "lock") == ["warn"]


# --- tokens


@pytest.mark.parametrize("missing", ["contents", "statuses", "issues", "deployments"])
def test_a_token_without_a_permission_is_told_which(shop, monkeypatch, missing):
    have = {name: kind for name, kind in SUFFICIENT.items() if name != missing}
    with_token(shop, permissions=have, monkeypatch=monkeypatch)
    lines = shop.lines()
    told = [each["seen"] for each in lines.get(("host", "permissions"), []) if each["level"] == "fail"]
    assert any(each.startswith(f"{missing}=write") for each in told) or level(lines, "host", "login") == ["fail"]


def test_an_expired_token_is_one_failure_and_no_more(shop):
    shop.edit(f"app_id = {shop.hub.app_id}", f'token_env = "{VARIABLE}"')
    text = shop.made.config.read_text()
    shop.made.config.write_text(re.sub(r"app_key_file = .*\n", "", text))
    shop.hub.fail("GET */repos/*", TOKEN_EXPIRED, times=99)
    findings = [each for each in shop.doctor().json["findings"] if each["area"] == "host"]
    assert [(each["name"], each["level"]) for each in findings] == [("login", "fail")]
    assert "does not accept the login" in findings[0]["seen"]


def test_a_workflows_own_token_is_told_what_its_pushes_do_not_start(shop, monkeypatch):
    with_token(shop, TokenKind.ACTIONS, SUFFICIENT, monkeypatch)
    (login,) = shop.lines()["host", "login"]
    assert login["level"] == "warn"
    assert "start no deployment" in login["seen"]


def test_a_classic_token_that_may_too_much_is_told(shop, monkeypatch):
    with_token(shop, TokenKind.CLASSIC, None, monkeypatch, scopes=("repo", "admin:org", "workflow"))
    (found,) = shop.lines()["host", "permissions"]
    assert found["level"] == "warn"
    assert "admin:org" in found["seen"]


def test_where_somebody_else_pushes_nobody_knows_whether_rules_let_them_past(shop):
    reviewed(shop)
    shop.edit('remote = "http://localhost:', 'remote = "http://127.0.0.1:')
    ended = shop.doctor()
    told = [each for each in ended.json["findings"] if each["name"] == "push to main"]
    assert [each["level"] for each in told] == ["warn"]
    assert "cannot be seen" in told[0]["seen"]


def test_a_needed_login_that_is_not_there_is_a_failure_and_the_rest_is_still_looked_at(shop, monkeypatch):
    with_token(shop, monkeypatch=monkeypatch)
    monkeypatch.delenv(VARIABLE)
    ended = shop.doctor()
    (host,) = [each for each in ended.json["findings"] if each["area"] == "host"]
    assert (ended.code, host["level"]) == (1, "fail")
    assert {each["name"] for each in ended.json["findings"]} >= {"python", "service", "app", "next night"}


def test_without_a_host_that_is_said_in_one_line(shop):
    text = shop.made.config.read_text()
    shop.made.config.write_text(text[: text.index("[host]")] + '[host]\nkind = "none"\n')
    (host,) = [each for each in shop.doctor().json["findings"] if each["area"] == "host"]
    assert (host["level"], host["seen"]) == ("ok", "none: git alone is used")


def test_a_wrong_configuration_is_exit_2_as_ever(shop):
    shop.made.config.write_text("[repository]\nremoe = 1\n")
    assert call("--config", shop.made.config, "doctor").code == 2


# --- branch rules


def test_the_change_is_shown_and_not_made_where_nobody_can_agree(shop):
    ended = call("--config", shop.made.config, "doctor", "--fix-branch-rules", "--token-env", ADMIN)
    assert ended.code == 0
    assert 'Make the ruleset "promotion: main" for main:' in ended.stdout
    assert '+      "bypass_mode": "always"' in ended.stdout
    assert "Nothing was written" in ended.stdout
    assert shop.hub.writes == []


def test_the_change_is_made_once_and_what_holds_is_said(shop):
    ended = call("--config", shop.made.config, "doctor", "--fix-branch-rules", "--yes", "--token-env", ADMIN)
    assert ended.code == 0
    assert "main now has all the rules" in ended.stdout
    lines = shop.lines()
    assert level(lines, "host", "rules of main") == level(lines, "host", "rules of staging") == ["ok"]
    assert level(lines, "host", "push to main") == level(lines, "host", "push to staging") == ["ok"]
    again = shop.doctor("--fix-branch-rules", "--yes", "--token-env", ADMIN)
    assert again.json == {"changes": [], "applied": False, "holds": []}
    assert len(shop.hub.rulesets) == 2


def test_a_login_that_may_not_administer_is_told_what_it_lacks(shop):
    ended = call("--config", shop.made.config, "doctor", "--fix-branch-rules", "--yes")
    assert ended.code == 1
    assert "administration=write" in ended.stderr
    assert shop.hub.rulesets == []


def test_the_options_of_mending_go_with_it(shop):
    assert call("--config", shop.made.config, "doctor", "--yes").code == 2


@pytest.mark.parametrize(("answer", "count"), [(b"y\n", 2), (b"n\n", 0), (b"\n", 0)])
def test_somebody_at_a_terminal_is_asked(shop, answer, count):
    command = [*PROMOTE, "--config", str(shop.made.config), "doctor", "--fix-branch-rules", "--token-env", ADMIN]
    shown = at_a_terminal(command, answer)
    assert "Write this to the host? [y/N]" in shown
    assert len(shop.hub.rulesets) == count


def at_a_terminal(command, answer):
    """Run it on a terminal of its own and answer its question; what it showed."""
    ours, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as child:
        os.close(theirs)
        asked = False
        while select.select([ours], [], [], 60)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
            if not asked and b"[y/N]" in shown:
                os.write(ours, answer)
                asked = True
        child.wait(timeout=60)
    os.close(ours)
    return shown.decode()
