import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.configurations import problems_of, problems_of_file, settled, write

from bot.errors import ConfigurationError
from bot.settings.arrivals import Arrivals
from bot.settings.gate import Baseline
from bot.settings.generator import Generator
from bot.settings.load import LARGEST, load_settings
from bot.settings.schema import Settings
from bot.settings.table import fields_of

TWELVE_MISTAKES = """
[repository]
remote = "https://bot:hunter2@github.com/acme/shop.git"
source = "bad..name"
[staging]
url = "staging.acme.example"
[[scenario]]
name = "load-1k"
locustfile = "load.py"
rate = true
duraton = "2m"
[scenario.slo]
p95 = "> 1s"
error_rate = "< 2s"
memory_growth = "< 10%"
[[scenario]]
name = "load-1k"
locustfile = "nowhere.py"
users = 0
duration = "2m"
slo = { rate = ">= 99%" }
[schedule]
cron = "0 25 * * *"
timezone = "Mars/Olympus"
"""
EXPECTED = {
    "repository.remote": "secret",
    "repository.source": "..",
    "staging.url": "http",
    "scenario[0].rate": "true or false",
    "scenario[0].duraton": 'did you mean "duration"',
    "scenario[0].duration": "missing",
    "scenario[0].slo.p95": "wrong way",
    "scenario[0].slo.error_rate": "wrong unit",
    "scenario[0].slo.memory_growth": "probe",
    "scenario[1].name": "taken already",
    "scenario[1].locustfile": "not found",
    "scenario[1].users": "out of range",
    "scenario[1].slo.rate": "open model",
    "schedule.cron": "25",
    "schedule.timezone": "not a time zone",
}


def test_every_mistake_of_a_file_is_named_at_once_with_its_place(tmp_path):
    (tmp_path / "load.py").touch()
    path = tmp_path / "promotion.toml"
    path.write_text(TWELVE_MISTAKES)
    found = {problem.path: problem for problem in problems_of_file(path)}
    assert set(found) == set(EXPECTED)
    for where, words in EXPECTED.items():
        assert words in found[where].wrong
        assert found[where].allowed
    assert "hunter2" not in str(found)


def test_a_secret_is_nowhere_in_the_error_nor_in_what_it_chains(tmp_path, document):
    document["repository"]["remote"] = "https://bot:hunter2@github.com/acme/shop.git"
    document["schedule"] = {"timezone": "ghp_0123456789abcdefghij"}
    document["scenario"][0]["options"] = {"deep": ["AKIAABCDEFGHIJKLMNOP"]}
    with pytest.raises(ConfigurationError) as caught:
        load_settings(write(tmp_path, document))
    assert caught.value.__context__ is None
    shown = str(caught.value) + str(caught.value.problems)
    assert not any(secret in shown for secret in ("hunter2", "ghp_0123", "AKIA"))
    assert len(caught.value.problems) == 3


def test_the_smallest_file_gets_every_default(tmp_path, document, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = load_settings(write(tmp_path, document))
    assert (found.repository.source, found.repository.target) == ("staging", "main")
    assert (found.schedule.cron, found.schedule.timezone, found.schedule.late) == ("0 2 * * *", "UTC", 21600.0)
    assert found.state.dir == str(tmp_path / ".promotion")
    assert (found.scenario[0].duration, found.scenario[0].warmup) == (120.0, 0.0)
    assert found.probe == ()


def test_relative_paths_count_from_the_working_directory(tmp_path, document):
    document["repository"]["remote"] = "demo/remote.git"
    document["state"] = {"dir": "state"}
    document["probe"] = [{"name": "app", "kind": "process", "pid_file": "service.pid"}]
    found = settled(document, tmp_path)
    assert found.repository.remote == str(tmp_path / "demo/remote.git")
    assert found.state.dir == str(tmp_path / "state")
    assert found.probe[0].pid_file == str(tmp_path / "service.pid")


@pytest.mark.parametrize("there", ["beside", "working"])
def test_a_locustfile_is_looked_up_beside_the_file_then_in_the_working_directory(
    tmp_path, document, monkeypatch, there
):
    folders = {"beside": tmp_path / "config", "working": tmp_path / "cwd"}
    for folder in folders.values():
        folder.mkdir()
    (folders["working"] / "own.py").touch()
    if there == "beside":
        (folders["beside"] / "own.py").touch()
    monkeypatch.chdir(folders["working"])
    document["scenario"][0]["locustfile"] = "own.py"
    found = load_settings(write(folders["beside"], document))
    assert found.scenario[0].locustfile == str(folders[there] / "own.py")


def test_a_bundled_locustfile_is_found_from_anywhere_without_importing_locust(tmp_path, document):
    document["scenario"][0]["locustfile"] = "loadtests/payload.py"
    path = write(tmp_path, document)
    script = (
        "import sys; from pathlib import Path; from bot.settings.load import load_settings;"
        f"print(load_settings(Path({str(path)!r})).scenario[0].locustfile);"
        "print([name for name in sys.modules if name.split('.')[0] in ('locust', 'gevent', 'loadtests')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True
    )
    found, imported = done.stdout.splitlines()
    assert found.endswith("/loadtests/payload.py")
    assert imported == "[]"


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        (b"", "(file)", "no key"),
        (b"# nothing\n", "(file)", "no key"),
        (b"[repository\n", "line 1", "not TOML"),
        (b"a = 1\nb = \n", "line 2", "not TOML"),
        (b"a = 1\na = 2\n", "line 2", "not TOML"),
        (b"[a]\n[a]\n", "line 2", "not TOML"),
        (b"a = 1\nb = '\xff'\n", "line 2", "UTF-8"),
        (b"a = " + b"[" * 3000, "(file)", "deeply"),
        (b"a = 1\nb = " + b"9" * 5000, "line 2", "too long"),
        (b"x\n" * LARGEST, "(file)", "larger"),
    ],
)
def test_what_is_no_toml_is_named_with_its_line(tmp_path, content, where, words):
    path = tmp_path / "promotion.toml"
    path.write_bytes(content)
    (problem,) = problems_of_file(path)
    assert problem.path.startswith(where)
    assert words in problem.wrong


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path, document):
    path = write(tmp_path, document)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert problems_of_file(path) == ()


def test_what_cannot_be_read_is_one_problem(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path / "absent.toml", tmp_path, pipe, tmp_path / ("x" * 300), tmp_path / "a\0b"):
        (problem,) = problems_of_file(path)
        assert "cannot be read" in problem.wrong


def test_very_deep_dotted_keys_do_no_harm(tmp_path, document):
    path = write(tmp_path, document)
    deep = ".".join(["a"] * 1_900)
    path.write_text(f"{deep} = 1\n{path.read_text()}\n[scenario.options]\n{deep} = 1\n")
    assert {problem.path for problem in problems_of_file(path)} == {"a", 'scenario "load-1k".options'}


CHANGES = [
    ("repository", "remote", "", "is empty"),
    ("repository", "target", "staging", "source branch as well"),
    ("repository", "target", 7, "a whole number, not a string"),
    ("repository", "tag_prefix", "a b", "blank"),
    ("staging", "url", "https://bot:pw@host", "secret"),
    ("staging", "allow_hosts", "host", "a string, not a list"),
    ("staging", "allow_hosts", [""], "is empty"),
    ("staging", "version_key", "a..b", "dotted path"),
    ("scenario", "name", "../etc", "file name"),
    ("scenario", "name", "Journal", "another file"),
    ("scenario", "name", "ünï", "file name"),
    ("scenario", "kind", "stress", "unknown"),
    ("scenario", "rate", True, "true or false, not a number"),
    ("scenario", "rate", "1000", "a string, not a number"),
    ("scenario", "rate", float("nan"), "finite"),
    ("scenario", "rate", float("inf"), "finite"),
    ("scenario", "rate", 10**30, "out of range"),
    ("scenario", "rate", 10**4000, "out of range"),
    ("scenario", "rate", 0, "out of range"),
    ("scenario", "rate", -1.5, "out of range"),
    ("scenario", "users", 5, "stands beside rate"),
    ("scenario", "pool", 1.0, "a number, not a whole number"),
    ("scenario", "duration", 120, "a whole number, not a string"),
    ("scenario", "duration", "2 minutes", "not a duration"),
    ("scenario", "duration", "8d", "out of range"),
    ("scenario", "duration", "500ms", "out of range"),
    ("scenario", "warmup", "", "is empty"),
    ("scenario", "options", "x", "a string, not a table"),
    ("scenario", "options", {"a": [float("inf")]}, "not finite"),
    ("scenario", "slo", {}, "is empty"),
    ("scenario", "slo", [], "a list, not a table"),
    ("schedule", "cron", "0 2 * *", "4 fields"),
    ("schedule", "cron", "0 2 31 2 *", "no month"),
    ("schedule", "timezone", "../etc/passwd", "not a time zone"),
    ("schedule", "timezone", "America", "not a time zone"),
    ("schedule", "late", "0s", "out of range"),
    ("state", "dir", "~/state", "shell"),
    ("state", "database", "postgresql://bot:pw@db/x", "secret"),
    ("state", "database", "mysql://db/x", "neither"),
    ("notes", "title", "{date.year}", "placeholder"),
    ("notes", "title", "{date!r}", "placeholder"),
    ("notes", "title", "{", "unbalanced"),
    ("notes", "title", "a\u202eb", "cannot be seen"),
    ("notes", "title", "\x1b[31mred", "control character"),
    ("repository", "signing_key", "~/.ssh/id", "shell"),
    ("repository", "signing_key", "gpg:ada@example.com", "not a GPG key id"),
    ("repository", "signing_key", "gpg:", "not a GPG key id"),
    ("audit", "accepted", "tag-missing:release/x", "a string, not a list"),
    ("audit", "accepted", ["all of them"], "not the key of a difference"),
    ("audit", "accepted", ["tag-missing:x", "tag-missing:x"], "twice"),
    ("host", "kind", "gitea", "not available in this version"),
    ("host", "kind", "svn", "unknown"),
]


def test_ssh_signers_beside_a_gpg_key_are_a_contradiction(document):
    document["repository"] |= {"signing_key": "gpg:0123456789ABCDEF", "allowed_signers": "signers"}
    (problem,) = problems_of(document).values()
    assert "signing_key is a GPG key" in problem.wrong


@pytest.mark.parametrize(("section", "key", "value", "words"), CHANGES)
def test_a_value_out_of_its_range_is_refused_and_nothing_else(document, section, key, value, words):
    table = document["scenario"][0] if section == "scenario" else document.setdefault(section, {})
    table[key] = value
    found = problems_of(document)
    assert len(found) == 1
    ((path, problem),) = found.items()
    assert path.endswith(f".{key}")
    assert words in problem.wrong
    assert problem.allowed


LIMITS = [
    ("p95", "< 2%", "wrong unit"),
    ("p95", "> 1s", "wrong way"),
    ("p95", "< 0s", "out of range"),
    ("p95", "< 2h", "out of range"),
    ("p95", 1.5, "not a string"),
    ("error_rate", "< 2s", "wrong unit"),
    ("error_rate", "< 101%", "out of range"),
    ("error_rate", "< 0%", "out of range"),
    ("rate", "< 99%", "wrong way"),
    ("rate", "> 100%", "out of range"),
    ("cpu", "0.7", "not a limit"),
    ("p96", "< 1s", "unknown key"),
    ("GET /", {}, "is empty"),
    ("latency", {"p95": "< 1s"}, "not an endpoint"),
]


@pytest.mark.parametrize(("key", "value", "words"), LIMITS)
def test_a_limit_that_makes_no_sense_for_its_objective_is_refused(document, key, value, words):
    document["probe"] = [{"name": "app", "kind": "http", "url": "/metrics"}]
    document["scenario"][0]["slo"][key] = value
    (problem,) = problems_of(document).values()
    assert words in problem.wrong


def test_the_tail_quantile_has_two_spellings_of_which_one_may_stand(document):
    slo = document["scenario"][0]["slo"]
    slo["p99.9"] = "< 5s"
    slo["GET /"] = {"p99.9": "< 4s"}
    quoted = settled(document).scenario[0].slo.all_objectives()
    slo["p99_9"] = slo.pop("p99.9")
    assert {(each.key, each.limit.text) for each in quoted} >= {("p99_9", "< 5s"), ("p99_9", "< 4s")}
    assert set(quoted) == set(settled(document).scenario[0].slo.all_objectives())
    slo["p99.9"] = "< 5s"
    (problem,) = problems_of(document).values()
    assert "means the same" in problem.wrong


def test_objectives_of_endpoints_come_after_those_of_the_scenario(document):
    document["scenario"][0]["slo"]["GET /checkout"] = {"p99": "< 3s"}
    found = settled(document).scenario[0].slo.all_objectives()
    assert [(each.endpoint, each.key) for each in found] == [
        (None, "error_rate"),
        (None, "p95"),
        ("GET /checkout", "p99"),
    ]


def test_what_is_judged_for_the_whole_service_is_refused_for_an_endpoint(document):
    document["scenario"][0]["slo"]["GET /checkout"] = {"cpu": "< 70%"}
    (problem,) = problems_of(document).values()
    assert problem.path == 'scenario "load-1k".slo."GET /checkout".cpu'
    assert "not for an endpoint" in problem.wrong


@pytest.mark.parametrize(
    ("probe", "path", "words"),
    [
        ({"kind": "prometheus", "url": "https://p.example"}, '"app".memory', "missing, and so is cpu"),
        ({"kind": "prometheus", "cpu": "x"}, '"app".url', "missing"),
        ({"kind": "prometheus", "cpu": "x", "url": "/p?a=b"}, '"app".url', "query"),
        (
            {"kind": "prometheus", "cpu": "x", "url": "/p", "instance": "a-b"},
            '"app".instance',
            "not the name of a label",
        ),
        (
            {"kind": "prometheus", "cpu": "x", "url": "/p", "token_env": "a b"},
            '"app".token_env',
            "not the name of an env",
        ),
        (
            {"kind": "prometheus", "cpu": "x", "url": "/p", "token_env": "T", "token_file": "f"},
            '"app".token_file',
            "stands beside token_env",
        ),
        (
            {"kind": "prometheus", "cpu": "x", "url": "http://p.example", "token_env": "T"},
            '"app".token_env',
            "plain http to another machine",
        ),
        ({"kind": "command"}, '"app".argv', "missing"),
        ({"kind": "command", "argv": "stats --json"}, '"app".argv', "a string, not a list"),
        ({"kind": "command", "argv": []}, '"app".argv', "is empty"),
        ({"kind": "command", "argv": ["~/stats"]}, '"app".argv', "only a shell expands"),
        ({"kind": "command", "argv": ["a", 3]}, '"app".argv', "not a string"),
        ({"kind": "http", "url": []}, '"app".url', "is empty"),
        ({"kind": "http", "url": ["/m", "/m"]}, '"app".url', "one page twice"),
        ({"kind": "http", "url": ["/m", "m"]}, '"app".url', "neither begins"),
        ({"kind": "process", "pid": 3, "each": True}, '"app".each', "stands beside pid"),
        ({"kind": "htp"}, '"app".kind', 'did you mean "http"'),
        ({"kind": True}, '"app".kind', "true or false"),
        ({"url": "/metrics"}, '"app".kind', "missing"),
        ({"kind": "http"}, '"app".url', "missing"),
        ({"kind": "http", "url": "/m", "pid": 3}, '"app".pid', "unknown key"),
        ({"kind": "process"}, '"app".pid', "missing, and so are"),
        ({"kind": "process", "pid": 3, "command": "x"}, '"app".command', "stands beside pid"),
        ({"kind": "process", "pid": True}, '"app".pid', "true or false"),
        ({"kind": "process", "command": "("}, '"app".command', "regular expression"),
        ({"kind": "process", "pid": 1, "cores": 0}, '"app".cores', "out of range"),
        ({"kind": "process", "pid": 1, "interval": "1ms"}, '"app".interval', "out of range"),
    ],
)
def test_a_probe_needs_exactly_what_its_kind_needs(document, probe, path, words):
    document["probe"] = [{"name": "app", **probe}]
    (problem,) = problems_of(document).values()
    assert problem.path == f"probe {path}"
    assert words in problem.wrong


def test_an_objective_needs_its_query_in_every_prometheus_probe(document):
    document["scenario"][0]["slo"] |= {"memory_growth": "< 10%", "cpu": "< 70%"}
    document["probe"] = [{"name": "app", "kind": "prometheus", "url": "/p", "cpu": "seconds"}]
    (problem,) = problems_of(document).values()
    assert problem.path == 'probe "app".memory'
    assert "memory_growth needs it" in problem.wrong


def test_a_token_stays_out_of_the_file_and_may_be_used_over_https_or_at_home(document):
    asking = {"name": "app", "kind": "prometheus", "cpu": "x", "token_env": "PROMETHEUS_TOKEN"}
    for url in ("https://p.example", "http://127.0.0.1:9090"):
        document["probe"] = [{**asking, "url": url}]
        assert problems_of(document) == {}
    document["probe"] = [{**asking, "url": "https://p.example", "token_env": "ghp_" + "a" * 36}]
    (problem,) = problems_of(document).values()
    assert "ghp_" not in str(problem)


@pytest.mark.parametrize("section", ["repository", "staging", "schedule", "state", "notes", "host"])
def test_an_empty_table_is_refused(document, section):
    document[section] = {}
    assert "is empty" in problems_of(document)[section].wrong or section in ("repository", "staging")
    assert problems_of(document)


@pytest.mark.parametrize(
    ("section", "value", "words"),
    [
        ("scenario", [], "is empty"),
        ("scenario", {}, "not a list"),
        ("scenario", [1], "not a table"),
        ("repository", "x", "not a table"),
        ("probe", {"name": "x"}, "not a list"),
        ("probe", [3], "not a table"),
    ],
)
def test_a_section_of_the_wrong_shape_is_named(document, section, value, words):
    document[section] = value
    assert any(words in problem.wrong for problem in problems_of(document).values())


def test_without_any_section_each_missing_one_is_named():
    assert set(problems_of({"x": 1})) == {"repository", "staging", "scenario", "x"}


def test_names_that_differ_only_in_case_would_share_a_file(document):
    document["scenario"].append({**document["scenario"][0], "name": "LOAD-1K"})
    (problem,) = problems_of(document).values()
    assert "taken already" in problem.wrong


def test_a_key_with_control_characters_cannot_fool_a_terminal(document):
    document["\x1b[2J\u202e"] = 1
    (path,) = problems_of(document)
    assert path.isprintable()


def test_settings_never_change(document):
    found = settled(document)
    with pytest.raises(ValueError, match="frozen"):
        found.repository.source = "x"


SCALARS = (
    st.none().map(lambda _: True)
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["< 1s", "2m", "http", "50%", "ramp", "steps", "spike"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [*Settings.model_fields, "name", "kind", "slo", "rate", "users", "url", "options", "p95", "GET /", "arrivals"]
    + [key for table in (Arrivals, Generator, Baseline) for key in fields_of(table)]
)
TABLES = st.dictionaries(KEYS | st.text(max_size=5), VALUES, max_size=5)
DOCUMENTS = st.dictionaries(KEYS, VALUES | TABLES | st.lists(TABLES | VALUES, max_size=3), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
@example({"scenario": [{"arrivals": {"shape": {}, "from": "x", "rates": [[]], "at": 1}, "tags": [{}]}]})
@example({"generator": {"bind": [], "workers": 0}, "scenario": [{"workers": 0.0}], "baseline": {"nights": {}}})
@example({"scenario": [{"slo": {"GET /": {"GET /": {"p95": 1}}}}]})
@example({"probe": [{"kind": "http", "kind.http": {}}], "scenario": [[]]})
def test_any_document_ends_in_problems_and_nothing_else(document):
    for path, problem in problems_of(document).items():
        assert path.isprintable()
        assert problem.wrong.isprintable()
        assert problem.allowed.isprintable()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_end_in_problems_and_nothing_else(tmp_path, content):
    path = tmp_path / "promotion.toml"
    path.write_bytes(content)
    assert problems_of_file(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_ends_in_problems_and_nothing_else(tmp_path, document, data):
    whole = write(tmp_path, document).read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    path = tmp_path / "damaged.toml"
    path.write_bytes(whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 20)) :])
    problems_of_file(path)
