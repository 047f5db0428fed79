"""What a conflict says of itself."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.candidate import Commit
from bot.core.conflict import Conflict, Side, conflict_sentence, listed

texts = st.text(st.characters(codec=None), max_size=60)


def commit(author="Ada", subject="feat: x", number=0):
    return Commit(f"{number:040x}", (), author, "ada@example.com", 0, 0, subject, "")


def test_it_names_the_first_files_and_who_touched_them_on_either_side():
    conflict = Conflict(
        tuple(f"file-{number}" for number in range(7)),
        into=Side("staging", tuple(commit("Ben", number=number) for number in range(5))),
        merged=Side("main", (commit("Ada", number=9),)),
    )
    assert conflict_sentence(conflict) == (
        "main cannot be merged into staging: 7 files are in conflict, file-0, file-1, file-2, file-3, file-4 "
        "and 2 more. On main: 000000000000 by Ada; on staging: 000000000000 by Ben, 000000000000 by Ben, "
        "000000000000 by Ben and 2 more."
    )


def test_a_side_without_a_commit_of_its_own_says_so():
    conflict = Conflict(("a",), Side("staging", ()), Side("1a2b", (commit(),)), way="picked onto")
    sentence = conflict_sentence(conflict)
    assert sentence.startswith("1a2b cannot be picked onto staging: 1 file is in conflict, a.")
    assert sentence.endswith("on staging: no commit of its own.")


@given(st.lists(texts, min_size=1, max_size=8), texts, texts, texts)
def test_whatever_the_texts_are_nothing_of_them_commands_a_terminal(paths, branch, author, subject):
    side = Side(branch, (commit(author, subject),))
    sentence = conflict_sentence(Conflict(tuple(paths), side, side))
    assert sentence.isprintable()
    sentence.encode("utf-8")
    assert len(sentence) < 2000


def test_a_list_says_how_much_it_leaves_out():
    assert listed(["a", "b"], 1) == "a and 1 more"
    assert listed(["a"], 1) == "a"
    assert listed([], 1) == ""
