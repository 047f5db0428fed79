"""The options of the bundled load file: what is wrong with them is found with everything else, before any run."""

import pytest
from support.configurations import problems_of, settled

from bot.settings.locustfiles import bundled_folders

BUNDLED = "loadtests/payload.py"


@pytest.fixture
def bundled(document):
    """The document with a scenario that sends what the bundled load file sends."""
    document["scenario"][0]["locustfile"] = BUNDLED
    return document


def told(document, options):
    document["scenario"][0]["options"] = options
    return problems_of(document)


@pytest.mark.parametrize("named", [BUNDLED, "payload.py", str(bundled_folders()[0] / "payload.py")])
def test_a_typo_is_found_with_all_other_errors(bundled, named):
    bundled["scenario"][0] |= {"locustfile": named, "rate": -1}
    found = told(bundled, {"paylod": "1KiB", "path": 3})
    assert sorted(found) == ['scenario "load-1k".options', 'scenario "load-1k".rate']
    options = found['scenario "load-1k".options']
    assert "payload.py knows no option paylod; path must be a text without blanks, not 3" in options.wrong
    assert "payload, method, path, expect, endpoints" in options.allowed


def test_options_that_make_sense_are_taken(tmp_path, bundled):
    options = {"method": "GET", "endpoints": [{"path": "/a", "weight": 2}, {"path": "/b", "expect": "echo"}]}
    bundled["scenario"][0]["options"] = options
    assert settled(bundled, tmp_path).scenario[0].options == options


def test_a_load_file_of_ones_own_has_options_of_its_own(tmp_path, document):
    own = tmp_path / "loadtests" / "payload.py"
    own.parent.mkdir()
    own.touch()
    document["scenario"][0] |= {"locustfile": BUNDLED, "options": {"paylod": "1KiB"}}
    assert settled(document, tmp_path).scenario[0].options == {"paylod": "1KiB"}


def test_a_table_that_json_could_not_carry_is_told_as_that(bundled):
    (found,) = told(bundled, {"payload": float("inf")}).values()
    assert "not finite" in found.wrong


def test_what_looks_like_a_secret_is_not_shown(bundled):
    secret = "ghp_" + "a1B2" * 9
    found = told(bundled, {"payload": secret})
    assert found
    assert not any(secret in each.wrong for each in found.values())
