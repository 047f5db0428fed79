import json
import tomllib

import pytest
from click.testing import CliRunner
from support.configurations import settled, valid, write

from bot.cli.config import config
from bot.cli.context import Context
from bot.errors import BotError, ConfigurationError, Reason
from bot.settings import docs


@pytest.fixture
def file(tmp_path):
    (tmp_path / "load.py").touch()
    return write(tmp_path, valid(tmp_path / "load.py"))


def run(path, *words, as_json=False):
    return CliRunner().invoke(config, words, obj=Context(config=path, json=as_json))


def test_a_valid_file_is_said_to_be_valid(file):
    assert "is valid: 1 scenario, 2 objectives, 0 probes." in run(file, "validate").output
    assert json.loads(run(file, "validate", as_json=True).stdout)["valid"] is True


SHAPED = {
    "arrivals": {"shape": "spike", "base": 100, "at": "30s", "for": "10s", "spacing": "poisson"},
    "mix": {"look": 3, "Shopper.buy": 0.5},
    "extend": "50%",
    "abort": False,
    "workers": 2,
    "tags": ["a"],
    "exclude_tags": ["b"],
    "config_users": [{"user_class_name": "Shopper", "weight": 2, "shops": {"a": [1]}}],
}
TABLES = {
    "generator": {"workers": 3, "expect_workers": 1, "bind": "10.0.0.5", "max_cpu": "33.333%", "max_lag": "20ms"},
    "gate": {"retry": 2},
    "baseline": {"nights": 30, "change_point": "block"},
}


@pytest.fixture
def shaped(tmp_path):
    """A file with every key that says how the load is sent."""
    (tmp_path / "load.py").touch()
    document = valid(tmp_path / "load.py") | TABLES
    document["scenario"][0] |= SHAPED
    return write(tmp_path, document)


def test_a_valid_file_is_told_by_the_load_it_sends(shaped):
    words = (
        "spike 100 to 1,000 arrivals/s for 10s at 30s, Poisson, open model, 2 local processes, 1 remote process, "
        "2m, at most 3m"
    )
    assert f"\n  load-1k: {words}\n" in run(shaped, "validate").output
    assert json.loads(run(shaped, "validate", as_json=True).stdout)["load"] == {"load-1k": words}


def test_the_effective_configuration_with_every_key_reads_back_as_the_same_settings(shaped, tmp_path):
    again = settled(tomllib.loads(run(shaped, "show").stdout), tmp_path)
    once = settled(tomllib.loads(shaped.read_text()), tmp_path)
    assert again.model_dump(exclude={"state"}) == once.model_dump(exclude={"state"})
    assert json.loads(run(shaped, "show", as_json=True).stdout)["scenario"][0]["arrivals"]["for"] == "10s"
    assert 'mix = { look = 3, "Shopper.buy" = 0.5 }' in run(shaped, "show").stdout


def test_objectives_relative_to_past_nights_are_counted_like_others(tmp_path):
    (tmp_path / "load.py").touch()
    document = valid(tmp_path / "load.py")
    document["scenario"][0]["slo"]["p95"] = ["< 1.5s", "< 1.2x baseline"]
    assert "1 scenario, 3 objectives," in run(write(tmp_path, document), "validate").output


def test_mistakes_are_raised_for_the_root_command_to_tell(file):
    file.write_text("x = 1\n")
    for command in ("validate", "show"):
        result = run(file, command)
        assert isinstance(result.exception, ConfigurationError)
        assert result.stdout == ""


def test_the_effective_configuration_reads_back_as_the_same_settings(file, tmp_path):
    shown = run(file, "show")
    again = settled(tomllib.loads(shown.stdout), tmp_path)
    assert (
        again.model_dump()
        == settled(tomllib.loads(file.read_text()), tmp_path).model_copy(update={"state": again.state}).model_dump()
    )
    assert again.schedule.cron == "0 2 * * *"


def test_the_effective_configuration_as_json_is_the_same_document(file):
    assert json.loads(run(file, "show", as_json=True).stdout) == tomllib.loads(run(file, "show").stdout)


def test_the_schema_is_the_one_that_ships(file):
    assert json.loads(run(file, "schema").stdout) == docs.json_schema()


def test_init_writes_a_file_that_validates(tmp_path):
    path = tmp_path / "new" / "promotion.toml"
    assert run(path, "init").exit_code == 0
    assert run(path, "validate").exit_code == 0


def test_init_takes_a_path_of_its_own_and_answers_json(tmp_path):
    path = tmp_path / "other.toml"
    assert json.loads(run(tmp_path / "x.toml", "init", str(path), as_json=True).stdout) == {"written": str(path)}
    assert path.exists()


def test_init_never_overwrites_not_even_through_a_dangling_link(file, tmp_path):
    before = file.read_bytes()
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "absent.toml")
    for path in (file, link):
        error = run(path, "init").exception
        assert isinstance(error, BotError)
        assert error.reason is Reason.BAD_USAGE
    assert file.read_bytes() == before
    assert not (tmp_path / "absent.toml").exists()


def test_init_says_when_it_cannot_write(file):
    error = run(file / "below-a-file.toml", "init").exception
    assert isinstance(error, BotError)
    assert "cannot be written" in error.sentence
