"""Which host a run speaks to, and who the bot is there: chosen from the configuration, before anything is asked."""

import pytest
from support.canary import CANARY
from support.installation import Installation

from bot.adapters.github.app import AppLogin
from bot.adapters.github.host import GitHubHost
from bot.adapters.github.login import LoginKind
from bot.cli import wiring, wiring_host
from bot.cli.context import Context
from bot.cli.wiring_probes import secret_variables
from bot.errors import BotError, Reason
from bot.flows.nohost import NoHost, Silence
from bot.render.host import HostWords

HUB = "https://github.com/acme/shop.git"


def installed(folder, host="", remote=HUB, extra=""):
    shop = Installation(folder, f"{extra}\n[host]\n{host}\n" if host else extra)
    text = shop.config.read_text().replace("https://git.example/acme/shop.git", remote)
    shop.config.write_text(text)
    return shop.settings


def chosen(settings):
    told = []
    return wiring_host.host(settings, wiring.clock(), told.append), told


@pytest.fixture
def nobody(monkeypatch):
    """There is no token in the usual place."""
    monkeypatch.delenv("GITHUB_TOKEN")


def test_a_remote_on_github_and_a_token_are_github(tmp_path):
    settings = installed(tmp_path)

    host, told = chosen(settings)

    assert isinstance(host, GitHubHost)
    assert told == []
    assert isinstance(wiring_host.herald(settings, host, "run"), HostWords)
    client = wiring_host.client(settings, wiring.clock())
    assert (client.address, client.repository, client.calls) == ("https://api.github.com", "acme/shop", 0)


@pytest.mark.parametrize("remote", ["/srv/shop.git", "https://git.example/acme/shop.git"])
def test_a_remote_elsewhere_is_no_host_and_nobody_is_bothered(tmp_path, remote):
    settings = installed(tmp_path, remote=remote)

    host, told = chosen(settings)

    assert isinstance(host, NoHost)
    assert told == []
    assert isinstance(wiring_host.herald(settings, host, "run"), Silence)
    with pytest.raises(BotError) as failed:
        wiring_host.client(settings, wiring.clock())
    assert failed.value.reason is Reason.BAD_CONFIGURATION


def test_none_is_none_whatever_the_remote_says(tmp_path):
    assert isinstance(chosen(installed(tmp_path, 'kind = "none"'))[0], NoHost)


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("host", ["", 'token_env = "SHOP_TOKEN"', 'token_file = "/nowhere/token"'])
def test_without_a_token_git_alone_is_used_and_one_line_says_so(tmp_path, host):
    found, told = chosen(installed(tmp_path, host))

    assert isinstance(found, NoHost)
    assert len(told) == 1
    assert "git alone" in told[0]


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(
    ("host", "extra"),
    [
        ('kind = "github"', ""),
        ("", '[gate]\nrequired_checks = ["test"]'),
        ('app_id = 1\napp_key_env = "SHOP_KEY"\nkind = "github"', ""),
    ],
)
def test_a_host_that_is_needed_needs_a_login(tmp_path, host, extra):
    with pytest.raises(BotError, match=r"no token|no private key") as failed:
        chosen(installed(tmp_path, host, extra=extra))

    assert failed.value.reason is Reason.BAD_CREDENTIALS
    assert "[host]" in failed.value.action


@pytest.mark.usefixtures("nobody")
def test_the_warning_reaches_whoever_watches_the_run(tmp_path, capsys):
    settings = installed(tmp_path)
    watcher = wiring.watcher(Context(), None)

    made = wiring.tools(settings, watcher, "20261121-020000-0001")

    assert isinstance(made.host, NoHost)
    assert "git alone" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize(
    ("host", "name"),
    [('token_env = "SHOP_TOKEN"', "SHOP_TOKEN"), ('app_id = 1\napp_key_env = "SHOP_KEY"', "SHOP_KEY")],
)
def test_no_child_process_sees_the_secret_of_the_host(tmp_path, host, name):
    settings = installed(tmp_path, host)

    assert name in secret_variables(settings)
    assert name in wiring.load(settings)._hidden
    assert name in wiring.access(settings).hidden


def test_an_app_is_the_login_for_the_api_and_for_git_alike(tmp_path):
    settings = installed(tmp_path, f'app_id = 7\napp_key_file = "{tmp_path}/key.pem"\nkind = "github"')

    login = wiring_host.login(settings, wiring_host.place(settings))

    assert isinstance(login, AppLogin)
    assert (login.kind, login.app.id, login.app.file) == (LoginKind.APP, 7, tmp_path / "key.pem")
    assert wiring.access(settings).login is login


@pytest.mark.parametrize(
    ("remote", "repository", "serves"),
    [
        (HUB, "", True),
        (HUB, 'token_env = "ITS_OWN"', False),
        ("git@github.com:acme/shop.git", "", False),
    ],
)
def test_git_gets_the_hosts_token_where_it_has_none_and_goes_to_the_same_host(tmp_path, remote, repository, serves):
    shop = Installation(tmp_path)
    text = shop.config.read_text().replace('"https://git.example/acme/shop.git"', f'"{remote}"\n{repository}')
    shop.config.write_text(text)

    login = wiring.access(shop.settings).login

    assert (login is not None) is serves
    assert login is None or login.token() == CANARY


@pytest.mark.usefixtures("nobody")
def test_git_asks_for_nothing_where_there_is_no_token_and_none_is_needed(tmp_path):
    assert wiring.access(installed(tmp_path)).login is None


def test_all_of_a_run_speaks_through_one_client(tmp_path):
    settings = installed(tmp_path)

    assert wiring_host.client(settings, wiring.clock()) is wiring_host.client(settings, wiring.clock())


@pytest.mark.parametrize(
    ("number", "page"),
    [("42", "https://github.acme.example/acme/shop/actions/runs/42"), ("", None), ("4)[x](y", None)],
)
def test_within_a_workflow_words_lead_to_its_page(tmp_path, monkeypatch, number, page):
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.acme.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
    monkeypatch.setenv("GITHUB_RUN_ID", number)
    settings = installed(tmp_path)

    words = wiring_host.herald(settings, chosen(settings)[0], "run")

    assert words._run_url == page
