"""What the fake GitHub and the bot are both held to: another double of GitHub, which somebody else wrote.

The same expectations run on both doubles; then the bot's own adapters run against the other one. It has no commit
statuses, deployments or GraphQL, finds drafts by their tag, makes no tag for a release, takes an asset's name twice,
and lets anybody make check runs, also with an unknown token: for these the fake alone stands.
"""

import time

import jwt
import pytest
from support.canary import CANARY
from support.emulate import emulated_github, needs_emulate
from support.github import fake_github
from support.github.access import SUFFICIENT
from support.github.asking import Asker
from support.githubhost import ASSETS, RUN, TAG, blocked, unblocked
from support.gitrepos import make_remote
from support.scripted import HandClock

from bot.adapters.github import report
from bot.adapters.github.app import App, AppLogin
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Once
from bot.adapters.github.host import GitHubHost
from bot.adapters.github.login import TokenLogin
from bot.adapters.probes.bearer import Bearer
from bot.core.hosting import Light, Mark, Publication

pytestmark = needs_emulate


@pytest.fixture(scope="module")
def emulated():
    with emulated_github(SUFFICIENT) as emulated:
        yield emulated


@pytest.fixture
def elsewhere(emulated, request):
    """A repository of its own on the other double."""
    name = f"shop-{abs(hash(request.node.name))}"
    answer = Asker(emulated.api_url, emulated.token)("POST", "/orgs/acme/repos", {"name": name, "auto_init": True})
    assert answer.status_code == 201, answer.text
    return f"acme/{name}"


class Double:
    """One of the two, with a repository that has one commit on `main` at least."""

    def __init__(self, place, full_name):
        self.place = place
        self.full_name = full_name
        self.ask = Asker(place.api_url, CANARY)
        self.tip = self("GET", "/git/ref/heads/main").json()["object"]["sha"]

    def __call__(self, method, path, body=None, **query):
        return self.ask(method, f"/repos/{self.full_name}{path}", body, **query)

    def made(self, method, path, body):
        answer = self(method, path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def app(self):
        now = int(time.time())
        claims = {"iss": str(self.place.app_id), "iat": now - 30, "exp": now + 300}
        return Asker(self.place.api_url, jwt.encode(claims, self.place.app_key, algorithm="RS256"), "Bearer")

    def as_installation(self, **body):
        found = self.app()("GET", f"/repos/{self.full_name}/installation").json()
        return self.app()("POST", f"/app/installations/{found['id']}/access_tokens", body or None)


@pytest.fixture(params=["emulate", "fake"])
def double(request, tmp_path):
    if request.param == "emulate":
        emulated = request.getfixturevalue("emulated")
        yield Double(emulated, request.getfixturevalue("elsewhere"))
        return
    with fake_github(tmp_path, make_remote(tmp_path / "remote.git")) as hub:
        yield Double(hub, hub.full_name)


# --- the same on both


def test_a_ref_is_made_once_moved_and_removed(double):
    first = double.made("POST", "/git/refs", {"ref": "refs/heads/new", "sha": double.tip})
    assert (first["ref"], first["object"]["sha"]) == ("refs/heads/new", double.tip)
    again = double("POST", "/git/refs", {"ref": "refs/heads/new", "sha": double.tip})
    assert (again.status_code, again.json()["message"]) == (422, "Reference already exists")
    names = [one["ref"] for one in double("GET", "/git/matching-refs/heads/n").json()]
    assert names == ["refs/heads/new"]
    assert double("DELETE", "/git/refs/heads/new").status_code == 204
    assert double("GET", "/git/ref/heads/new").status_code == 404


def test_a_ref_moves_forward_and_back_only_by_force(double):
    tree = double("GET", f"/git/commits/{double.tip}").json()["tree"]["sha"]
    body = {"message": "feat: more", "tree": tree, "parents": [double.tip]}
    newer = double.made("POST", "/git/commits", body)["sha"]
    double.made("POST", "/git/refs", {"ref": "refs/heads/line", "sha": newer})
    back = double("PATCH", "/git/refs/heads/line", {"sha": double.tip})
    assert back.status_code == 422
    forced = double("PATCH", "/git/refs/heads/line", {"sha": double.tip, "force": True})
    assert (forced.status_code, forced.json()["object"]["sha"]) == (200, double.tip)
    assert double("PATCH", "/git/refs/heads/line", {"sha": newer}).status_code == 200


def test_a_tag_object_leads_to_its_commit(double):
    body = {"tag": "v1", "message": "one", "object": double.tip, "type": "commit"}
    tag = double.made("POST", "/git/tags", body)
    double.made("POST", "/git/refs", {"ref": "refs/tags/v1", "sha": tag["sha"]})
    assert double("GET", "/git/ref/tags/v1").json()["object"]["type"] == "tag"
    read = double("GET", f"/git/tags/{tag['sha']}").json()
    assert (read["tag"], read["object"]["sha"]) == ("v1", double.tip)


def test_a_release_begins_as_a_draft_takes_files_and_is_published(double):
    double.made("POST", "/git/refs", {"ref": "refs/tags/v1", "sha": double.tip})
    body = {"tag_name": "v1", "target_commitish": double.tip, "name": "one", "body": "b", "draft": True}
    draft = double.made("POST", "/releases", body)
    assert (draft["draft"], draft["published_at"]) == (True, None)
    uploaded = double.ask.upload(draft["upload_url"], "run.json", b"{}")
    assert (uploaded.status_code, uploaded.json()["state"], uploaded.json()["size"]) == (201, "uploaded", 2)
    done = double("PATCH", f"/releases/{draft['id']}", {"draft": False, "make_latest": "true"}).json()
    assert (done["draft"], [one["name"] for one in done["assets"]]) == (False, ["run.json"])
    assert double("GET", "/releases/tags/v1").json()["id"] == draft["id"]
    assert double("GET", "/releases/latest").json()["id"] == draft["id"]


def test_a_tag_has_one_release(double):
    double.made("POST", "/git/refs", {"ref": "refs/tags/v1", "sha": double.tip})
    double.made("POST", "/releases", {"tag_name": "v1"})
    assert double("POST", "/releases", {"tag_name": "v1"}).status_code == 422
    assert double("GET", "/releases/tags/v2").status_code == 404


def test_an_issue_is_opened_with_new_labels_told_of_and_closed(double):
    issue = double.made("POST", "/issues", {"title": "blocked", "body": "b", "labels": ["promotion-blocked"]})
    assert [one["name"] for one in double("GET", "/labels").json()] == ["promotion-blocked"]
    found = double("GET", "/issues", labels="promotion-blocked", state="open").json()
    assert [one["number"] for one in found] == [issue["number"]]
    double.made("POST", f"/issues/{issue['number']}/comments", {"body": "again"})
    assert [one["body"] for one in double("GET", f"/issues/{issue['number']}/comments").json()] == ["again"]
    closing = {"state": "closed", "state_reason": "completed"}
    closed = double("PATCH", f"/issues/{issue['number']}", closing).json()
    assert (closed["state"], closed["state_reason"], closed["comments"]) == ("closed", "completed", 1)
    assert double("GET", "/issues").json() == []
    assert len(double("GET", "/issues", state="all").json()) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/issues", {"title": ""}), ("/git/refs", {"ref": "refs/heads/x", "sha": "f" * 40}), ("/labels", {"name": "a"})],
)
def test_what_is_wrong_is_not_done(double, path, body):
    double.made("POST", "/labels", {"name": "a", "color": "ff0000"})
    assert double("POST", path, body).status_code == 422


def test_lists_come_in_pages(double):
    for number in range(3):
        double.made("POST", "/issues", {"title": f"{number}"})
    first = double("GET", "/issues", per_page=2)
    assert len(first.json()) == 2
    rest = double.ask("GET", first.links["next"]["url"])
    assert len(rest.json()) == 1
    assert "next" not in rest.links


def test_an_installation_gets_a_token_for_an_hour_and_no_more_than_it_was_given(double):
    got = double.as_installation(permissions={"issues": "read"})
    assert got.status_code == 201
    assert got.json()["permissions"]["issues"] == "read"
    ask = Asker(double.place.api_url, got.json()["token"])
    assert ask("GET", f"/repos/{double.full_name}/issues").status_code == 200
    assert ask("POST", f"/repos/{double.full_name}/issues", {"title": "t"}).status_code == 403
    assert double.as_installation(permissions={"administration": "write"}).status_code == 422


def test_nobody_gets_in_with_a_forged_key(double):
    now = int(time.time())
    forged = jwt.encode({"iss": str(double.place.app_id), "iat": now, "exp": now + 60}, "x" * 32, algorithm="HS256")
    assert Asker(double.place.api_url, forged, "Bearer")("GET", "/app").status_code == 401


def test_a_check_run_of_an_app_comes_to_its_end(double):
    ask = Asker(double.place.api_url, double.as_installation().json()["token"])
    at = f"/repos/{double.full_name}"
    body = {"name": "promote/slo", "head_sha": double.tip, "status": "in_progress", "external_id": "run-1"}
    run = ask("POST", f"{at}/check-runs", body).json()
    assert (run["status"], run["conclusion"], run["external_id"]) == ("in_progress", None, "run-1")
    output = {"title": "Passed", "summary": "a table"}
    ending = {"status": "completed", "conclusion": "success", "output": output}
    done = ask("PATCH", f"{at}/check-runs/{run['id']}", ending).json()
    assert (done["status"], done["conclusion"], done["output"]["summary"]) == ("completed", "success", "a table")
    listed = ask("GET", f"{at}/commits/{double.tip}/check-runs", check_name="promote/slo").json()
    assert [one["id"] for one in listed["check_runs"]] == [run["id"]]


# --- the bot against the other double


@pytest.fixture
def there(emulated, elsewhere):
    return Double(emulated, elsewhere)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def client(there, clock, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    return Client(TokenLogin(Bearer("SHOP_TOKEN")), there.place.api_url, there.full_name, clock)


@pytest.fixture
def host(client):
    return GitHubHost(client, "production")


@pytest.fixture
def folder(tmp_path):
    for asset in ASSETS:
        (tmp_path / asset.name).write_text(f"the content of {asset.name}\n")
    return tmp_path


def test_the_bot_publishes_its_release_there_once(there, host, folder):
    tag = there.made("POST", "/git/tags", {"tag": TAG, "message": "m", "object": there.tip, "type": "commit"})
    there.made("POST", "/git/refs", {"ref": f"refs/tags/{TAG}", "sha": tag["sha"]})
    publication = Publication(TAG, there.tip, "Nightly Release", "## Features\n", ASSETS, latest=True, run_id=RUN)
    urls = {host.announce(publication, folder) for _ in range(2)}
    (release,) = there("GET", "/releases").json()
    assert (release["draft"], urls) == (False, {release["html_url"]})
    assert sorted(one["name"] for one in release["assets"]) == sorted(asset.name for asset in ASSETS)


def test_the_bot_opens_one_issue_there_keeps_it_up_to_date_and_closes_it(there, host, folder):
    for night, cause in enumerate(("p95 of load-1k", "p95 of load-1k", "the errors"), 1):
        host.announce(blocked(cause, body=f"Night {night}\n", run_id=f"run-{night}"), folder)
    (issue,) = there("GET", "/issues", state="all").json()
    assert "Night 3" in issue["body"]
    host.announce(unblocked(run_id="run-4"), folder)
    (issue,) = there("GET", "/issues", state="all").json()
    texts = [one["body"] for one in there("GET", f"/issues/{issue['number']}/comments").json()]
    assert issue["state"] == "closed"
    assert [sum(words in text for text in texts) for words in ("now it is the errors", "Promoted.")] == [1, 1]


def test_the_bot_as_an_app_shows_its_report_there(there, clock, monkeypatch):
    monkeypatch.setenv("SHOP_KEY", there.place.app_key)
    login = AppLogin(App(there.place.app_id, variable="SHOP_KEY"), there.place.api_url, there.full_name, clock)
    client = Client(login, there.place.api_url, there.full_name, clock)
    once = Once(client)
    for light in (Light.PENDING, Light.SUCCESS):
        mark = Mark(there.tip, light, "a line", "Passed", "| a table |\n", "https://ci.example/1", RUN)
        assert report.show(client, once, mark)
    (run,) = there("GET", f"/commits/{there.tip}/check-runs").json()["check_runs"]
    assert (run["conclusion"], run["external_id"]) == ("success", RUN)
