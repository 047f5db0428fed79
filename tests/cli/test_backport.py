"""`promote backport` through the real command: git merges, or a person does and the command goes on."""

import re

import pytest
from support.backports import Person
from support.commands import call, here
from support.night import World, git


@pytest.fixture
def shop(tmp_path):
    return World(tmp_path, "http://127.0.0.1:9")


def hotfix(world, name="hot.txt", content="hot\n"):
    """main gets a commit that staging lacks."""
    git("checkout", "--quiet", "-B", "hot", world.tip("main"), cwd=world.work)
    (world.work / name).write_text(content)
    git("add", "--all", cwd=world.work)
    sha = world.commit("fix: hot")
    world.push("main")
    return sha


def feature(world, name, content):
    git("checkout", "--quiet", "-B", "staging", world.tip("staging"), cwd=world.work)
    (world.work / name).write_text(content)
    git("add", "--all", cwd=world.work)
    sha = world.commit(f"feat: {name}")
    world.push("staging")
    return sha


def parents(world, sha):
    return git("log", "-1", "--format=%P", sha, cwd=world.remote).split()


def test_main_is_merged_back_and_the_command_says_so(shop):
    hotfix(shop)
    before = shop.refs()

    dry = shop.promote("backport", "--dry-run")
    assert (dry.code, shop.refs()) == (0, before)
    assert "staging would move from" in dry.stdout

    done = shop.promote("--json", "backport")

    assert done.code == 0, done.stderr
    after = shop.refs()
    assert parents(shop, after["refs/heads/staging"]) == [before["refs/heads/staging"], before["refs/heads/main"]]
    assert {**after, "refs/heads/staging": ""} == {**before, "refs/heads/staging": ""}
    told = done.json
    assert (told["kind"], told["outcome"], told["reason_code"]) == ("backport", "promoted", "promoted")
    assert told["promotion"]["target_after"] == after["refs/heads/staging"]
    assert told["updates"] == [
        {
            "ref": "refs/heads/staging",
            "expected": before["refs/heads/staging"],
            "new": after["refs/heads/staging"],
        }
    ]
    assert shop.promote("backport").code == 0
    assert shop.refs() == after


def test_a_conflict_is_resolved_by_a_person_and_continued(shop):
    hotfix(shop, "same.txt", "hot\n")
    feature(shop, "same.txt", "new\n")
    before = shop.refs()

    stopped = here(shop, "backport")

    assert stopped.code == 6
    words = " ".join(stopped.stdout.split())
    assert "merge-conflict" in words
    assert "In conflict: 1 file of main merged into staging same.txt" in words
    assert re.search(r"Touched on staging.* feat: same.txt .*Touched on main.* fix: hot", words)
    tree = shop.state / "backport/tree"
    assert "<<<<<<< HEAD" in (tree / "same.txt").read_text()
    unfinished = here(shop, "backport", "--continue")
    assert (unfinished.code, shop.refs()) == (6, before)
    assert "Still in conflict: same.txt" in " ".join(unfinished.stdout.split())

    made = Person(tree).resolve("same.txt")
    done = here(shop, "--json", "backport", "--continue")

    assert (done.code, done.json["promotion"]["target_after"]) == (0, made)
    assert shop.refs() == before | {"refs/heads/staging": made}
    assert not tree.exists()
    assert here(shop, "backport", "--continue").code == 0


def test_it_can_be_given_up(shop):
    hotfix(shop, "same.txt", "hot\n")
    feature(shop, "same.txt", "new\n")
    before = shop.refs()
    here(shop, "backport")

    gone = here(shop, "--json", "backport", "--abort")

    assert (gone.code, gone.json["aborted"]) == (0, True)
    assert not (shop.state / "backport").exists()
    assert shop.refs() == before
    again = here(shop, "backport", "--abort")
    assert (again.code, "nothing was removed" in again.stdout) == (0, True)


def test_commits_are_picked_onto_another_branch(shop):
    git("push", "--quiet", shop.remote, f"{shop.tip('main')}:refs/heads/release-1.x", cwd=shop.work)
    one, two = feature(shop, "one.txt", "1\n"), feature(shop, "two.txt", "2\n")
    before = shop.refs()

    done = here(shop, "--json", "backport", "--pick", one, two[:12], "--to", "release-1.x")

    assert done.code == 0, done.stderr
    tip = shop.tip("release-1.x")
    assert shop.refs() == before | {"refs/heads/release-1.x": tip}
    subjects = git("log", "--format=%an %s", f"{before['refs/heads/main']}..{tip}", cwd=shop.remote)
    assert subjects.splitlines() == ["Ada Example feat: two.txt", "Ada Example feat: one.txt"]
    again = here(shop, "backport", "--pick", one, "--to", "release-1.x")
    assert again.code == 0
    assert f"{one[:12]}: release-1.x has a commit with the same patch" in again.stderr
    assert shop.tip("release-1.x") == tip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--pick", "abcd", "--to", "staging"), "fast-forward"),
        (("--pick", "abcd", "--to", "main"), "tested"),
        (("--to", "main"), "itself"),
        (("--from", "staging", "--to", "main"), "tested"),
        (("--pick", "abcd"), "--to"),
        (("--pick", "abcd", "ef01", "--pick", "2345", "--to", "x"), "one --pick"),
        (("--pick", "abcd", "--from", "main", "--to", "x"), "--from"),
        (("--continue", "--abort"), "contradict"),
        (("--continue", "--to", "x"), "no branch"),
        (("--abort", "--dry-run"), "dry run"),
        (("\x1b[31mabcd",), "--pick"),
    ],
)
def test_words_that_make_no_sense_are_refused_before_anything_is_touched(shop, words, told):
    ended = call("--config", shop.config, "backport", *words)
    assert ended.code == 2, ended.stderr
    assert told in ended.stderr
    assert "\x1b" not in ended.stderr
    assert not shop.state.exists()
