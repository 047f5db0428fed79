from support.history import Story

from bot.core.contributors import contributors


def names(people):
    return [(one.name, one.commits) for one in people]


def test_one_address_is_one_person_by_the_latest_name():
    told = Story()
    told.add("a", by="ada", email="Ada@Example.com")
    told.add("b", by="Ada Lovelace", email="ada@example.com ")
    told.add("c", by="Bo", email="bo@example.com")

    assert names(contributors(told.newest_first(), None)) == [("Ada Lovelace", 2), ("Bo", 1)]


def test_two_addresses_with_one_name_are_one_person():
    told = Story()
    told.add("a", by="Ada", email="ada@home.example")
    told.add("b", by="ada", email="ada@work.example")

    assert names(contributors(told.newest_first(), None)) == [("ada", 2)]


def test_co_authors_count_once_a_commit():
    told = Story()
    told.add("a", "Why.\n\nCo-authored-by: Bo <bo@example.com>\nCO-AUTHORED-BY: Bo <BO@example.com>\n")
    told.add("b", "Co-Authored-By: Ada <ada@example.com>\r\nCo-authored-by: Cy <cy@example.com>\r\n")

    assert names(contributors(told.newest_first(), None)) == [("Ada Lovelace", 2), ("Bo", 1), ("Cy", 1)]


def test_prose_about_co_authors_names_nobody():
    told = Story()
    told.add("a", "This was Co-authored-by: Bo <bo@example.com>\nco-authored-by: nobody at all\n")

    assert names(contributors(told.newest_first(), None)) == [("Ada Lovelace", 1)]


def test_first_timers_are_those_whose_every_address_is_new():
    told = Story()
    told.add("a", by="Ada", email="ada@new.example")
    told.add("b", by="Ada", email="ADA@old.example")
    told.add("c", by="Bo", email="bo@example.com")

    people = contributors(told.newest_first(), frozenset({"ada@OLD.example"}))

    assert {one.name: one.first_time for one in people} == {"Ada": False, "Bo": True}


def test_nobody_is_called_new_where_the_past_is_unknown():
    told = Story()
    told.add("a")
    told.add("b", by="Nameless", email="")

    assert not any(one.first_time for one in contributors(told.newest_first(), None))
    assert {one.name for one in contributors(told.newest_first(), frozenset()) if one.first_time} == {"Ada Lovelace"}


def test_bots_are_told_apart_and_never_new():
    told = Story()
    told.add("a", by="dependabot[bot]", email="49699333+dependabot[bot]@users.noreply.github.com")

    (one,) = contributors(told.newest_first(), frozenset())

    assert one.bot
    assert not one.first_time


def test_an_address_in_place_of_a_name_is_not_printed():
    told = Story()
    told.add("a", by="ada@example.com", email="ada@example.com")
    told.add("b", by="", email="bo@example.com")

    assert [one.name for one in contributors(told.newest_first(), None)] == ["ada", "bo"]
