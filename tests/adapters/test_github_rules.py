"""Rules of branches and tags, permissions and surroundings as GitHub tells them; and writing one ruleset."""

import pytest
from support.github import BAD_GATEWAY, LOST, Fault, TokenKind, fake_github, shapes
from support.github.access import SUFFICIENT
from support.github.answers import Answer
from support.gitrepos import make_remote
from support.scripted import HandClock

from bot.adapters.github.app import App, AppLogin
from bot.adapters.github.checkup import GitHubCheckup
from bot.adapters.github.client import Client
from bot.adapters.github.login import TokenLogin
from bot.adapters.github.permissions import actor, rights
from bot.adapters.github.rules import Rulebook, Rulewriter, _matches
from bot.adapters.github.surroundings import allowance, has_workflows, surroundings
from bot.adapters.probes.bearer import Bearer
from bot.core.doctor_fix import Actor, change_for
from bot.core.doctor_hooks import Hook
from bot.core.doctor_rights import TokenKind as Kind
from bot.core.doctor_rules import Passes, Rule, RuleKind, lacking, source_policy, target_policy
from bot.core.doctor_starts import Workflow
from bot.errors import BotError, Reason

VARIABLE = "SHOP_RULES_TOKEN"
REVIEW = {
    "dismiss_stale_reviews_on_push": False,
    "require_code_owner_review": False,
    "require_last_push_approval": False,
    "required_approving_review_count": 2,
    "required_review_thread_resolution": False,
}


@pytest.fixture
def hub(tmp_path):
    with fake_github(tmp_path, make_remote(tmp_path / "remote.git")) as made:
        yield made


@pytest.fixture
def entered(hub, monkeypatch):
    """A client with a token of that kind, or of the App."""

    def enter(kind=TokenKind.FINE_GRAINED, permissions=None, **more):
        monkeypatch.setenv(VARIABLE, hub.access.add(kind, permissions, **more))
        return Client(TokenLogin(Bearer(VARIABLE)), hub.api_url, hub.full_name, HandClock())

    return enter


@pytest.fixture
def app(hub, monkeypatch):
    monkeypatch.setenv("SHOP_RULES_KEY", hub.app_key)
    login = AppLogin(App(hub.app_id, variable="SHOP_RULES_KEY"), hub.api_url, hub.full_name, HandClock())
    return Client(login, hub.api_url, hub.full_name, HandClock())


def rules(client, branch="main", **who):
    return Rulebook(client, **who).of_branch(branch)


# --- rulesets


def test_rules_of_a_ruleset_with_whether_the_bot_may_go_past(hub, app):
    own = [{"actor_id": hub.app_id, "actor_type": "Integration", "bypass_mode": "always"}]
    checks = {"required_status_checks": [{"context": "test"}], "strict_required_status_checks_policy": True}
    hub.add_ruleset("reviewed", [{"type": "pull_request", "parameters": REVIEW}], bypass_actors=own)
    hub.add_ruleset("tested", [{"type": "required_status_checks", "parameters": checks}, {"type": "deletion"}])
    found = rules(app)
    assert found.is_whole
    assert found.rules == (
        Rule(RuleKind.PULL_REQUEST, "ruleset reviewed", Passes.YES, approvals=2),
        Rule(RuleKind.CHECKS, "ruleset tested", Passes.NO, checks=("test",), strict=True),
        Rule(RuleKind.NO_DELETION, "ruleset tested", Passes.NO),
    )
    assert rules(app, "staging").rules == ()


def test_what_is_not_known_by_name_is_told_by_it(hub, app):
    pattern = {"type": "commit_message_pattern", "parameters": {"operator": "contains", "pattern": "x"}}
    hub.add_ruleset("odd", [{"type": "required_signatures"}, pattern])
    assert [(each.kind, each.told) for each in rules(app).rules] == [
        (RuleKind.SIGNATURES, ""),
        (RuleKind.OTHER, "commit_message_pattern"),
    ]


def test_a_ruleset_that_cannot_be_seen_leaves_it_open_who_passes(hub, app):
    hub.add_ruleset("hidden", [{"type": "deletion"}])
    hub.fail("GET */rulesets/*", _refused(404))
    (found,) = rules(app).rules
    assert (found.passes, found.source.startswith("ruleset ")) == (Passes.UNKNOWN, True)


def test_rules_that_cannot_be_seen_at_all_are_told(hub, app):
    hub.fail("GET */rules/branches/main", _refused(403))
    assert not rules(app).is_whole


def _refused(status):
    return Fault(str(status), answer=Answer(status, {"message": "Resource not accessible by integration"}))


def test_a_failure_of_githubs_is_no_missing_permission(hub, app):
    hub.fail("GET */rules/branches/main", BAD_GATEWAY, times=99)
    with pytest.raises(BotError) as failed:
        rules(app)
    assert failed.value.reason is Reason.HOST_FAILED


# --- classic protection


def test_classic_protection_is_read_where_it_may_be(hub, entered):
    hub.protect("main", checks=("test",), strict=True, reviews=1, linear=True)
    found = rules(entered())
    assert {(each.kind, each.passes) for each in found.rules} == {
        (RuleKind.PULL_REQUEST, Passes.NO),
        (RuleKind.CHECKS, Passes.NO),
        (RuleKind.LINEAR, Passes.NO),
        (RuleKind.NO_FORCE, Passes.NO),
        (RuleKind.NO_DELETION, Passes.NO),
    }
    assert lacking(target_policy(("test",)), found.rules) == ()


@pytest.mark.parametrize(("enforced", "passes"), [(False, Passes.YES), (True, Passes.NO)])
def test_who_administers_goes_past_it_unless_that_is_forbidden(hub, entered, enforced, passes):
    hub.protect("main", reviews=1, force=True, deletions=True, admins=enforced)
    (found,) = rules(entered(), administers=True).rules
    assert found.passes is passes


@pytest.mark.parametrize("listed", [{"users": [{"login": "grace"}]}, {"apps": [{"slug": "promotion-bot"}]}])
@pytest.mark.parametrize("account", ["grace", "promotion-bot[bot]", "eve", ""])
def test_who_is_named_goes_past_reviews_and_restrictions(hub, entered, listed, account):
    known = {"users": [], "teams": [], "apps": []} | listed
    protection = hub.protect("main", reviews=1, force=True, deletions=True)
    people = [shapes.user(hub, one["login"]) for one in known["users"]]
    apps = [shapes.integration(hub, one["slug"], 1) for one in known["apps"]]
    protection["required_pull_request_reviews"]["bypass_pull_request_allowances"] = known | {
        "users": people,
        "apps": apps,
    }
    (found,) = rules(entered(), account=account).rules
    is_named = account == ("grace" if people else "promotion-bot[bot]")
    assert found.passes is (Passes.YES if is_named else Passes.NO)


def test_protection_that_may_not_be_read_is_never_taken_for_none(hub, app):
    hub.protect("main", reviews=1)
    assert not rules(app).is_whole
    assert rules(app, "staging").is_whole


# --- tags


@pytest.mark.parametrize(
    ("include", "applies"),
    [
        (["refs/tags/release/*"], True),
        (["~ALL"], True),
        (["refs/tags/v*"], False),
        (["refs/tags/**/*"], True),
        (["refs/tags/*"], False),
    ],
)
def test_rules_of_tags_are_those_whose_pattern_fits(hub, app, include, applies):
    conditions = {"ref_name": {"include": include, "exclude": []}}
    hub.add_ruleset("tags", [{"type": "creation"}], target="tag", conditions=conditions)
    hub.add_ruleset("off", [{"type": "update"}], target="tag", conditions=conditions, enforcement="disabled")
    hub.add_ruleset("a branch", [{"type": "creation"}])
    found = Rulebook(app).of_tag("release/20261121-020000")
    assert [each.kind for each in found] == ([RuleKind.NO_CREATION] if applies else [])


def test_what_is_left_out_of_a_pattern_is_left_out(hub, app):
    conditions = {"ref_name": {"include": ["~ALL"], "exclude": ["refs/tags/release/**"]}}
    hub.add_ruleset("tags", [{"type": "creation"}], target="tag", conditions=conditions)
    assert Rulebook(app).of_tag("release/20261121-020000") == ()


@pytest.mark.parametrize(
    ("pattern", "ref", "fits"),
    [
        ("refs/heads/feat?", "refs/heads/feat1", True),
        ("refs/heads/feat?", "refs/heads/feat/", False),
        ("refs/heads/a.b", "refs/heads/aXb", False),
        ("refs/heads/**", "refs/heads/a/b", True),
        ("refs/**/x", "refs/x", True),
    ],
)
def test_patterns_are_githubs(pattern, ref, fits):
    assert _matches(pattern, ref) is fits


# --- who the bot is


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (TokenKind.CLASSIC, Kind.CLASSIC),
        (TokenKind.FINE_GRAINED, Kind.FINE_GRAINED),
        (TokenKind.INSTALLATION, Kind.INSTALLATION),
        (TokenKind.ACTIONS, Kind.WORKFLOW),
    ],
)
def test_every_kind_of_token_is_told_by_name(entered, kind, seen):
    assert rights(entered(kind), None).kind is seen


def test_a_token_without_a_telling_beginning_is_told_by_the_answers(entered):
    plain = {"text": "0123456789abcdef0123456789abcdef01234567"}
    assert rights(entered(TokenKind.CLASSIC, **plain), None).kind is Kind.CLASSIC
    assert rights(entered(TokenKind.FINE_GRAINED, **plain), None).kind is Kind.FINE_GRAINED


def test_a_classic_token_tells_its_scopes_and_its_end(entered):
    found = rights(entered(TokenKind.CLASSIC, scopes=("repo", "admin:org"), lasts=86400.0), None)
    assert found.scopes == {"repo", "admin:org"}
    assert (found.login, found.may_push) == ("grace", True)
    assert found.expires is not None


def test_an_app_tells_its_permissions(hub, app):
    found = rights(app, hub.remote.sha("refs/heads/main"))
    assert (found.kind, found.login) == (Kind.APP, "promotion-bot[bot]")
    assert found.granted == hub.app_permissions
    assert (found.scopes, found.refused, found.administers) == (None, (), False)


@pytest.mark.parametrize("missing", ["issues", "deployments", "statuses", "checks"])
def test_what_may_not_even_be_read_is_missing(hub, entered, missing):
    have = {name: level for name, level in hub.access.tokens[hub.token].permissions.items() if name != missing}
    found = rights(entered(permissions=have), hub.remote.sha("refs/heads/main"))
    assert found.refused == (missing,)
    assert found.granted is None


def test_a_token_that_nobody_knows_is_a_failure_of_the_login(hub, monkeypatch):
    monkeypatch.setenv(VARIABLE, "ghp_nobody")
    client = Client(TokenLogin(Bearer(VARIABLE)), hub.api_url, hub.full_name, HandClock())
    with pytest.raises(BotError) as failed:
        rights(client, None)
    assert failed.value.reason is Reason.BAD_CREDENTIALS
    assert "ghp_nobody" not in failed.value.sentence


def test_who_is_let_past_rules_is_the_app_or_the_account(hub, app, entered):
    assert actor(app) == Actor("Integration", hub.app_id)
    assert actor(entered()).kind == "User"
    with pytest.raises(BotError) as failed:
        actor(entered(TokenKind.ACTIONS))
    assert "GitHub App" in failed.value.action


# --- what else


def test_what_is_left_of_the_limit(hub, app):
    hub.limit.leave(42)
    found = allowance(app)
    assert (found.left, found.most) == (42 - 2, 5000)  # two were spent on logging in


def test_workflow_files_are_looked_for_in_that_commit(hub, app):
    bare = hub.remote.sha("refs/heads/staging")
    assert not has_workflows(app, bare)
    filled = hub.remote.commit("staging", files={".github/workflows/ci.yml": "on: push\n"})
    assert has_workflows(app, filled)
    assert not has_workflows(app, bare)


def test_what_may_be_seen_is_told_and_the_rest_is_named(hub, app, entered):
    hub.immutable_releases = True
    few = surroundings(app, "production", trusts_404=True)
    assert (few.immutable, few.workflows, few.hooks) == (None, None, None)
    assert few.hidden == (
        "immutable releases (read of Administration)",
        "the environment (read of Environments or Actions)",
        "scheduled workflows (read of Actions)",
        "webhooks (read of Webhooks)",
    )
    all_of_it = surroundings(entered(), "production", trusts_404=True)
    assert (all_of_it.immutable, all_of_it.environment, all_of_it.workflows) == (True, False, ())
    hub.immutable_releases = False
    assert surroundings(entered(), "production", trusts_404=True).immutable is False
    assert surroundings(entered(), "production", trusts_404=False).immutable is None


def test_scheduled_workflows_are_told_with_their_last_run(hub, entered):
    files = {f".github/workflows/{name}.yml": "on: schedule\n" for name in ("nightly", "idle", "ci")}
    hub.remote.commit("main", files=files)
    hub.workflow_states[".github/workflows/idle.yml"] = "disabled_inactivity"
    found = surroundings(entered(), "production", trusts_404=True).workflows
    assert set(found) == {
        Workflow(".github/workflows/nightly.yml", "active"),
        Workflow(".github/workflows/idle.yml", "disabled_inactivity"),
    }


def hook(number, url="https://ci.example/build", code=200, status="active", *, active=True, name="web"):
    """One as GitHub lists it."""
    place = f"https://api.github.com/repos/acme/shop/hooks/{number}"
    return {
        "id": number,
        "type": "Repository",
        "name": name,
        "active": active,
        "events": ["push"],
        "config": {"url": url, "content_type": "json", "secret": "********", "insecure_ssl": "0"},
        "last_response": {"code": code, "status": status, "message": "OK"},
        **dict.fromkeys(("created_at", "updated_at"), "2026-11-20T02:17:00Z"),
        **{f"{what}url": f"{place}/{what}" for what in ("", "test_", "ping_")},
    }


def test_webhooks_are_told_with_their_last_answer_and_the_idle_ones_are_not(hub, entered):
    hub.world.hooks += [
        hook(7),
        hook(8, code=502, status="bad gateway"),
        hook(9, code=None, status="unused"),
        hook(10, active=False, code=500),
        hook(11, url="http://ci.example:8080", code=None, status="timeout"),
    ]
    client = entered(permissions=SUFFICIENT | {"repository_hooks": "read"})
    found = surroundings(client, "live", trusts_404=True).hooks
    assert found == (
        Hook(7, "ci.example", 200, "active"),
        Hook(8, "ci.example", 502, "bad gateway"),
        Hook(9, "ci.example", None, "unused"),
        Hook(11, "ci.example", None, "timeout"),
    )
    assert [one.path.rpartition("/hooks")[2] for one in hub.requests if "/hooks" in one.path] == [""]


@pytest.mark.parametrize(
    ("url", "name", "shown"),
    [
        ("https://user:hunter22@ci.example/hunter22?token=hunter22#hunter22", "web", "ci.example"),
        ("https://hunter22:x@[::1]:80/", "web", "::1"),
        ("https://ci.example\\hunter22", "web", ""),
        ("https://[hunter22/", "web", ""),
        ("********", "web", ""),
        ("hunter22", "web", ""),
        ("https://ci example/", "jenkins", "jenkins"),
    ],
)
def test_of_a_webhooks_address_nothing_but_the_machine_is_kept(hub, entered, url, name, shown):
    hub.world.hooks.append(hook(7, url, name=name))
    (found,) = surroundings(entered(TokenKind.CLASSIC, scopes=("repo",)), "live", trusts_404=True).hooks
    assert found.host == shown


@pytest.mark.parametrize("said", [None, {"code": "200", "status": 5}, {"code": True}, [200]])
def test_an_answer_that_says_nothing_is_none(hub, entered, said):
    hub.fail("GET */hooks", Fault("odd", answer=Answer(200, [hook(7) | {"last_response": said}])))
    (found,) = surroundings(entered(TokenKind.CLASSIC, scopes=("repo",)), "live", trusts_404=True).hooks
    assert (found.code, found.status) == (None, "")


@pytest.mark.parametrize("status", [403, 404])
def test_webhooks_that_may_not_be_seen_are_never_none_at_all(hub, entered, status):
    hub.fail("GET */hooks", Fault("refused", answer=Answer(status, {"message": "no"})))
    found = surroundings(entered(TokenKind.CLASSIC, scopes=("repo",)), "live", trusts_404=True)
    assert found.hooks is None
    assert "webhooks (read of Webhooks)" in found.hidden


def test_doctor_only_ever_reads(hub, entered):
    sha = hub.remote.sha("refs/heads/staging")
    checkup = GitHubCheckup(entered(), "production")
    checkup.rights(sha)
    checkup.rules("main")
    checkup.tag_rules("release/20261121-020000")
    checkup.checks(sha)
    checkup.surroundings()
    assert hub.writes == []


# --- writing


def planned(writer, hub, branch="main", checks=("test",)):
    policy = target_policy(checks) if branch == "main" else source_policy(checks)
    others = [each for each in writer.of_branch(branch).rules if each.source != f"ruleset promotion: {branch}"]
    return change_for(branch, policy, others, writer.own(branch), Actor("Integration", hub.app_id))


@pytest.fixture
def writer(entered):
    return Rulewriter(entered())


def test_a_ruleset_is_made_and_made_stricter_and_then_left_alone(hub, writer):
    writer.write(planned(writer, hub))
    assert lacking(target_policy(("test",)), writer.of_branch("main").rules) == ()
    assert planned(writer, hub) is None
    stricter = planned(writer, hub, checks=("test", "build"))
    assert stricter.before is not None
    writer.write(stricter)
    assert lacking(target_policy(("test", "build")), writer.of_branch("main").rules) == ()
    assert len(hub.rulesets) == 1


@pytest.mark.parametrize("fault", [LOST, BAD_GATEWAY.after_the_work()])
def test_a_lost_answer_makes_no_second_ruleset(hub, writer, fault):
    hub.fail("POST */rulesets", fault)
    writer.write(planned(writer, hub))
    assert planned(writer, hub) is None
    assert len(hub.rulesets) == 1


def test_a_token_that_may_not_is_told_what_it_lacks(hub, app):
    writer = Rulewriter(app)
    with pytest.raises(BotError) as failed:
        writer.write(planned(writer, hub))
    assert failed.value.reason is Reason.HOST_REFUSED
    assert "administration=write" in failed.value.sentence
    assert hub.rulesets == []


def test_nothing_is_written_over_what_cannot_be_seen_whole(hub, app, writer):
    writer.write(planned(writer, hub))
    with pytest.raises(BotError) as failed:
        Rulewriter(app).own("main")
    assert "Administration" in failed.value.action
