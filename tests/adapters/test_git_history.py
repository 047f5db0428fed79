"""Branches and commits as git tells them, on real repositories with real mischief."""

import pytest
from support.gitrepos import make_remote
from support.promotions import open_repository

from bot.adapters import git_commands
from bot.adapters.git_log import parse_log
from bot.errors import BotError, Reason

REAL_AUTHOR_EMAILS = git_commands.author_emails


@pytest.fixture
def remote(tmp_path):
    return make_remote(tmp_path / "remote.git")


@pytest.fixture
def repository(remote, tmp_path):
    return open_repository(remote, tmp_path)


def facts_of(repository):
    repository.fetch()
    return repository.branch_facts()


def test_a_source_ahead_of_its_target_is_a_fast_forward(remote, repository):
    facts = facts_of(repository)

    assert (facts.source_sha, facts.target_sha) == (remote.sha("refs/heads/staging"), remote.sha("refs/heads/main"))
    assert facts.target_is_ancestor
    assert (facts.only_on_target, facts.incomplete) == ((), ())


def test_commits_that_only_the_target_has_are_listed_newest_first_up_to_twenty(remote, repository):
    made = remote.commits("main", [f"fix: {number}" for number in range(25)])

    facts = facts_of(repository)

    assert not facts.target_is_ancestor
    assert [commit.sha for commit in facts.only_on_target] == made[:4:-1]


def test_a_target_contains_its_source_where_it_is_there_or_went_on_from_there(remote, repository):
    assert not facts_of(repository).target_contains_source
    remote.set("refs/heads/main", remote.sha("refs/heads/staging"))
    assert facts_of(repository).target_contains_source
    remote.commit("main", "fix: on top")
    assert facts_of(repository).target_contains_source
    remote.commit("staging", "feat: aside")
    assert not facts_of(repository).target_contains_source


def test_a_tag_named_like_the_branch_does_not_win_over_it(remote, repository):
    older = remote.sha("refs/heads/main")
    remote.tag("staging", older)
    remote.tag("main", remote.sha("refs/heads/staging"))
    remote.set("refs/staging", older)

    facts = facts_of(repository)

    assert facts.source_sha == remote.sha("refs/heads/staging")
    assert facts.target_sha == older
    assert repository.resolve("staging") == facts.source_sha


def test_a_replace_ref_on_the_remote_does_not_make_ancestry_lie(remote, repository):
    aside = remote.commit("main", "fix: aside")
    tip = remote.sha("refs/heads/staging")
    lie = remote.git("commit-tree", f"{tip}^{{tree}}", "-p", aside, "-m", "lie")
    remote.set(f"refs/replace/{tip}", lie)
    assert remote.git("merge-base", "--is-ancestor", "main", "staging", check=False) == ""

    facts = facts_of(repository)

    assert not facts.target_is_ancestor
    assert facts.incomplete == ()


def graft(cache, sha):
    (cache / "info").mkdir(exist_ok=True)
    (cache / "info/grafts").write_text(f"{sha}\n")


def shallow(cache, sha):
    (cache / "shallow").write_text(f"{sha}\n")


def alternate(cache, _sha):
    (cache / "objects/info").mkdir(exist_ok=True)
    (cache / "objects/info/alternates").write_text("/nowhere/objects\n")


def replaced(cache, sha):
    (cache / "refs/replace").mkdir(exist_ok=True)
    (cache / f"refs/replace/{sha}").write_text(f"{sha}\n")


@pytest.mark.parametrize(
    ("spoil", "name"),
    [(graft, "grafts"), (shallow, "shallow"), (alternate, "alternates"), (replaced, "replace refs")],
)
def test_whatever_makes_ancestry_unprovable_is_named(remote, repository, tmp_path, spoil, name):
    repository.fetch()
    spoil(tmp_path / "cache.git", remote.sha("refs/heads/staging"))

    facts = repository.branch_facts()

    assert facts.incomplete == (name,)
    assert not facts.target_is_ancestor


def test_commits_come_with_all_their_fields_newest_first(remote, repository):
    base = remote.sha("refs/heads/staging")
    message = "feat(api)!: über all\n\nBody one.\n\nBREAKING CHANGE: yes\n"
    sha = remote.commit("staging", message, author="Zoë <z@example.com>")
    facts = facts_of(repository)

    (commit,) = repository.commits(base, facts.source_sha)

    assert (commit.sha, commit.parents) == (sha, (base,))
    assert (commit.author_name, commit.author_email) == ("Zoë", "z@example.com")
    assert commit.subject == "feat(api)!: über all"
    assert commit.body == "Body one.\n\nBREAKING CHANGE: yes"
    assert commit.authored_at == commit.committed_at > 1_700_000_000


def test_everybody_who_authored_anything_up_to_a_commit_is_known_by_address(remote, repository):
    remote.commit("main", "fix: one", author="Zoë <Zoe@Example.com>")
    remote.commit("main", "fix: two", author="Nobody <>")
    remote.commit("staging", "feat: later", author="Later <later@example.com>")
    facts = facts_of(repository)

    assert repository.authors(facts.target_sha) == {"ada@example.com", "zoe@example.com"}


def test_known_authors_are_remembered_and_only_new_commits_are_walked(remote, repository, monkeypatch):
    first = remote.commit("main", "fix: one", author="Zoë <zoe@example.com>")
    facts_of(repository)
    repository.authors(first)
    second = remote.commit("main", "fix: two", author="Bo <bo@example.com>")
    facts_of(repository)
    walked = []
    monkeypatch.setattr(git_commands, "author_emails", lambda *ends: walked.append(ends) or REAL_AUTHOR_EMAILS(*ends))

    assert repository.authors(second) == {"ada@example.com", "zoe@example.com", "bo@example.com"}
    assert repository.authors(second) == {"ada@example.com", "zoe@example.com", "bo@example.com"}
    assert walked == [(first, second)]


def test_a_memory_of_authors_on_another_history_is_not_believed(remote, repository):
    stray = remote.commit("staging", "feat: stray", author="Stray <stray@example.com>")
    facts = facts_of(repository)
    repository.authors(stray)

    assert "stray@example.com" not in repository.authors(facts.target_sha)


def test_a_damaged_memory_of_authors_is_made_anew(repository, tmp_path):
    facts = facts_of(repository)
    expected = repository.authors(facts.target_sha)
    memory = next(tmp_path.rglob("*.authors.json"))
    for damage in ("", "[]", '{"tip": 1, "emails": []}', '{"tip": "--all", "emails": ["x@y"]}', '{"tip": null}'):
        memory.write_text(damage)
        assert repository.authors(facts.target_sha) == expected


def test_without_a_base_all_of_history_comes(repository):
    facts = facts_of(repository)

    subjects = [commit.subject for commit in repository.commits("", facts.source_sha)]

    assert subjects == ["feat: step 3", "feat: step 2", "feat: step 1", "fix: mend", "feat: begin"]


def test_a_merge_has_both_its_parents(remote, repository):
    side = remote.commit("feat/x", "feat: x")
    tip = remote.sha("refs/heads/staging")
    remote.commit("staging", "Merge branch 'feat/x'", merge=[side])
    facts = facts_of(repository)

    assert repository.commits(tip, facts.source_sha)[0].parents == (tip, side)


HOSTILE = [
    b"\xff\xfe latin \xe9\n\nbody \x80\n",
    b"a\x1fb\x1ec\x1dd\n\n\x01\x02\x03",
    b"%H%n%an ${x} `id`\n\n%x00 --output=/tmp/x",
    b"\n\n\nlate subject\n\n\n\nbody\n\n",
    b"",
    b"one\ntwo\nthree\n\n" + b"a" * 40 + b"\n" + b"b" * 40,
    "\u202eevil\u2028line\u2029 \x1b[31m".encode(),
    b"lone surrogate \xed\xa0\x80",
]


@pytest.mark.parametrize("message", HOSTILE)
def test_no_message_breaks_the_reading_of_itself_or_its_neighbours(remote, repository, message):
    base = remote.sha("refs/heads/staging")
    tree = remote.git("rev-parse", "staging^{tree}")
    head = f"tree {tree}\nparent {base}\nauthor A <a@x> 1700009999 +0000\ncommitter A <a@x> 1700009999 +0000\n\n"
    sha = remote.raw_commit("staging", head.encode() + message)
    last = remote.commit("staging", "after")
    facts = facts_of(repository)

    found = repository.commits(base, facts.source_sha)

    assert [commit.sha for commit in found] == [last, sha]
    text = found[1].subject + found[1].body
    assert text.encode("utf-8").decode("utf-8") == text


@pytest.mark.parametrize(
    "who",
    [
        b"A <a@x> 99999999999 +0000",
        b"A <a@x> 18446744073709551615 +9999",
        b"A <a@x> -5 +0000",
        b"A <a@x>",
        b"A <a@x> tomorrow",
        b"<> 1 +0000",
        b"\xff\xfe <\xff@x> 1 +0000",
        b"A a@x 1 +0000",
        b"",
    ],
)
@pytest.mark.parametrize("encoding", [b"", b"encoding UTF-7\n", b"encoding nonsense\n"])
def test_no_author_breaks_the_reading(remote, who, encoding):
    base = remote.sha("refs/heads/staging")
    tree = remote.git("rev-parse", "staging^{tree}")
    lines = f"tree {tree}\nparent {base}\n".encode() + b"author " + who + b"\ncommitter " + who + b"\n" + encoding
    sha = remote.git(
        "hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=lines + b"\n+AAo-x +AAA-\n\n+AAo-"
    )
    out = remote.git("log", "-z", "--encoding=UTF-8", f"--format=tformat:{FORMAT}", sha, "--not", base)

    (commit,) = parse_log(out.encode())

    assert commit.sha == sha
    assert 0 <= commit.authored_at <= 253402300799


FORMAT = "%H%n%P%n%an%n%ae%n%at%n%ct%n%s%n%b"


@pytest.mark.parametrize(
    "out", [b"cut", b"a\nb\0", b"x\n\nA\na\n1\n1\ns\nb\0", ("a" * 40 + "\nHEAD\nA\na\n1\n1\ns\nb\0").encode()]
)
def test_a_record_that_is_none_is_an_error_not_a_missing_commit(out):
    with pytest.raises(BotError) as caught:
        parse_log(out)

    assert caught.value.reason is Reason.GIT_FAILED


def test_old_harmless_faults_do_not_keep_a_repository_out(remote, repository):
    base = remote.sha("refs/heads/staging")
    tree = remote.git("rev-parse", "staging^{tree}")
    for who in (b"A 1 +0000", b"A <a@x> 1 +9999999", b"A<a@x> 1 +0000", b"<a@x> 1 +0000"):
        content = f"tree {tree}\nparent {base}\n".encode() + b"author " + who + b"\ncommitter A <a@x> 1 +0000\n\nold\n"
        base = remote.raw_commit("staging", content)

    assert facts_of(repository).source_sha == base


def test_names_resolve_to_full_commit_ids_or_to_nothing(remote, repository):
    tip, main = remote.sha("refs/heads/staging"), remote.sha("refs/heads/main")
    remote.tag("release/20260101-020000", main)
    repository.fetch()

    for name in ("staging", "refs/heads/staging", tip, tip[:10]):
        assert repository.resolve(name) == tip
    for name in ("main", "release/20260101-020000", "refs/tags/release/20260101-020000"):
        assert repository.resolve(name) == main
    for name in ("", "HEAD", "@", "-x", "--all", "staging^", "feat", "f" * 40, "abc", "refs/remote/source", "a b"):
        assert repository.resolve(name) is None


def test_reachability_is_asked_by_full_ids(repository):
    facts = facts_of(repository)

    assert repository.contains(facts.source_sha, facts.target_sha)
    assert not repository.contains(facts.target_sha, facts.source_sha)
    assert not repository.contains(facts.source_sha, "f" * 40)


def test_without_a_ledger_there_are_no_entries(repository):
    repository.fetch()

    assert (repository.ledger_tip(), repository.ledger(), repository.release_tags()) == (None, (), ())


def test_release_tags_come_ascending_and_others_not_at_all(remote, repository):
    main = remote.sha("refs/heads/main")
    for name in ("release/20260301-020000", "release/20251231-235959", "release/next", "v1.0"):
        remote.tag(name, main)
    repository.fetch()

    assert repository.release_tags() == ("release/20251231-235959", "release/20260301-020000")


def test_a_commit_never_comes_before_one_that_was_made_on_top_of_it_whatever_the_clocks_said(remote, repository):
    base = remote.sha("refs/heads/staging")
    late = 1_900_000_000
    first = remote.commit_at("staging", "first", late, base)
    behind = remote.commit_at("staging", "by a clock that is behind", 1_800_000_000, first)
    aside = remote.commit_at("aside", "aside", late + 1, first)
    tip = remote.commit_at("staging", "merge", late + 2, behind, aside)
    repository.fetch()

    told = [commit.sha for commit in repository.commits(base, tip)]

    assert told == [tip, aside, behind, first]
