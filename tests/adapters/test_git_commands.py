"""The table of argument lists: complete, closed, and safe against outside values."""

import ast
from pathlib import Path

import pytest

import bot
from bot.adapters import git_commands as commands
from bot.adapters.git_refs import is_full_id, is_full_ref, parse_refs
from bot.core.promotion import RefUpdate

PACKAGE = Path(bot.__file__).parent
TABLE = PACKAGE / "adapters/git_commands.py"
RUNNER = PACKAGE / "adapters/git_runner.py"
# Reads the configuration of a person's clone, and starts no process.
CLONE = PACKAGE / "adapters/git_clone.py"
# The demo plays the developers and their server: that is not the bot's own access to a repository.
DEVELOPERS = set((PACKAGE / "demo").glob("*.py"))


def modules():
    return [(path, ast.parse(path.read_text())) for path in sorted(PACKAGE.rglob("*.py"))]


def builds_git_arguments(node):
    """Whether it is a list or tuple that begins with "git"."""
    if isinstance(node, ast.List | ast.Tuple):
        first = node.elts[0] if len(node.elts) > 1 else None
        return isinstance(first, ast.Constant) and first.value == "git"
    return False


def test_no_other_module_builds_an_argument_list_for_git():
    guilty = {path for path, tree in modules() for node in ast.walk(tree) if builds_git_arguments(node)}

    assert guilty - DEVELOPERS == {TABLE}


def test_no_other_module_uses_gitpython():
    def names(node):
        if isinstance(node, ast.ImportFrom):
            return [node.module or ""]
        return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []

    users = {
        path
        for path, tree in modules()
        for node in ast.walk(tree)
        for name in names(node)
        if name.split(".")[0] == "git"
    }

    assert users - DEVELOPERS == {RUNNER, CLONE}


SHA, TREE = "a" * 40, "b" * 64
HOSTILE = [
    "",
    "HEAD",
    "-x",
    "--output=/tmp/x",
    "a" * 39,
    "A" * 40,
    "a" * 40 + "\n",
    "refs/heads/a b",
    "refs/heads/a:b",
    "refs/heads/x^{commit}",
    "staging",
    "refs/heads/..",
    "refs/heads/a\n",
    "refs/heads/*/*",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "build",
    [
        lambda value: commands.is_ancestor(value, SHA),
        lambda value: commands.is_ancestor(SHA, value),
        lambda value: commands.log(SHA, value),
        lambda value: commands.log(value or "x", SHA),
        commands.list_tree,
        commands.one_ref,
        lambda value: commands.commit_id(value.replace("a" * 39, "A")),
        commands.init,
        lambda value: commands.ls_remote("/srv/x", [value]),
        lambda value: commands.fetch("/srv/x", [(value, "refs/remote/x")]),
        lambda value: commands.fetch("/srv/x", [("refs/heads/x", value)]),
        commands.original,
        commands.check_out,
        lambda value: commands.twins(value, SHA, SHA),
        lambda value: commands.twins(SHA, value, SHA),
        lambda value: commands.twins(SHA, SHA, value),
        lambda value: commands.begin_merge(value, "Merge"),
        lambda value: commands.marked(value, ["path"]),
        lambda value: commands.init_work_tree("backport/x", value),
        lambda value: commands.push("/srv/x", [RefUpdate(value, None, SHA)]),
        lambda value: commands.push("/srv/x", [RefUpdate("refs/heads/x", None, value)]),
        lambda value: commands.push("/srv/x", [RefUpdate("refs/heads/x", value or "x", SHA)]),
    ],
)
def test_only_full_ids_and_full_names_get_into_an_argument_list(build, value):
    with pytest.raises(ValueError, match=r"is no "):
        build(value)


def test_a_push_is_atomic_has_a_lease_for_each_ref_and_never_forces():
    refs = [RefUpdate("refs/heads/main", SHA, TREE), RefUpdate("refs/tags/x", None, SHA), RefUpdate("refs/y", SHA, SHA)]

    command = commands.push("/srv/x", refs)

    assert {"--atomic", "--porcelain", f"--force-with-lease=refs/heads/main:{SHA}"} <= set(command)
    assert {"--force-with-lease=refs/tags/x:", f"--force-with-lease=refs/y:{SHA}"} <= set(command)
    assert command[-5:-3] == ("--end-of-options", "/srv/x")
    assert command[-3:] == (f"{TREE}:refs/heads/main", f"{SHA}:refs/tags/x", f"{SHA}:refs/y")
    assert not any(part.startswith(("+", "-f")) or part == "--force" for part in command)


@pytest.mark.parametrize(
    "command",
    [
        commands.log(SHA, TREE),
        commands.commit_id("abcd"),
        commands.original(SHA),
        commands.twins(SHA, TREE, SHA),
        commands.begin_merge(SHA, "Merge main into staging"),
        commands.set_option("remote.origin.url", "/srv/x"),
        commands.ls_remote("/srv/x", ["refs/heads/x"]),
        commands.ls_branches("/srv/x"),
        commands.fetch("/srv/x", [("refs/heads/*", "refs/remote/*")]),
    ],
)
def test_outside_values_come_after_the_end_of_the_options(command):
    assert "--end-of-options" in command
    assert not any(part.startswith("-") for part in command[command.index("--end-of-options") + 1 :] if part != "--")


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("refs/heads/main", True),
        ("refs/heads/feat/ünï", True),
        ("refs/heads/-x", True),
        ("refs/heads/@", True),
        ("refs/heads/a.lock", False),
        ("refs/heads/a.lock/b", False),
        ("refs/heads/.a", False),
        ("refs/heads/a.", False),
        ("refs/heads/a/", False),
        ("refs/heads//a", False),
        ("refs/heads/a@{1}", False),
        ("refs/heads/a\\b", False),
        ("refs/heads/a?", False),
        ("refs/heads/\x7f", False),
        ("heads/main", False),
        ("refs/heads/" + "a" * 1000, False),
    ],
)
def test_full_ref_names_are_those_that_git_takes(name, good):
    assert is_full_ref(name) is good


def test_refs_are_read_from_both_of_gits_forms_and_nothing_else():
    out = f"{SHA}\trefs/heads/main\n{TREE} refs/tags/x^{{}}\nref: refs/heads/main\tHEAD\n\n{SHA}\n".encode()

    assert parse_refs(out) == {"refs/heads/main": SHA, "refs/tags/x^{}": TREE}
    assert is_full_id(SHA)
    assert is_full_id(TREE)
