"""The rules of the audit by property: what a bot writes is clean, and any one thing changed in it is found."""

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.audit import Known, Terms, audit, next_sighting
from bot.core.audit_target import breaks
from bot.core.differences import Kind, Severity
from bot.core.hosting import Releases, Unseen
from bot.core.ledger import grown_note
from bot.core.ledgerlog import Reading, read_steps
from bot.core.promotion import LedgerEntry
from bot.core.tagtext import TagText, tag_message
from bot.core.trail import Gap, LedgerChange, LedgerStep, Relation, Sighting, Signature, TagFact, Trail

TERMS, NOTHING = Terms("main", "release/"), Known()


def sha(number):
    return f"{number + 1:040x}"


def entry(number):
    return LedgerEntry(
        *(1, "promotion", f"run-{number}", sha(number), sha(number - 1), f"release/20261121-0200{number:02}"),
        *("pass", "e" * 64, "ada", f"2026-11-21T02:00:{number:02}Z"),
    )


def tag(of, signature=Signature.UNCHECKED):
    said = (("Promoted-Commit", of.sha), ("Run-Id", of.run_id), ("Evidence-SHA256", of.evidence))
    message = tag_message(TagText("Release", "notes"), said)
    return TagFact(of.tag, f"{int(of.sha, 16) + 1000:040x}", "tag", of.sha, of.tag, message, signature)


def step(number, of):
    change = LedgerChange(of.sha, None, grown_note(b"", of))
    parents = (f"{number + 1999:040x}",) if number else ()
    return LedgerStep(f"{number + 2000:040x}", parents, "bot", (change,))


def trail_of(entries, tags=None):
    tags = tuple(map(tag, entries)) if tags is None else tuple(tags)
    target = entries[-1].sha if entries else sha(99)
    return Trail(target, tags, tuple(step(number, each) for number, each in enumerate(entries)))


def judged(trail, known=NOTHING, terms=TERMS):
    return audit(trail, read_steps(trail.steps), terms, known)


def codes(found):
    return {each.kind.code for each in found.differences}


ENTRIES = st.integers(0, 8).map(lambda count: [entry(number) for number in range(count)])
SOME = st.integers(1, 8).flatmap(
    lambda count: st.tuples(st.just([entry(number) for number in range(count)]), st.integers(0, count - 1))
)


@given(ENTRIES)
def test_what_the_bot_writes_is_clean_and_stays_so_when_it_is_remembered(entries):
    trail = trail_of(entries)
    reading = read_steps(trail.steps)
    seen = next_sighting(trail, reading, Sighting(), "")

    found = judged(trail, Known(seen))

    assert found.differences == ()
    assert (found.scope.promotions, found.scope.tags) == (len(entries), len(entries))
    assert next_sighting(trail, reading, seen, "") == seen


CHANGES = {
    "tag-missing": lambda tags, at: tags.pop(at),
    "tag-elsewhere": lambda tags, at: tags.__setitem__(at, replace(tags[at], commit=sha(77))),
    "tag-lightweight": lambda tags, at: tags.__setitem__(at, replace(tags[at], kind="commit")),
    "tag-disagrees": lambda tags, at: tags.__setitem__(at, replace(tags[at], message="Title\n")),
    "tag-disagrees, renamed": lambda tags, at: tags.__setitem__(at, replace(tags[at], named="release/other")),
    "tag-wrongly-signed": lambda tags, at: tags.__setitem__(at, replace(tags[at], signature=Signature.BAD)),
}


@pytest.mark.parametrize("change", CHANGES)
@given(SOME)
def test_one_tag_changed_anywhere_is_found_and_no_other(change, some):
    entries, at = some
    tags = [tag(each) for each in entries]
    CHANGES[change](tags, at)

    found = judged(trail_of(entries, tags))

    assert codes(found) == {change.partition(",")[0]}
    assert entries[at].tag in found.serious[0].sentence


@pytest.mark.parametrize(
    ("said", "recorded", "is_clean"),
    [("none", "", True), (None, "", True), ("f" * 64, "", False), ("none", "e" * 64, False)],
)
def test_a_tag_without_a_digest_agrees_with_an_entry_without_one_and_with_no_other(said, recorded, is_clean):
    of = replace(entry(1), evidence=recorded)
    trailers = (("Promoted-Commit", of.sha), ("Run-Id", of.run_id), *((("Evidence-SHA256", said),) if said else ()))
    fact = replace(tag(of), message=tag_message(TagText("Release", "notes"), trailers))

    assert codes(judged(trail_of([of], [fact]))) == (set() if is_clean else {"tag-disagrees"})


@pytest.mark.parametrize("name", ["release/20261121-020000", "release/$(id)`id`';x-20261121-020000"])
def test_a_tag_that_is_missing_is_pushed_again_by_a_command_that_can_be_copied(name):
    alone = replace(entry(1), tag=name)
    trail = trail_of([alone])
    seen = Known(Sighting(tags={name: sha(500)}))

    never_seen, once_seen = (judged(replace(trail, tags=()), known).serious[0].action for known in (Known(), seen))

    assert shlex.split(code(never_seen)) == ["git", "push", "origin", f"refs/tags/{name}"]
    assert shlex.split(code(once_seen)) == ["git", "push", "origin", f"{sha(500)}:refs/tags/{name}"]


def code(action):
    """What stands between the first backtick and the last."""
    return action[action.index("`") + 1 : action.rindex("`")]


@pytest.mark.parametrize("kind", [Kind.TARGET_MOVED, Kind.TARGET_REWOUND])
def test_what_nobody_can_mend_says_how_it_is_accepted(kind):
    assert "put the key into [audit] accepted" in kind.action


@given(SOME)
def test_a_tag_whose_object_is_another_than_was_seen_has_moved_for_ever(some):
    entries, at = some
    trail = trail_of(entries)
    seen = next_sighting(trail, read_steps(trail.steps), Sighting(), "")
    moved = [replace(each, oid=sha(500)) if number == at else each for number, each in enumerate(trail.tags)]
    after = replace(trail, tags=tuple(moved))

    found = judged(after, Known(seen))
    again = judged(after, Known(next_sighting(after, read_steps(after.steps), seen, "")))

    assert codes(found) == codes(again) == {"tag-moved"}


@given(SOME)
def test_any_entry_that_the_ledger_loses_leaves_a_trace_without_any_memory(some):
    entries, at = some
    trail = trail_of([each for number, each in enumerate(entries) if number != at], map(tag, entries))

    assert Kind.TAG_ORPHAN.code in codes(judged(trail))


@given(SOME)
def test_a_ledger_that_lost_its_last_commits_is_known_to_whoever_saw_it(some):
    entries, at = some
    before, after = trail_of(entries), trail_of(entries[:at], map(tag, entries))
    seen = next_sighting(before, read_steps(before.steps), Sighting(), "")

    found = judged(after, Known(seen))

    assert Kind.LEDGER_REWRITTEN in {each.kind for each in found.serious}
    assert next_sighting(after, read_steps(after.steps), seen, "").ledger == seen.ledger


def test_a_strangers_tag_is_a_note_only_where_it_is_older_than_the_ledger():
    entries = [entry(number) for number in (3, 4)]
    strange = [TagFact(f"release/20261121-02000{number}", sha(600), "commit", sha(9)) for number in (2, 5)]

    older = judged(trail_of(entries, [strange[0], *map(tag, entries)]))
    newer = judged(trail_of(entries, [*map(tag, entries), strange[1]]))

    assert (codes(older), codes(newer)) == ({"tags-before-ledger"}, {"tag-orphan"})


@given(SOME, st.sampled_from(Relation))
def test_a_break_anywhere_is_found_whether_or_not_it_was_looked_into(some, relation):
    entries, at = some
    moved = [replace(each, base=sha(300)) if number == at and at else each for number, each in enumerate(entries)]
    trail = trail_of(moved)
    trail = trail if at else replace(trail, target=sha(300))
    where = breaks(read_steps(trail.steps).entries, trail.target)

    blind = judged(trail)
    told = judged(trail, Known(gaps={each: Gap(relation) for each in where}))

    assert len(where) == len(blind.warnings) == len(told.warnings) == 1
    rewound = relation in (Relation.BEHIND, Relation.APART)
    assert codes(told) == {"target-rewound" if rewound else "target-moved"}


@given(SOME)
def test_what_is_accepted_is_a_note_and_everything_else_counts(some):
    entries, at = some
    tags = [tag(each) for each in entries]
    tags.pop(at)
    trail = trail_of(entries, tags)
    key = judged(trail).differences[0].key

    accepted = judged(trail, terms=replace(TERMS, accepted=(key,)))

    assert accepted.is_clean
    assert [each.severity for each in accepted.differences] == [Severity.NOTE]


def test_a_rewind_has_no_tag_of_its_own_and_is_clean():
    first, second = entry(0), entry(1)
    back = replace(entry(2), kind="rollback", sha=first.sha, base=second.sha, tag="", restores=first.tag)
    after = replace(entry(3), base=first.sha)
    grown = LedgerChange(first.sha, grown_note(b"", first), grown_note(grown_note(b"", first), back))
    steps = [step(0, first), step(1, second), replace(step(2, back), changes=(grown,)), step(3, after)]
    trail = Trail(after.sha, (tag(first), tag(second), tag(after)), tuple(steps))

    assert judged(trail).differences == ()


@pytest.mark.parametrize(
    ("signatures", "expected"),
    [
        ("NNN", {"tags-before-signing"}),
        ("NGG", {"tags-before-signing"}),
        ("GGG", set()),
        ("GNG", {"tag-unsigned"}),
        ("NGN", {"tags-before-signing", "tag-unsigned"}),
        ("BGG", {"tag-wrongly-signed"}),
        ("UUU", set()),
    ],
)
def test_from_the_first_good_signature_on_every_tag_has_one(signatures, expected):
    words = {"N": Signature.NONE, "G": Signature.GOOD, "B": Signature.BAD, "U": Signature.UNCHECKED}
    entries = [entry(number) for number in range(3)]
    tags = [tag(each, words[letter]) for each, letter in zip(entries, signatures, strict=True)]

    assert codes(judged(trail_of(entries, tags))) == expected


def test_releases_of_the_host_are_held_against_the_tags_where_it_was_asked():
    entries = [entry(number) for number in range(2)]
    known = Known(releases=Releases((entries[0].tag, "release/20261120-020000", "v1.0")))

    found = judged(trail_of(entries), known)

    assert codes(found) == {"release-missing", "release-orphan"}
    assert [each.about for each in found.differences] == [entries[1].tag, "release/20261120-020000"]


def test_a_tag_that_is_no_release_needs_neither_a_signature_nor_a_release_on_the_host():
    entries = [entry(number) for number in range(2)]
    other = TagFact("release/r\ufffdvision\u2028", sha(600), "commit", sha(9), signature=Signature.NONE)
    tags = [*(tag(each, Signature.GOOD) for each in entries), other]
    known = Known(releases=Releases((entries[0].tag, entries[1].tag)))

    assert judged(trail_of(entries, tags), known).differences == ()


def test_tags_that_are_older_than_the_hosts_first_release_need_none():
    entries = [entry(number) for number in range(4)]

    def missing(*numbers, **more):
        known = Known(releases=Releases(tuple(entries[number].tag for number in numbers), **more))
        return [each.about for each in judged(trail_of(entries), known).differences]

    assert missing() == []
    assert missing(2) == [entries[3].tag]
    assert missing(0, 3) == [entries[1].tag, entries[2].tag]


def test_the_ragged_end_of_a_list_that_was_cut_proves_nothing():
    entries = [entry(number) for number in range(30)]
    # One from beyond the end slipped in, as releases of old commits do.
    shown = (entries[0].tag, *(each.tag for each in entries[10:]))

    def found(*, is_cut):
        return judged(trail_of(entries), Known(releases=Releases(shown, is_cut=is_cut))).differences

    assert [each.about for each in found(is_cut=False)] == [each.tag for each in entries[1:10]]
    assert found(is_cut=True) == ()


def test_a_host_that_shows_nothing_is_a_difference_and_counts_no_releases():
    found = judged(trail_of([entry(0)]), Known(releases=Unseen("GitHub", "GitHub cannot be reached.")))

    assert codes(found) == {"releases-unseen"}
    assert not found.is_clean
    assert found.differences[0].sentence == "GitHub did not show its releases: GitHub cannot be reached."
    assert found.scope.releases is None


def test_the_gravest_differences_come_first():
    entries = [entry(number) for number in range(3)]
    trail = replace(trail_of(entries, [tag(entries[0]), tag(entries[2])]), target=sha(300))

    found = judged(trail, terms=replace(TERMS, accepted=("tag-missing:none",)))

    assert [each.severity for each in found.differences] == [Severity.SERIOUS, Severity.WARNING, Severity.NOTE]


def test_codes_are_told_apart_and_every_kind_says_what_to_do():
    assert len({kind.code for kind in Kind}) == len(Kind)
    assert all(kind.action.endswith(".") for kind in Kind)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_foreign_text_gets_a_command_into_a_sentence(run_id, actor):
    broken = replace(entry(1), run_id=run_id, actor=actor, base=sha(300))
    trail = Trail(sha(300), (), (LedgerStep(sha(1), (sha(2), sha(3)), actor, (LedgerChange(actor, b"x", None),)),))

    found = audit(trail, Reading((entry(0), broken), (), (run_id,)), TERMS, Known())

    assert all(each.sentence.isprintable() for each in found.differences)
