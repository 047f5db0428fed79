"""How often git is asked: once for what cannot change, anew for what can, and again for what could not be read."""

import shutil
from collections import Counter
from contextlib import suppress

import pytest
from support.gitrepos import make_remote
from support.promotions import open_repository, plan_for, prepared_on, pushed
from support.stopping import freeze, quarantine
from support.stories import STORIES, Silence, new_shop

from bot.adapters import git_commands as commands
from bot.adapters.git_ledger import Ledger, write_ledger
from bot.adapters.git_runner import Runner
from bot.adapters.lock import FileLock
from bot.errors import BotError, Reason

# What a commit is made of is held to its recipe right before it is made, whatever was learnt earlier (I29).
RECIPES = {"merge-tree", "rev-parse", "ls-tree"}
# What these say hangs on nothing but the full ids that they are given.
TIMELESS = RECIPES | {"log", "rev-list", "merge-base"}


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def lock(tmp_path):
    with FileLock(tmp_path / "lock").hold() as proof:
        yield proof


class Asked:
    """Every git process of the bot: its argument list, and what it was fed."""

    def __init__(self):
        self.commands = []
        self.read = Counter()

    def hear(self, command, data):
        self.commands.append(tuple(command))
        if tuple(command) == commands.READ_OBJECTS:
            self.read.update(data.decode().split())

    def times(self, *words):
        """How often a command that begins like that was run."""
        return sum(command[: len(words)] == words for command in self.commands)


@pytest.fixture
def asked(monkeypatch):
    told, real = Asked(), Runner.run

    def run(self, command, data=b"", **more):
        told.hear(command, data)
        return real(self, command, data, **more)

    monkeypatch.setattr(Runner, "run", run)
    return told


def forget(asked):
    asked.commands.clear()
    asked.read.clear()


def shown(asked):
    return "\n".join(" ".join(command) for command in asked.commands)


# How many git processes each takes at most: one more than it does.
MOST = {
    "first promotion": 18,
    "promote": 20,
    "hotfix": 34,
    "backport": 18,
    "rollback": 28,
    "rewind": 18,
    "freeze": 14,
    "quarantine": 17,
}


@pytest.mark.parametrize("name", MOST)
def test_no_flow_asks_twice_for_what_cannot_change(tmp_path, asked, name):
    story, shop = STORIES[name], new_shop(tmp_path / "shop")
    story.arrange(shop)
    shop.repository = open_repository(shop.remote, tmp_path / "fresh")
    shop.repository.fetch()
    shop.repository = open_repository(shop.remote, tmp_path / "fresh")
    forget(asked)

    story.run(shop, Silence())

    assert story.is_done(shop.remote)
    times = Counter(command for command in asked.commands if command[1] in TIMELESS)
    assert {command for command, count in times.items() if count > 1 + (command[1] in RECIPES)} == set(), shown(asked)
    assert max(asked.read.values(), default=0) <= 1
    assert asked.times(*commands.ALL_REFS) == 1
    assert len(asked.commands) <= MOST[name], shown(asked)


def test_a_source_that_stands_still_is_asked_for_and_not_fetched(remote, tmp_path, asked):
    repository, tip = open_repository(remote, tmp_path), remote.sha("refs/heads/staging")
    repository.fetch()
    forget(asked)

    assert repository.meanwhile("staging", tip).has_candidate
    assert [command[1] for command in asked.commands] == ["ls-remote"]

    remote.commit("staging", "feat: more")
    assert repository.meanwhile("staging", tip).has_candidate
    assert asked.times("git", "fetch") == 1


def test_reading_auditing_and_growing_a_ledger_lists_it_once_and_reads_each_note_once(remote, tmp_path, lock, asked):
    repository, first = prepared_on(remote, tmp_path)
    pushed(repository, first, lock)
    freeze(tmp_path / "bob", remote)
    quarantine(tmp_path / "bob", remote, "staging")
    remote.commit("staging", "feat: more")
    repository.fetch()
    forget(asked)

    steps = repository.auditable().trail().steps
    for _ in range(3):
        assert len(repository.ledger()) == 1
        assert len(repository.controls()) == 2
    repository.prepare(plan_for(repository, run_id="run-2"))

    assert len(steps) == 3
    assert asked.times("git", "ls-tree") == 1
    # The note, what the controls are now and what they were before, and the tag.
    assert (len(asked.read), set(asked.read.values())) == (4, {1})
    assert asked.times(*commands.READ_OBJECTS) == 1


def test_what_a_ledger_was_is_read_for_an_audit_and_not_kept(remote, tmp_path, asked):
    freeze(tmp_path / "bob", remote)
    quarantine(tmp_path / "bob", remote, "staging")
    before, now = (remote.git("rev-parse", f"refs/notes/promotions{at}:control.ndjson") for at in ("~1", ""))
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    ledger = Ledger(repository._runner, repository.ledger_tip())
    forget(asked)

    first, second = (ledger.objects([before, now]) for _ in range(2))

    assert first == second
    assert first[now].startswith(first[before])
    assert asked.read == {before: 2, now: 1}


def test_after_another_fetch_a_ledger_that_grew_is_read_anew(remote, tmp_path):
    repository = open_repository(remote, tmp_path / "ours")
    repository.fetch()
    assert (repository.ledger(), repository.controls()) == ((), ())

    freeze(tmp_path / "bob", remote)

    assert repository.controls() == ()
    repository.fetch()
    assert [event.kind for event in repository.controls()] == ["freeze"]


def test_what_was_fetched_is_what_is_held_whatever_another_run_brings_into_the_cache(remote, tmp_path):
    ours, other = (open_repository(remote, tmp_path) for _ in range(2))
    ours.fetch()
    before = remote.sha("refs/heads/staging")
    remote.commit("staging", "feat: more")

    other.fetch()

    assert ours.branch_facts().source_sha == before
    ours.fetch()
    assert ours.branch_facts().source_sha == other.branch_facts().source_sha != before


def test_a_fetch_that_failed_leaves_nothing_of_the_last_one_to_be_believed(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    assert repository.ledger_tip() is None
    freeze(tmp_path / "bob", remote)
    open_repository(remote, tmp_path).fetch()
    away = remote.path.rename(tmp_path / "away.git")
    with suppress(BotError):
        repository.fetch()
        raise AssertionError("there was nothing to fetch from")

    assert repository.ledger_tip() == type(remote)(away).sha("refs/notes/promotions")


@pytest.mark.parametrize("reading", ["ledger", "controls"])
@pytest.mark.parametrize("again", ["at once", "after a fetch"])
def test_a_failure_to_read_is_not_kept(remote, tmp_path, lock, reading, again):
    repository, prepared = prepared_on(remote, tmp_path)
    pushed(repository, prepared, lock)
    freeze(tmp_path / "bob", remote)
    repository.fetch()
    objects, aside = tmp_path / "cache.git/objects", tmp_path / "aside"
    shutil.copytree(objects, aside)
    shutil.rmtree(objects)
    objects.mkdir()
    with pytest.raises(BotError) as caught:
        getattr(repository, reading)()
    assert caught.value.reason is Reason.GIT_FAILED

    if again == "at once":
        shutil.copytree(aside, objects, dirs_exist_ok=True)
    else:
        repository.fetch()

    assert len(getattr(repository, reading)()) == 1


def test_a_replace_ref_that_somebody_makes_after_the_refs_were_read_is_seen(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    assert repository.branch_facts().incomplete == ()
    folder = tmp_path / "cache.git/refs/replace"
    folder.mkdir()
    (folder / remote.sha("refs/heads/staging")).write_text(remote.sha("refs/heads/main") + "\n")

    assert repository.branch_facts().incomplete == ("replace refs",)


def test_a_replace_ref_that_was_packed_before_the_fetch_is_seen(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    cache = type(remote)(tmp_path / "cache.git")
    cache.set(f"refs/replace/{remote.sha('refs/heads/staging')}", remote.sha("refs/heads/main"))
    cache.git("pack-refs", "--all")
    shutil.rmtree(tmp_path / "cache.git/refs/replace", ignore_errors=True)

    repository.fetch()

    assert repository.branch_facts().incomplete == ("replace refs",)


def test_whether_one_commit_is_in_another_takes_one_process_and_then_none(remote, tmp_path, asked):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    tip, older = remote.sha("refs/heads/staging"), remote.sha("refs/heads/main")
    forget(asked)

    answers = [repository.contains(tip, older) for _ in range(3)] + [repository.contains(older, tip) for _ in range(3)]

    assert answers == [True] * 3 + [False] * 3
    assert len(asked.commands) == 2


def test_a_commit_that_nobody_knew_is_looked_for_again_and_makes_no_cache_suspect(remote, tmp_path):
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    old = remote.sha("refs/heads/main")
    new = remote.commit("main", "fix: more")

    assert [repository.contains(old, new) for _ in range(2)] == [False, False]
    assert not (tmp_path / "cache.git/promotion-suspect").exists()
    repository.fetch()
    assert repository.contains(new, new)


def test_a_merge_is_made_once_by_a_flow_and_once_more_for_the_commit_that_carries_it(remote, tmp_path, asked):
    remote.commit("main", "fix: aside", files={"aside.txt": "x\n"})
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    ends = remote.sha("refs/heads/staging"), remote.sha("refs/heads/main")

    first, second = (repository.merge(*ends) for _ in range(2))
    repository.fetch()
    third = repository.merge(*ends)

    assert first == second == third
    assert asked.times("git", "merge-tree") == 2


@pytest.mark.parametrize(("attributes", "asked_for"), [({}, 2), ({".gitattributes": "", "a/.gitattributes": "x\n"}, 4)])
def test_a_merge_takes_one_look_for_attributes_and_two_more_where_there_are_any(
    remote, tmp_path, asked, attributes, asked_for
):
    remote.commit("main", "fix: aside", files={"aside.txt": "x\n"})
    remote.commit("staging", "feat: rules", files={"x": "x\n"} | attributes)
    repository = open_repository(remote, tmp_path)
    repository.fetch()
    forget(asked)

    assert repository.merge(remote.sha("refs/heads/staging"), remote.sha("refs/heads/main")).is_clean
    assert len(asked.commands) == asked_for, shown(asked)


def test_a_plan_is_never_written_on_another_ledger_than_its_own(remote, tmp_path, lock):
    repository, prepared = prepared_on(remote, tmp_path)
    pushed(repository, prepared, lock)
    repository.fetch()
    ledger = Ledger(repository._runner, repository.ledger_tip())

    with pytest.raises(ValueError, match="the plan is made on the ledger None"):
        write_ledger(repository._runner, ledger, prepared.plan, tmp_path / "cache.git")
