"""git objects told to GitHub: nothing is left out unsaid, and nothing is named before it is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.github.objects import UntellableError, in_order, told
from bot.core.objects import object_id
from bot.core.parcel import GitObject, ObjectKind

TREE, PARENT = "1" * 40, "2" * 40
WHO = "Ada Lovelace <ada@example.com> 1700000000 +0000"


def made(kind, content):
    return GitObject(object_id(kind, content, like=TREE), ObjectKind(kind), content)


def commit(message="x\n", author=WHO, more=""):
    return made("commit", f"tree {TREE}\nparent {PARENT}\nauthor {author}\ncommitter {WHO}\n{more}\n{message}".encode())


def tree(*entries):
    return made(
        "tree", b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
    )


def test_a_commit_is_told_whole():
    assert told(commit("feat: größer\n\nBody\n\n")) == {
        "message": "feat: größer\n\nBody\n\n",
        "tree": TREE,
        "parents": [PARENT],
        "author": {"name": "Ada Lovelace", "email": "ada@example.com", "date": "2023-11-14T22:13:20Z"},
        "committer": {"name": "Ada Lovelace", "email": "ada@example.com", "date": "2023-11-14T22:13:20Z"},
    }


def test_the_zone_of_whoever_wrote_it_is_told():
    assert told(commit(author="A <a@b> 1700000000 -0330"))["author"]["date"] == "2023-11-14T18:43:20-03:30"


def test_a_signature_is_told_without_gits_indentation():
    armor = "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----"
    assert told(commit(more="gpgsig " + armor.replace("\n", "\n ") + "\n"))["signature"] == armor


def test_a_folder_is_told_with_every_mode_as_github_writes_it():
    listed = [
        ("100755", b"run", "a" * 40),
        ("40000", b"in", "b" * 40),
        ("160000", b"sub", "c" * 40),
        ("120000", b"l", "d" * 40),
    ]
    assert [(one["mode"], one["type"], one["path"]) for one in told(tree(*listed))["tree"]] == [
        ("100755", "blob", "run"),
        ("040000", "tree", "in"),
        ("160000", "commit", "sub"),
        ("120000", "blob", "l"),
    ]


def test_a_file_is_told_byte_by_byte():
    assert told(made("blob", b"\0\xff\n")) == {"content": "AP8K", "encoding": "base64"}


@pytest.mark.parametrize(
    "strange",
    [
        commit(more="encoding ISO-8859-1\n"),
        commit(author="nobody"),
        commit(author="A <a@b> 1700000000 +9999"),
        made("commit", b"tree " + TREE.encode() + b"\n\nx"),
        made("commit", commit().content + b"\xff"),
        tree(("100644", b"\xff", "a" * 40)),
        tree(),
        made("tree", b"nonsense"),
        made("tag", f"object {TREE}\ntype commit\ntag v1\n\nx\n".encode()),
    ],
)
def test_what_github_has_no_words_for_is_never_told_by_halves(strange):
    with pytest.raises(UntellableError):
        told(strange)


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), min_size=1, max_size=12), st.randoms())
def test_each_object_comes_once_and_after_all_that_it_names(shape, chance):
    objects = {blob.sha: blob for blob in (made("blob", bytes([number])) for number in range(3))}
    known = list(objects.values())
    for names in shape:
        entries = [("100644", f"f{number}".encode(), known[name % len(known)].sha) for number, name in enumerate(names)]
        known.append(tree(*entries))
        objects[known[-1].sha] = known[-1]
    mixed = list(objects.values())
    chance.shuffle(mixed)

    ordered = in_order(mixed)

    assert sorted(one.sha for one in ordered) == sorted(objects)
    places = {one.sha: number for number, one in enumerate(ordered)}
    for one in ordered:
        if one.kind is ObjectKind.TREE:
            named = [one.content[at + 1 : at + 21].hex() for at in range(len(one.content)) if one.content[at] == 0]
            assert all(places[sha] < places[one.sha] for sha in named if sha in places)
