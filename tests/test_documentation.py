"""The READMEs say what the program does: every command, option, ending and link, and nothing that does not exist."""

import itertools
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest

from bot.cli.main import COMMANDS, promote
from bot.core.reasons import Exit, Reason

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("bot/*/README.md")]
    if ".venv" not in path.parts
)
FETCH_NOTES = "git fetch origin 'refs/notes/*:refs/notes/*'"
EVERY = "every command"
EXITS = {
    Exit.OK: "promoted",
    Exit.OPERATIONAL: "safe to run again",
    Exit.USAGE: "configuration",
    Exit.BLOCKED: "blocked",
    Exit.INCONCLUSIVE: "inconclusive",
    Exit.INVALID: "invalid",
    Exit.REFUSED: "refused",
    Exit.LOCKED: "lock",
    Exit.BUG: "bug",
    Exit.INTERRUPTED: "interrupted",
}


def table(page, *heading):
    """The rows of the table with that heading, cell by cell."""
    lines = page.splitlines()
    start = lines.index(f"| {' | '.join(heading)} |") + 2
    rows = itertools.takewhile(lambda line: line.startswith("|"), lines[start:])
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def code(text):
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def options_of(command):
    """The long options of a command, but not --help."""
    return {name for each in command.params if isinstance(each, click.Option) for name in each.opts} - {"--help"}


def subcommands(command):
    """Names of commands below a group; a command that is none has only itself."""
    return [f" {name}" for name in command.commands] if isinstance(command, click.Group) else [""]


def found(name):
    command = promote.get_command(click.Context(promote), name)
    assert command is not None, name
    return command


OPTION_ROWS = [(options_in(option), set(code(of)) or {of}) for option, of, _ in table(README, "option", "of", "does")]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name):
    documented = [words for row in table(README, "command", "does") for words in code(row[0])]
    for sub in subcommands(found(name)):
        start = f"promote {name}{sub}"
        assert any(words == start or words.startswith(f"{start} ") for words in documented), start


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_those_in_the_readme(name):
    documented = {option for options, of in OPTION_ROWS if name in of for option in options}
    command = found(name)
    below = command.commands.values() if isinstance(command, click.Group) else ()
    assert documented == options_of(command).union(*map(options_of, below))


def test_the_options_of_every_command_are_those_in_the_readme():
    documented = {option for options, of in OPTION_ROWS if of == {EVERY} for option in options}
    assert documented == options_of(promote) - {"--version"}


def test_the_option_table_speaks_of_commands_only():
    assert {name for _, of in OPTION_ROWS for name in of} <= {*COMMANDS, EVERY}


def test_every_exit_code_has_its_meaning():
    rows = table(README, "code", "meaning")
    assert [int(number) for number, _ in rows] == [int(each) for each in Exit]
    for number, meaning in rows:
        assert EXITS[Exit(int(number))] in meaning


def test_every_reason_has_its_row():
    rows = table(README, "code", "exit", "what to do")
    assert rows == [[f"`{each.code}`", str(int(each.exit)), each.action] for each in Reason]


def test_every_file_format_of_a_report_is_named():
    (form,) = (each for each in found("report").params if each.name == "form")
    row = next(does for option, _, does in table(README, "option", "of", "does") if "--format" in option)
    assert code(row) == list(form.type.choices)


def promised():
    """(page, words) of every `promote …` that a page shows, in backticks or after a prompt."""
    for page in PAGES:
        text = page.read_text("utf-8")
        shown = [*code(text), *re.findall(r"^\$ (.+?)(?:\s+#.*)?$", text, re.MULTILINE)]
        yield from ((page.relative_to(ROOT), words) for words in shown if words.startswith("promote "))


@pytest.mark.parametrize(("page", "words"), sorted(set(promised())), ids=str)
def test_no_page_promises_a_command_or_an_option_that_does_not_exist(page, words):
    plain = [word for word in re.sub(r"[\[\]|]", " ", words).split() if word not in {"…", "..."}]
    rest = list(itertools.dropwhile(lambda word: word.startswith("--") or word in {"FILE", "COMMAND"}, plain[1:]))
    command = found(rest[0]) if rest else found("run")
    known = options_of(command) | options_of(promote) | {"--help"}
    assert options_in(words) <= known, page
    if isinstance(command, click.Group) and len(rest) > 1:
        assert rest[1] in command.commands, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]
    broken = [link for link in links if not (page.parent / link.split("#")[0]).exists()]
    assert not broken


def modules_named(text):
    """`core/gate`, `adapters/git*`, `flows/promote`: what the map calls a place."""
    return {
        each for each in code(text) if re.fullmatch(r"(cli|flows|core|adapters|settings|render|daemon|demo)/\S*", each)
    }


@pytest.mark.parametrize("place", sorted(modules_named((ROOT / "bot" / "README.md").read_text("utf-8"))))
def test_every_place_on_the_map_exists(place):
    assert list(ROOT.glob(f"bot/{place.rstrip('/')}")) or list(ROOT.glob(f"bot/{place.removesuffix('.py')}.py"))


def test_every_room_is_on_the_map():
    cells = [room for room, _ in table((ROOT / "bot" / "README.md").read_text("utf-8"), "room", "what is in it")]
    listed = {words.split("/")[0] for cell in cells for words in code(cell)[:1] if "/" in words}
    assert listed == {path.parent.name for path in (ROOT / "bot").glob("*/__init__.py")}


def test_every_core_module_that_the_map_lists_beside_others_exists():
    rows = [room for room, _ in table((ROOT / "bot" / "README.md").read_text("utf-8"), "room", "what is in it")]
    for row in rows:
        folder = code(row)[0].split("/")[0]
        named = [each.split("/")[-1] for each in code(row) if not each.endswith(("/", ".py"))]
        assert not [name for name in named if not list((ROOT / "bot" / folder).glob(f"{name}.py"))], row


@pytest.mark.parametrize("name", ["demo", "test", "bench", "config-docs"])
def test_the_scripts_that_pages_name_can_be_run(name):
    script = ROOT / "scripts" / name
    assert script.stat().st_mode & 0o111
    assert f"`{name}`" in (ROOT / "scripts" / "README.md").read_text("utf-8")


def test_every_script_brings_its_own_environment():
    text = (ROOT / "scripts" / "README.md").read_text("utf-8")
    scripts = [path for path in (ROOT / "scripts").iterdir() if path.stat().st_mode & 0o111 and path.is_file()]
    assert {path.name for path in scripts} <= set(code(text))
    for path in scripts:
        assert re.search(r'/bootstrap"\n(?:.*\n)*install_lock (?:run|test)\n', path.read_text("utf-8")), path.name


def test_no_script_is_left_out():
    text = (ROOT / "scripts" / "README.md").read_text("utf-8")
    scripts = [path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and path.suffix != ".md"]
    assert not [name for name in scripts if f"`{name}`" not in text]


@pytest.mark.parametrize("folder", ["loadtests", "tests"])
def test_no_file_of_a_folder_with_a_list_of_files_is_left_out(folder):
    text = (ROOT / folder / "README.md").read_text("utf-8")
    names = {path.name for path in (ROOT / folder).glob("*.py")} - {"__init__.py", "conftest.py"}
    assert not [name for name in sorted(names) if f"`{name}`" not in text]


def test_the_two_commands_of_the_readme_are_what_ci_and_the_demo_run():
    assert re.findall(r"^\$ (scripts/\w+)", README, re.MULTILINE) == ["scripts/demo", "scripts/test"]
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "exec scripts/test"
    assert shlex.split((ROOT / "scripts" / "demo").read_text().splitlines()[-1])[1:] == [
        "$venv/bin/promote",
        "demo",
        "$@",
    ]


def repository_files():
    """Every text file that git would commit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_entry_of_the_changelog_has_the_name_of_another():
    names = re.findall(r"^- \*\*(.+?)\.\*\*", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(names) == sorted(set(names))


def test_whoever_is_sent_to_the_ledger_is_told_how_to_fetch_it():
    to_the_ledger = re.compile(r"git log [^`]*(?:--notes=|refs/notes/)promotions")
    assert [page.name for page in PAGES if to_the_ledger.search(page.read_text("utf-8"))] == ["README.md"]
    assert FETCH_NOTES in README.split("## Five minutes")[0]


def holding(pattern, files):
    wanted = re.compile(pattern)
    texts = ((path, path.read_text("utf-8", errors="replace")) for path in files)
    return [str(path.relative_to(ROOT)) for path, text in texts if wanted.search(text)]


def test_no_file_holds_a_path_of_this_machine():
    # Short paths and those of temporary clones are words of tests as well.
    here = [path for path in (ROOT, Path.home()) if len(path.parts) > 2 and path.parts[1] != "tmp"]
    if not here:
        pytest.skip("no path of this machine is telling")
    assert not holding("|".join(rf"{re.escape(str(path))}(?![\w.-])" for path in here), repository_files())


def test_nothing_is_left_to_do_in_a_comment():
    # In two halves, so that this very line is not found.
    assert not holding(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", repository_files())


def test_no_lock_names_an_index():
    locks = [path for path in repository_files() if path.parent.name == "locks"]
    assert locks
    assert not holding(r"https?://|--(?:extra-)?index|--find-links|--trusted-host", locks)


def test_every_pinned_package_has_hashes():
    for lock in (ROOT / "scripts" / "locks").glob("*.txt"):
        entries = re.split(r"\n(?=\S)", lock.read_text())
        pins = [entry for entry in entries if not entry.startswith("#")]
        assert pins
        assert not [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin]
