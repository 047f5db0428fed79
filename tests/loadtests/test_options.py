"""The options of a scenario, as load files read them."""

import pytest

import loadtests


def test_a_load_file_asks_for_its_options(monkeypatch):
    monkeypatch.delenv(loadtests.OPTIONS_VARIABLE, raising=False)
    assert loadtests.options() == {}
    monkeypatch.setenv(loadtests.OPTIONS_VARIABLE, '{"payload": "1KiB"}')
    assert loadtests.options() == {"payload": "1KiB"}
    monkeypatch.setenv(loadtests.OPTIONS_VARIABLE, "[]")
    with pytest.raises(ValueError, match="JSON object"):
        loadtests.options()
