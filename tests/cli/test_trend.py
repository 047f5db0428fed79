"""`promote history --trend`: from stored runs to a table or one JSON document."""

from dataclasses import replace

import pytest
from support import records
from support.commands import call
from support.installation import Installation


@pytest.fixture
def shop(tmp_path):
    made = Installation(tmp_path)
    made.remember(
        replace(records.promoted(), run_id="20261119-020000-0001", started_at="2026-11-19T02:00:00Z"),
        replace(records.blocked_slow(), run_id="20261120-020000-0002", started_at="2026-11-20T02:00:00Z"),
        replace(
            records.promoted(),
            run_id="20261122-020000-0003",
            started_at="2026-11-22T02:00:00Z",
            finished_at="2026-11-22T02:30:00Z",
        ),
    )
    return made


def test_json_has_every_metric(shop):
    trend = call("--config", shop.config, "history", "--trend", "--json").json["trend"]
    assert trend["runs"] == 3
    load, soak = trend["pass_rates"]
    # The installation configures load-1k only, so it alone counts.
    assert (load["judged"], load["passed"], load["is_met"]) == (3, 2, False)
    assert (soak["judged"], soak["is_met"]) == (0, None)
    assert trend["blocked"]["longest"] == pytest.approx(48.5)
    assert trend["lag"]["longest"] > 0
    assert {("load-1k", "p95"), ("soak", "error_rate")} <= {
        (each["scenario"], each["objective"]) for each in trend["courses"]
    }


def test_a_terminal_gets_the_table(shop):
    shown = call("--config", shop.config, "history", "--trend").stdout
    for words in ("Over 3 runs", "load tests passed", "2 of 3", "load-1k: p95", "longest 48.5 h", "missed"):
        assert words in shown


def test_the_filters_of_the_history_apply(shop):
    trend = call("--config", shop.config, "history", "--trend", "--outcome", "promoted", "--json").json["trend"]
    assert (trend["runs"], trend["blocked"]["longest"]) == (2, None)


def test_a_real_night_shows_its_numbers(promoted):
    trend = call("--config", promoted.config, "history", "--trend", "--json").json["trend"]
    assert trend["pass_rates"][0]["share"] == 1.0
    assert [each["objective"] for each in trend["courses"]] == ["error_rate", "p95"]


def test_a_record_that_is_gone_leaves_only_the_lag_unknown(shop):
    for record in (shop.state / "runs").glob("*/run.json"):
        record.unlink()
    trend = call("--config", shop.config, "history", "--trend", "--json").json["trend"]
    assert (trend["runs"], trend["lag"]["longest"]) == (3, None)
