"""`promote judge`: the same verdict from the stored files, another under other limits, none from altered ones."""

import hashlib
import json

import pytest
from support.commands import call
from support.sealed import assert_sealed


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


def test_the_only_attempt_is_the_run_and_there_is_no_other(shop, promoted):
    assert shop("last", "--attempt", "1", "--json").json["verdict"] == stored(promoted)["verdict"]
    other = shop("last", "--attempt", "2")
    assert other.code == 2
    assert "has no attempt 2; on record: 1." in other.stderr
    assert shop("last", "--attempt", "0").code == 2


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


def test_what_if_there_had_been_a_limit_relative_to_history(shop):
    limits = ("--set", "p95=< 2s", "--set", "p95=< 1.2x baseline")
    ended = shop("last", *limits, "--json")
    assert ended.code == 0, ended.stderr
    (notice,) = ended.json["verdict"]["notices"]
    assert (notice["code"], notice["objective"]) == ("no-baseline", "p95")
    assert "Note: load-1k: p95 < 1.2x baseline was not judged: 0 of at least 5 nights are known." in " ".join(
        shop("last", *limits).stdout.split()
    )


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


@pytest.mark.parametrize("heading", ["[scenario.slo]", "[[scenario]]\n[scenario.slo]"])
def test_limits_from_a_file_may_keep_the_heading_that_they_have_in_the_configuration(shop, tmp_path, heading):
    limits = tmp_path / "slo.toml"
    limits.write_text(f'{heading}\np99 = "< 1us"\n')
    ended = shop("last", "--slo", limits, "--json")
    assert ended.code == 3, ended.stderr
    assert {"p95", "p99"} <= {check["objective"] for check in ended.json["verdict"]["checks"]}


@pytest.mark.parametrize(
    "text",
    [
        '[[scenario]]\nname = "load-1k"\nrate = 10\n[scenario.slo]\np99 = "< 1us"\n',
        '[[scenario]]\n[scenario.slo]\np99 = "< 1us"\n[[scenario]]\n[scenario.slo]\np99 = "< 2us"\n',
        'p95 = "< 1s"\n[scenario.slo]\np99 = "< 1us"\n',
        '[repository]\nremote = "x"\n[[scenario]]\n[scenario.slo]\np99 = "< 1us"\n',
    ],
)
def test_more_of_a_configuration_than_limits_is_told_what_to_leave(shop, tmp_path, text):
    limits = tmp_path / "slo.toml"
    limits.write_text(text)
    ended = shop("last", "--slo", limits, "--json")
    assert ended.code == 2
    (problem,) = ended.json["error"]["problems"]
    assert (problem["path"], "every scenario" in problem["allowed"]) == ("scenario", True)


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


def bend(path, harm):
    """Alter a JSON file by a function of its document."""
    document = json.loads(path.read_text())
    harm(document)
    path.write_text(json.dumps(document))


def fit(copied, keeper):
    """Make what the manifest or run.json says of the files true of them as they are now."""
    files = {name: hashlib.sha256(only(copied, name).read_bytes()).hexdigest() for name in FILES}
    if keeper == "manifest.json":
        bend(only(copied, keeper), lambda document: document["files"].update(files))
    else:
        bend(only(copied, keeper), lambda document: document["evidence"].update(files=list(files.items())))


def disowns(copied, *args):
    """What `judge` says of a run that is not what was judged."""
    ended = call("--config", copied, "judge", "last", "--json", *args)
    assert ended.code == 5, ended.stderr
    verdict = ended.json["verdict"]
    assert {check["result"] for check in verdict["checks"]} == {"invalid"}
    first = verdict["checks"][0]
    assert first["objective"] == "evidence"
    assert "this is not the evidence that was judged" in first["reason"]
    return " ".join(check["reason"] for check in verdict["checks"])


FILES = ("load-1k.hlog", "load-1k.ndjson")


@pytest.mark.parametrize("args", [[], ["--set", "p95=< 1m"]], ids=["as it was", "what if"])
def test_a_manifest_cannot_be_bent_to_fit(copied, args):
    improve(only(copied, "load-1k.ndjson"))
    fit(copied, "manifest.json")
    assert "load-1k.ndjson is not the file that run.json recorded" in disowns(copied, *args)


def test_the_manifest_and_the_record_cannot_be_bent_to_fit_together(copied):
    improve(only(copied, "load-1k.ndjson"))
    fit(copied, "manifest.json")
    fit(copied, "run.json")
    assert "another digest than its verdict names" in disowns(copied)


def loosen(run):
    """Another limit for p95, wherever the record has it."""
    for plan in (run["plan"]["scenarios"][0], run["evidence"]["scenarios"][0]["plan"]):
        (limit,) = (each["limit"] for each in plan["objectives"] if each["key"] == "p95")
        limit.update(value=9)


def test_a_limit_cannot_be_loosened_afterwards(copied):
    bend(only(copied, "run.json"), loosen)
    assert "objectives in run.json have another digest" in disowns(copied)


@pytest.mark.parametrize(
    "harm",
    [
        lambda run: run["evidence"].update(proof=False),
        lambda run: run["evidence"].update(candidate_sha="f" * 40),
        lambda run: run["evidence"]["scenarios"][0].update(measured=99),
        lambda run: run["plan"]["scenarios"][0].update(duration=1),
        lambda run: run["verdict"].update(evidence_sha256="0" * 64),
        lambda run: run["verdict"].update(objectives_sha256="0" * 64),
    ],
    ids=["proof", "commit", "measured", "planned", "evidence digest", "objectives digest"],
)
def test_a_record_that_was_edited_is_not_what_was_judged(copied, harm):
    bend(only(copied, "run.json"), harm)
    disowns(copied)


@pytest.mark.parametrize(
    "harm",
    [
        lambda run: run["plan"].update(scenarios=run["plan"]["scenarios"] * 2),
        lambda run: run["evidence"].update(scenarios=run["evidence"]["scenarios"] * 2),
        lambda run: run["evidence"].update(scenarios=[]),
        lambda run: (run["plan"].update(scenarios=[]), run["evidence"].update(scenarios=[])),
        lambda run: run.update(verdict=None),
    ],
    ids=["planned twice", "measured twice", "not measured", "nothing", "no verdict"],
)
def test_a_record_that_contradicts_itself_is_damaged(copied, harm):
    bend(only(copied, "run.json"), harm)
    ended = call("--config", copied, "judge", "last", "--json")
    assert ended.code == 1
    assert ended.json["error"]["reason_code"] == "state-unusable"


def test_the_manifest_holds_the_digest_of_every_file_that_was_there(promoted):
    folder = promoted.last_folder()
    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert {*FILES, "run.json", "report.html", "report.md", "junit.xml", "notes.md"} < set(files)
    assert_sealed(folder)
    assert {name for name, _ in stored(promoted)["evidence"]["files"]} == set(FILES)


def test_a_run_that_measured_nothing_cannot_be_judged(copied):
    run = only(copied, "run.json")
    document = json.loads(run.read_text()) | {"evidence": None, "verdict": None, "attempts": []}
    run.write_text(json.dumps(document))
    ended = call("--config", copied, "judge", "last")
    assert ended.code == 2
    assert "measured nothing" in ended.stderr
