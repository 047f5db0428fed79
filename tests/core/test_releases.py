"""Which releases stand after rollbacks."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.history import sha_of
from support.ledgers import entry

from bot.core.releases import restored_at, rolled_back


def test_releases_that_were_taken_back_are_known_until_they_are_restored():
    one, two, three = (entry(number) for number in range(3))
    back = entry(3, "rollback", restores=one.tag)
    assert rolled_back((one, two, three)) == frozenset()
    assert rolled_back((one, two, three, back, entry(4))) == {two.sha, three.sha}
    again = entry(5, "rollback", restores=two.tag)
    assert rolled_back((one, two, three, back, entry(4), again)) == {three.sha, entry(4).sha}


def test_a_rollback_to_nowhere_takes_nothing_back():
    assert rolled_back((entry(0), entry(1), entry(2, "rollback", restores="release/gone"))) == frozenset()


def test_restoring_a_rollback_restores_the_release_at_its_root():
    one, two = entry(0), entry(1)
    back = entry(2, "rollback", restores=one.tag)
    assert rolled_back((one, two, back, entry(3), entry(4, "rollback", restores=back.tag))) == {two.sha, entry(3).sha}


@given(st.lists(st.sampled_from(["promotion", "rollback"]), max_size=12), st.data())
def test_what_the_target_is_at_was_never_taken_back(kinds, data):
    entries = []
    for number, kind in enumerate(kinds):
        tags = [one.tag for one in entries]
        restores = data.draw(st.sampled_from(tags)) if kind == "rollback" and tags else None
        entries.append(entry(number, "rollback" if restores else "promotion", restores=restores))
    place = len(entries) - 1
    while place >= 0 and entries[place].kind == "rollback":
        place = next(at for at, one in enumerate(entries) if one.tag == entries[place].restores)
    if entries:
        assert entries[place].sha not in rolled_back(entries)
    assert rolled_back(entries) <= {one.sha for one in entries if one.kind != "rollback"}


def test_a_rollback_leads_to_the_release_at_its_root():
    one, two = entry(0), entry(1)
    back = entry(2, "rollback", restores=one.tag)
    again = entry(3, "rollback", restores=back.tag)
    entries = (one, two, back, again)
    assert [restored_at(entries, each.sha) for each in entries] == [None, None, one.sha, one.sha]
    assert restored_at(entries, sha_of("elsewhere")) is None
    assert restored_at((replace(back, restores="release/gone"),), back.sha) is None
