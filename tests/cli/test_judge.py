"""`promote judge`: the same verdict from the stored files, another under other limits, none from altered ones."""

import hashlib
import json

import pytest
from support.commands import call


@pytest.fixture
def shop(promoted):
    """Judge a run of that world, nothing of which is altered."""
    return lambda *args: call("--config", promoted.config, "judge", *args)


def stored(night):
    return json.loads((night.last_folder() / "run.json").read_text())


def test_judging_again_gives_the_very_verdict_of_the_run(shop, promoted):
    before = {path.name: path.read_bytes() for path in promoted.last_folder().iterdir()}

    ended = shop("last", "--json")

    assert ended.code == 0, ended.stderr
    assert ended.json == {"run_id": promoted.last_folder().name, "verdict": stored(promoted)["verdict"]}
    assert {path.name: path.read_bytes() for path in promoted.last_folder().iterdir()} == before


def test_a_terminal_gets_every_check_and_the_result(shop, promoted):
    ended = shop("last")
    assert ended.code == 0
    for words in ("error_rate < 5%", "p95 < 2s", "deployment", "completion", f"{promoted.last_folder().name}: pass"):
        assert words in ended.stdout


@pytest.mark.parametrize("name", ["run id", "beginning", "commit", "tag"])
def test_a_run_has_many_names(shop, promoted, name):
    run = stored(promoted)
    names = {
        "run id": run["run_id"],
        "beginning": run["run_id"][:-2],
        "commit": run["candidate"]["sha"][:9],
        "tag": run["promotion"]["tag"],
    }
    assert shop(names[name], "--json").json["verdict"] == run["verdict"]


def test_what_if_the_limit_had_been_a_millisecond(shop, promoted):
    ended = shop("last", "--set", "p95=< 1us", "--json")
    assert ended.code == 3
    checks = {check["objective"]: check for check in ended.json["verdict"]["checks"]}
    assert (checks["p95"]["result"], checks["p95"]["limit"]) == ("fail", "< 1us")
    assert checks["error_rate"]["result"] == "pass"
    assert ended.json["verdict"]["objectives_sha256"] != stored(promoted)["verdict"]["objectives_sha256"]
    assert ended.json["verdict"]["evidence_sha256"] != ""


def test_what_if_there_had_been_another_objective(shop):
    ended = shop("last", "--set", "p50 = < 1us", "--set", "rate=>= 50%", "--json")
    assert ended.code == 3
    assert {"p50", "rate", "p95"} <= {check["objective"] for check in ended.json["verdict"]["checks"]}


def test_what_nobody_measured_is_no_pass(shop):
    ended = shop("last", "--set", "memory_growth=< 10%", "--json")
    assert ended.code in {4, 5}
    assert "memory_growth" in ended.stdout


def test_limits_from_a_file(shop, tmp_path):
    limits = tmp_path / "slo.toml"
    limits.write_text('p99 = "< 1us"\n["POST /echo"]\nerror_rate = "< 50%"\n')
    ended = shop("last", "--slo", limits, "--json")
    assert ended.code == 3
    assert any(check["endpoint"] == "POST /echo" for check in ended.json["verdict"]["checks"])


def test_limits_on_the_command_line_win_over_the_file(shop, tmp_path):
    limits = tmp_path / "slo.toml"
    limits.write_text('p95 = "< 1us"\n')
    assert shop("last", "--slo", limits, "--set", "p95=< 1m").code == 0


@pytest.mark.parametrize(
    ("limits", "paths"),
    [
        (["bad=< 1s", "p95=< 5%", "cpu=fast"], ["bad", "cpu", "p95"]),
        (["p95", "p99"], ["--set", "--set"]),
    ],
)
def test_wrong_limits_are_all_named(shop, limits, paths):
    ended = shop("last", *[word for limit in limits for word in ("--set", limit)], "--json")
    assert ended.code == 2
    assert sorted(each["path"] for each in ended.json["error"]["problems"]) == paths


def test_a_file_of_limits_that_is_none_is_named(shop, tmp_path):
    for text in ("p95 = ", "p95 = 1\n"):
        limits = tmp_path / "slo.toml"
        limits.write_text(text)
        ended = shop("last", "--slo", limits)
        assert ended.code == 2
        assert "slo.toml" in ended.stderr
    assert shop("last", "--slo", tmp_path / "absent.toml").code == 2


def only(copied, pattern):
    (path,) = (copied.parent / "state" / "runs").glob(f"*/{pattern}")
    return path


def cut(path):
    path.write_bytes(path.read_bytes()[:-80])


def improve(path):
    path.write_text(path.read_text().replace('"failed": 0', '"failed":  0', 1))


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("load-1k.hlog", cut),
        ("load-1k.hlog", empty),
        ("load-1k.ndjson", cut),
        ("load-1k.ndjson", improve),
        ("load-1k.hlog", lambda path: path.unlink()),
        ("load-1k.ndjson", lambda path: path.unlink()),
    ],
    ids=["hlog cut", "hlog empty", "ndjson cut", "ndjson edited", "hlog gone", "ndjson gone"],
)
def test_an_altered_file_is_named_and_proves_nothing(copied, name, harm):
    path = only(copied, name)
    before = path.read_bytes()
    harm(path)
    assert not path.exists() or path.read_bytes() != before

    ended = call("--config", copied, "judge", "last", "--json")

    assert ended.code == 5
    assert ended.json["verdict"]["result"] == "invalid"
    assert name in " ".join(check["reason"] for check in ended.json["verdict"]["checks"])
    shown = call("--config", copied, "judge", "last")
    assert shown.code == 5
    assert name in "".join(shown.stdout.split())


def test_without_a_manifest_no_file_can_be_trusted(copied):
    only(copied, "manifest.json").unlink()
    assert call("--config", copied, "judge", "last").code == 5


def test_a_manifest_cannot_be_bent_to_fit_without_a_trace(copied, promoted):
    """Whoever alters file and manifest alike still gets another digest than tag and ledger carry."""
    path, manifest = only(copied, "load-1k.ndjson"), only(copied, "manifest.json")
    improve(path)
    document = json.loads(manifest.read_text())
    document["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(document))
    ended = call("--config", copied, "judge", "last", "--json")
    assert ended.json["verdict"]["evidence_sha256"] != stored(promoted)["verdict"]["evidence_sha256"]


def test_a_run_that_measured_nothing_cannot_be_judged(copied):
    run = only(copied, "run.json")
    document = json.loads(run.read_text()) | {"evidence": None, "verdict": None}
    run.write_text(json.dumps(document))
    ended = call("--config", copied, "judge", "last")
    assert ended.code == 2
    assert "measured nothing" in ended.stderr
