"""Audits of a real remote that was really tampered with: each difference is found, named, and told from the others."""

import json
import os
import shutil
from dataclasses import replace

import pytest
from support.fakehost import FakeHost, on_host
from support.fakes import Shop
from support.hotfixes import cut_hotfix, ship
from support.rollbacks import rolled_back, shipped
from support.trails import LEDGER, TAGS, Town, copied, three_nights

from bot.adapters.git_cache import CacheKind
from bot.core.audit import Terms
from bot.core.differences import Severity
from bot.core.plan import TagText
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind
from bot.core.rollback import RollbackWay
from bot.core.selectors import RunSummary
from bot.errors import BotError
from bot.flows.audit import look
from bot.flows.nohost import NoHost


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return three_nights(tmp_path_factory.mktemp("nights"))


@pytest.fixture
def town(template, tmp_path):
    return copied(template, tmp_path)


def test_three_nights_are_clean_and_the_audit_says_what_it_looked_at(town):
    found = town.audit()

    assert found.differences == ()
    assert found.is_clean
    scope = found.scope
    assert (scope.promotions, scope.tags, scope.ledger_commits, scope.signed) == (3, 3, 3, None)
    assert (scope.since, scope.until) == ("2026-11-21T02:00:00Z", "2026-11-23T02:00:00Z")


def test_a_remote_that_was_never_promoted_to_is_clean(tmp_path):
    found = Town(tmp_path).audit()

    assert found.is_clean
    assert (found.scope.promotions, found.scope.since) == (0, None)


def test_a_tag_that_is_gone_is_missing_and_the_object_that_was_seen_is_named(town):
    town.audit()
    oid = town.remote.sha(f"refs/tags/{TAGS[1]}")
    town.remote.delete(f"refs/tags/{TAGS[1]}")

    missing = town.found()["tag-missing"]

    assert missing.key == f"tag-missing:{TAGS[1]}"
    assert oid in missing.sentence
    assert "run-1" in missing.sentence
    assert missing.severity is Severity.SERIOUS


def test_a_missing_tag_pushed_again_as_it_was_makes_the_audit_clean(town):
    oid = town.remote.sha(f"refs/tags/{TAGS[1]}")
    town.audit()
    town.remote.delete(f"refs/tags/{TAGS[1]}")
    assert not town.audit().is_clean

    town.remote.set(f"refs/tags/{TAGS[1]}", oid)

    assert town.audit().is_clean


def test_a_tag_moved_to_another_commit_is_elsewhere_moved_and_disagrees(town):
    town.audit()
    town.remote.tag(TAGS[1], town.remote.sha("refs/heads/main"))

    found = town.found()

    assert set(found) == {"tag-moved", "tag-elsewhere", "tag-disagrees"}
    assert town.entry(1).sha[:12] in found["tag-elsewhere"].sentence
    assert town.remote.sha("refs/heads/main")[:12] in found["tag-elsewhere"].sentence
    assert "when it was first audited here" in found["tag-moved"].sentence


def test_a_moved_tag_stays_found_in_every_later_audit(town):
    town.audit()
    town.remote.tag(TAGS[1], town.entry(1).sha, remade(town, 1))

    assert set(town.found()) == set(town.found()) == {"tag-moved"}


def remade(town, number, **changed):
    """What the tag of that night says, but for the title and what is changed."""
    entry = replace(town.entry(number), **changed)
    said = {"Promoted-Commit": entry.sha, "Run-Id": entry.run_id, "Evidence-SHA256": entry.evidence}
    return "Remade\n\n" + "\n".join(f"{name}: {value}" for name, value in said.items())


def test_a_tag_made_anew_with_the_same_words_is_seen_by_whoever_saw_the_first_one(town):
    town.audit()
    town.remote.tag(TAGS[2], town.entry(2).sha, remade(town, 2))

    assert set(town.found()) == {"tag-moved"}
    town.forget()
    assert town.audit().is_clean


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"run_id": "run-of-another"}, "Run-Id is run-of-another, in the ledger run-1"),
        ({"evidence": "f" * 64}, "Evidence-SHA256 is fffffff"),
        ({"sha": "a" * 40}, "Promoted-Commit is aaaaaaa"),
    ],
)
def test_a_tag_that_says_something_else_than_the_ledger_disagrees(town, changed, words):
    town.repository.fetch()
    town.remote.tag(TAGS[1], town.entry(1).sha, remade(town, 1, **changed))

    disagrees = town.found()["tag-disagrees"]

    assert words in disagrees.sentence
    assert disagrees.severity is Severity.SERIOUS


def test_an_older_tag_object_under_a_newer_name_is_called_by_its_own_name(town):
    town.remote.set(f"refs/tags/{TAGS[2]}", town.remote.sha(f"refs/tags/{TAGS[0]}"))

    assert f"inside it is called '{TAGS[0]}'" in town.found()["tag-disagrees"].sentence


def test_a_bare_pointer_in_place_of_a_tag_is_lightweight(town):
    town.repository.fetch()
    town.remote.set(f"refs/tags/{TAGS[1]}", town.entry(1).sha)

    found = town.found()

    assert set(found) == {"tag-lightweight"}
    assert "bare pointer at a commit" in found["tag-lightweight"].sentence


@pytest.mark.parametrize("kind", ["tree", "blob", "tag"])
def test_a_tag_that_leads_to_no_commit_of_its_own_is_elsewhere(town, kind):
    of = {
        "tree": town.remote.git("rev-parse", "refs/heads/main^{tree}"),
        "blob": town.remote.git("hash-object", "-w", "--stdin", data=b"x"),
        "tag": town.remote.sha(f"refs/tags/{TAGS[1]}"),
    }[kind]
    if kind == "tag":
        town.remote.tag(TAGS[1], of)
    else:
        town.remote.set(f"refs/tags/{TAGS[1]}", of)

    assert "leads to no commit" in town.found()["tag-elsewhere"].sentence


def test_a_release_tag_without_an_entry_is_an_orphan_whoever_made_it(town):
    main = town.remote.sha("refs/heads/main")
    town.remote.tag("release/20261124-020000", main, "by hand")
    by_hand = town.found()["tag-orphan"]
    town.remote.tag("release/20261124-020000", main, f"Nightly\n\nPromoted-Commit: {main}\nRun-Id: run-9")
    by_bot = town.found()["tag-orphan"]

    assert "made by somebody else" in by_hand.sentence
    assert "says that the bot made it" in by_bot.sentence
    assert by_hand.severity is Severity.WARNING


def test_tags_from_before_the_ledger_are_a_note(town):
    town.remote.tag("release/20251121-020000", town.remote.sha("refs/heads/main"), "the old system")

    found = town.audit()

    assert found.is_clean
    assert "1 release tags are older than the ledger" in found.differences[0].sentence


def test_tags_that_are_no_releases_are_nobodys_business(town):
    town.remote.tag("release/candidate", town.remote.sha("refs/heads/main"))
    town.remote.tag("v1.0", town.remote.sha("refs/heads/main"))

    assert town.audit().differences == ()


@pytest.mark.parametrize("name", [b"r\xe9vision", "a\u2028b".encode(), "a\x85b".encode(), "a\u202eb".encode()])
def test_a_tag_that_is_no_release_may_have_a_name_of_any_bytes(town, name):
    town.remote.set(os.fsdecode(b"refs/tags/release/" + name), town.remote.sha("refs/heads/main"))

    found = town.audit()

    assert found.differences == ()
    assert found.scope.tags == len(TAGS) + 1


def rewritten(town, edit):
    """The ledger's last note, changed by a person with git's own commands."""
    sha = town.remote.sha("refs/heads/main")
    note = town.remote.git("notes", "--ref=promotions", "show", sha)
    town.remote.git("notes", "--ref=promotions", "add", "-f", "-m", edit(json.loads(note)), sha)
    return sha


def test_a_changed_line_is_a_rewritten_ledger_with_the_culprit(town):
    sha = rewritten(town, lambda note: json.dumps(note | {"actor": "mallory"}))

    found = town.found()

    assert set(found) == {"ledger-rewritten"}
    assert "by Ada Lovelace took away or changed lines" in found["ledger-rewritten"].sentence
    assert sha[:12] in found["ledger-rewritten"].sentence


def test_a_note_that_was_removed_is_a_rewritten_ledger_and_leaves_an_orphan(town):
    town.remote.git("notes", "--ref=promotions", "remove", town.remote.sha("refs/heads/main"))

    found = town.found()

    assert set(found) == {"ledger-rewritten", "tag-orphan", "target-moved"}
    assert found["ledger-rewritten"].severity is Severity.SERIOUS


def test_a_line_that_is_no_entry_makes_the_ledger_unreadable(town):
    town.remote.git("notes", "--ref=promotions", "append", "-m", "looks good to me", town.remote.sha("refs/heads/main"))

    assert "line 1 of the note under" in town.found()["ledger-unreadable"].sentence


def test_a_file_that_is_no_note_makes_the_ledger_unreadable(town):
    town.remote.set(LEDGER, town.remote.sha("refs/heads/staging"))

    assert "'count.txt', which is no note" in town.audit().differences[0].sentence


def test_a_ledger_taken_back_is_known_to_whoever_saw_it(town):
    town.audit()
    town.remote.set(LEDGER, town.remote.git("rev-parse", f"{LEDGER}^"))

    found = town.found()

    assert "when it was last audited here, and no longer contains that commit" in found["ledger-rewritten"].sentence
    assert "tag-orphan" in found


def test_a_ledger_that_is_gone_is_found_without_any_memory_by_the_tags_that_it_left(town):
    town.remote.delete(LEDGER)

    found = town.audit()

    assert [each.kind.code for each in found.differences] == ["ledger-missing", *["tag-orphan"] * 3]
    (missing,) = found.serious
    assert missing.key == f"ledger-missing:{TAGS[2]}"
    assert "and so do 2 before it" in missing.sentence
    assert town.audit(accepted=[missing.key]).serious == ()


def test_tags_that_people_made_leave_a_first_night_without_a_ledger_alone(tmp_path):
    town = Town(tmp_path)
    town.remote.tag(TAGS[0], town.remote.sha("refs/heads/main"), "the old system")

    assert set(town.found()) == {"tags-before-ledger"}


def test_a_ledger_that_is_gone_is_a_rewritten_one_where_it_was_seen(town):
    town.audit()
    town.remote.delete(LEDGER)

    serious = town.audit().serious

    assert ["is gone" in each.sentence for each in serious] == [True]


def test_a_promotion_on_record_here_that_the_ledger_lacks_is_named(town):
    run = RunSummary(
        run_id="run-7",
        repository="shop",
        kind="promotion",
        trigger="nightly",
        actor="ada",
        outcome=Outcome.PROMOTED,
        reason_code="promoted",
        reason="",
        sha="a" * 40,
        base_sha="b" * 40,
        tag="release/20261120-020000",
        slot=None,
        started_at="2026-11-20T02:00:00Z",
        finished_at="2026-11-20T02:30:00Z",
    )

    assert (
        "Run run-7 promoted aaaaaaaaaaaa as release/20261120-020000"
        in town.found(runs=[run])["ledger-rewritten"].sentence
    )


def test_notes_merged_by_a_person_are_told(town):
    first = town.remote.git("rev-parse", f"{LEDGER}~1")
    tip = town.remote.sha(LEDGER)
    merged = town.remote.git("commit-tree", f"{tip}^{{tree}}", "-p", tip, "-p", first, "-m", "notes: merged")
    town.remote.set(LEDGER, merged)

    assert set(town.found()) == {"ledger-merged"}


def test_notes_that_git_moved_into_other_folders_are_the_same_notes(town):
    for number in range(3):
        entry = town.remote.git("ls-tree", "-r", LEDGER).splitlines()[number]
        assert entry
    lines = [line.split() for line in town.remote.git("ls-tree", "-r", LEDGER).splitlines()]
    flat = "".join(f"{mode} {kind} {blob}\t{path.replace('/', '')}\n" for mode, kind, blob, path in lines)
    tree = town.remote.git("mktree", data=flat.encode())
    town.remote.set(LEDGER, town.remote.git("commit-tree", tree, "-p", LEDGER, "-m", "rewritten"))

    assert town.audit().differences == ()


def test_a_note_with_a_second_file_is_unreadable_for_the_audit_and_for_the_bot(town):
    town.repository.fetch()
    sha, tip = town.entry(2).sha, town.remote.sha(LEDGER)
    blob = town.remote.git("hash-object", "-w", "--stdin", data=entry_line(town, 2, actor="mallory").encode())
    listed = f"{town.remote.git('ls-tree', tip)}\n100644 blob {blob}\t{sha}\n"
    tree = town.remote.git("mktree", data=listed.encode())
    town.remote.set(LEDGER, town.remote.git("commit-tree", tree, "-p", tip, "-m", "another spelling"))

    found = town.found()

    assert found["ledger-unreadable"].severity is Severity.SERIOUS
    assert f"the note under {sha[:12]} has several files" in found["ledger-unreadable"].sentence
    with pytest.raises(BotError, match="has several files") as broken:
        town.repository.ledger()
    assert broken.value.reason is Reason.LEDGER_BROKEN


def entry_line(town, number, **changed):
    note = json.loads(town.remote.git("notes", "--ref=promotions", "show", town.entry(number).sha))
    return json.dumps(note | changed)


def test_two_entries_for_one_tag_are_found(town):
    town.repository.fetch()
    town.remote.git(
        *("notes", "--ref=promotions", "append", "-m", entry_line(town, 2, run_id="run-8")), town.entry(2).sha
    )

    twice = town.found()["tag-twice"]

    assert "2 ledger entries claim tag release/20261123-020000: run-2, run-8" in twice.sentence


def test_names_that_do_not_increase_along_the_ledger_are_found(town):
    town.repository.fetch()
    sha = town.entry(2).sha
    late = entry_line(town, 2, tag="release/20261120-020000", run_id="run-8", base=sha)
    town.remote.git("notes", "--ref=promotions", "append", "-m", late, sha)

    found = town.found()

    assert set(found) == {"tag-order", "tag-missing"}
    assert "release/20261120-020000 after release/20261123-020000" in found["tag-order"].sentence


def test_commits_pushed_to_main_by_hand_are_named_with_their_authors(town):
    stray = town.remote.commit("main", "fix: around the bot", author="Mallory <m@example.com>")
    town.remote.commit("main", "fix: and again", author="Mallory <m@example.com>")

    moved = town.found()["target-moved"]

    assert f"{stray[:12]} by Mallory (fix: around the bot)" in moved.sentence
    assert "Since release/20261123-020000 somebody else moved main" in moved.sentence
    assert moved.severity is Severity.WARNING


def test_many_commits_by_hand_are_counted_and_the_newest_named(town):
    town.remote.commits("main", [f"fix: {number}" for number in range(9)])

    assert "and 4 more." in town.found()["target-moved"].sentence


def test_main_moved_between_two_nights_stays_in_the_trail(town):
    stray = town.remote.commit("main", "fix: by hand")
    town.remote.set("refs/heads/staging", stray)
    town.night(3)

    moved = town.found()["target-moved"]

    assert "Between release/20261123-020000 and release/20261124-020000" in moved.sentence
    assert f"{stray[:12]} by Ada Lovelace (fix: by hand)" in moved.sentence


def test_main_taken_back_behind_the_last_promotion_is_found(town):
    town.remote.set("refs/heads/main", town.remote.git("rev-parse", "refs/heads/main^"))

    assert "which is further back" in town.found()["target-rewound"].sentence


def test_main_replaced_by_another_history_is_found(town):
    town.remote.set("refs/heads/main", town.remote.git("rev-parse", "refs/heads/main^"))
    stray = town.remote.commit("main", "fix: elsewhere")

    rewound = town.found()["target-rewound"]

    assert "which does not contain it" in rewound.sentence
    assert stray[:12] in rewound.sentence


def test_main_replaced_where_the_old_commits_are_gone_for_good(town):
    other = town.remote.commit("elsewhere", "feat: another beginning")
    for ref in ("refs/heads/main", "refs/heads/staging"):
        town.remote.set(ref, other)
    for tag in TAGS:
        town.remote.delete(f"refs/tags/{tag}")
    town.forget()

    codes = [each.kind.code for each in town.audit().differences]

    assert codes == [*["tag-missing"] * 3, "target-rewound"]


def test_what_people_accepted_is_a_note_and_what_they_accepted_in_vain_too(town):
    town.remote.delete(f"refs/tags/{TAGS[0]}")

    found = town.audit(accepted=[f"tag-missing:{TAGS[0]}", "tag-missing:release/none"])

    assert found.is_clean
    assert {each.kind.code: each.is_accepted for each in found.differences} == {
        "tag-missing": True,
        "accepted-in-vain": False,
    }


def test_entries_of_another_prefix_are_said_not_to_be_looked_at(town):
    found = town.audit(prefix="v")

    assert found.is_clean
    assert "3 entries of the ledger have tags of another prefix" in found.differences[0].sentence


def test_hostile_names_get_no_command_through(town):
    town.remote.commit("main", "\x1b[2Jowned\u202e", author="\x1b]0;x\x07Eve <e@example.com>")

    assert town.found()["target-moved"].sentence.isprintable()


def test_an_entry_with_a_hostile_tag_gets_no_command_through(town):
    town.repository.fetch()
    sha = town.entry(2).sha
    odd = entry_line(town, 2, tag="release/\x1b[2J\u202eowned", run_id="run-8", base=sha)
    town.remote.git("notes", "--ref=promotions", "append", "-m", odd, sha)

    missing = town.found()["tag-missing"]

    assert (missing.sentence + missing.key).isprintable()


def test_a_push_that_is_half_done_just_then_is_looked_at_again(town):
    oid = town.remote.sha(f"refs/tags/{TAGS[2]}")
    town.remote.delete(f"refs/tags/{TAGS[2]}")
    fetch = town.repository.fetch

    def fetched_too_early():
        fetch()
        town.remote.set(f"refs/tags/{TAGS[2]}", oid)

    town.repository.fetch = fetched_too_early

    assert town.audit().is_clean


def test_a_cache_without_the_contents_of_files_has_all_that_an_audit_reads(template, tmp_path):
    town = copied(template, tmp_path)
    town.remote.config("uploadpack.allowFilter", "true")
    town.options["kind"] = CacheKind.BLOBLESS
    town.forget()

    rewritten(town, lambda note: json.dumps(note | {"actor": "mallory"}))

    assert set(town.found()) == {"ledger-rewritten"}


def test_a_memory_that_is_damaged_is_none(town):
    town.audit()
    (memory,) = town.folder.glob("*.seen.json")
    for damaged in (b"", b"[]", b'{"ledger": 7}', memory.read_bytes().replace(b'"tags"', b'"labels"')):
        memory.write_bytes(damaged)
        assert town.audit().is_clean


def test_an_entry_without_a_tag_is_no_promotion_of_the_bots(town):
    town.repository.fetch()
    sha = town.entry(2).sha
    untagged = entry_line(town, 2, tag="", run_id="run-8", base=sha)
    town.remote.git("notes", "--ref=promotions", "append", "-m", untagged, sha)

    assert "promoted by run run-8 without a tag" in town.found()["tag-missing"].sentence


# --- what the bot itself does


def audited(shop, host=None):
    return look(shop.repository, shop.history, Terms("main", "release/"), host or NoHost())


def test_a_release_that_was_deleted_on_the_host_is_named_and_lets_the_night_go_on(tmp_path):
    shop, host = Shop(tmp_path), FakeHost(tmp_path)
    released = []
    for subject in ("feat: one", "feat: two", "feat: three"):
        shop.remote.commit("staging", subject)
        released.append(on_host(shop, host).promotion.tag)
    assert audited(shop, host).differences == ()
    assert audited(shop, host).scope.releases == 3
    host.forget_release(released[1])

    (found,) = audited(shop, host).differences
    assert (found.key, found.severity) == (f"release-missing:{released[1]}", Severity.WARNING)
    shop.remote.commit("staging", "feat: four")
    record = on_host(shop, host)
    assert record.outcome is Outcome.PROMOTED
    assert record.differences == (found.sentence,)


def test_a_host_that_shows_no_releases_is_told_and_lets_the_night_go_on(tmp_path):
    shop, host = Shop(tmp_path), FakeHost(tmp_path)
    host.unseen = BotError(Reason.HOST_UNREACHABLE, "GitHub cannot be reached: the connection was refused.")

    record = on_host(shop, host)

    assert record.outcome is Outcome.PROMOTED
    assert record.differences == (
        "GitHub did not show its releases: GitHub cannot be reached: the connection was refused.",
    )


def two_releases(shop):
    shop.run()
    shipped(shop, "feat: bad")


@pytest.mark.parametrize("way", RollbackWay)
def test_a_rollback_leaves_a_clean_trail_and_so_does_what_follows(shop_after, way):
    shop = shop_after(two_releases)
    assert rolled_back(shop, way=way).outcome is Outcome.PROMOTED

    assert audited(shop).differences == ()
    if way is RollbackWay.FORWARD:
        shop.remote.commit("staging", f"fix: mend it\n\nFixes: {shop.repository.ledger()[1].sha}")
        after = shop.run()
        assert after.outcome is Outcome.PROMOTED, after.reason
        assert audited(shop).differences == ()


def test_a_hotfix_leaves_a_clean_trail(tmp_path):
    shop = Shop(tmp_path)
    shop.run()
    cut_hotfix(shop.remote)

    assert ship(shop).outcome is Outcome.PROMOTED

    assert audited(shop).differences == ()
    assert audited(shop).scope.promotions == 2


# --- at the start of each night


def promoted_once(shop):
    assert shop.run().outcome is Outcome.PROMOTED
    shop.remote.commit("staging", "feat: more")


@pytest.fixture
def shop(shop_after):
    return shop_after(promoted_once)


def release_tag(shop):
    return next(ref for ref in shop.remote.refs() if ref.startswith("refs/tags/"))


def test_a_night_promotes_nothing_over_a_missing_tag_and_sends_no_load(shop):
    shop.remote.delete(release_tag(shop))
    before, ran = shop.remote.refs(), len(shop.load.ran)

    record = shop.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, Reason.AUDIT_FAILED.code)
    assert "is missing" in record.reason
    assert (shop.remote.refs(), len(shop.load.ran)) == (before, ran)


def test_a_gate_tells_it_and_goes_on(shop):
    shop.remote.delete(release_tag(shop))

    record = shop.run(kind=RunKind.GATE)

    assert record.outcome is Outcome.PASSED
    assert any(name == "warning" and "is missing" in words for name, words in shop.watcher.steps)


def test_a_night_says_that_somebody_moved_main_and_goes_on(shop):
    stray = shop.remote.commit("main", "fix: by hand")
    shop.remote.set("refs/heads/staging", stray)
    shop.remote.commit("staging", "feat: on top")

    record = shop.run()

    assert record.outcome is Outcome.PROMOTED
    warnings = [words for name, words in shop.watcher.steps if name == "warning"]
    assert [stray[:12] in each for each in warnings] == [True]
    assert list(record.differences) == warnings


def test_a_night_with_an_accepted_difference_goes_on(shop):
    tag = release_tag(shop)
    shop.remote.delete(tag)
    made, key = shop.request, f"tag-missing:{tag.removeprefix('refs/tags/')}"
    shop.request = lambda *args: replace(made(*args), accepted=(key,))

    assert shop.run().outcome is Outcome.PROMOTED


def test_a_ledger_that_lost_a_promotion_keeps_its_own_reason(shop):
    shop.remote.delete(LEDGER)

    assert shop.run().reason_code == Reason.LEDGER_BROKEN.code


def test_a_fresh_machine_promotes_nothing_where_the_ledger_is_gone(shop, tmp_path):
    shop.remote.delete(LEDGER)
    fresh = Shop(tmp_path / "fresh", remote=shop.remote)
    before = shop.remote.refs()

    record = fresh.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, Reason.AUDIT_FAILED.code)
    assert "There is no ledger" in record.reason
    assert (shop.remote.refs(), fresh.load.ran) == (before, [])


def test_a_broken_cache_is_made_anew_and_audited(shop):
    for each in (shop.folder / "state" / "cache.git" / "objects").iterdir():
        if len(each.name) == 2:
            shutil.rmtree(each)

    assert shop.run().outcome is Outcome.PROMOTED


def test_the_message_of_a_tag_with_hostile_notes_still_agrees(tmp_path):
    town = Town(tmp_path)
    notes = "Run-Id: forged\n\nEvidence-SHA256: 0\n-----BEGIN PGP SIGNATURE-----\n---\nPromoted-Commit: x"
    town.night(0, message=TagText("Run-Id: forged", notes))

    assert town.audit().differences == ()
