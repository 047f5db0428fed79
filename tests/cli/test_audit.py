"""`promote audit`: what it prints, as a table and as JSON, and how it ends."""

import pytest
from support.commands import call
from support.installation import Installation
from support.trails import TAGS, copied, three_nights


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return three_nights(tmp_path_factory.mktemp("nights"))


@pytest.fixture
def town(template, tmp_path):
    return copied(template, tmp_path)


@pytest.fixture
def shop(tmp_path, town):
    return installed(tmp_path, town)


def installed(folder, town, extra="", repository=""):
    made = Installation(folder, extra)
    text = made.config.read_text().replace("https://git.example/acme/shop.git", town.remote.url)
    made.config.write_text(text.replace("[staging]", f"{repository}\n[staging]"))
    return made


def test_a_clean_audit_says_what_it_looked_at_and_ends_well(shop):
    ended = call("--config", shop.config, "audit")

    assert ended.code == 0
    assert ended.stdout.splitlines() == [
        "Looked at 3 promotions, from 2026-11-21T02:00:00Z to 2026-11-23T02:00:00Z; 3 release tags; 3 ledger commits.",
        "Clean.",
    ]


def test_a_difference_is_named_with_what_to_do_and_ends_refused(shop, town):
    town.remote.delete(f"refs/tags/{TAGS[1]}")
    town.remote.commit("main", "fix: by hand")

    ended = call("--config", shop.config, "audit")

    assert ended.code == 6
    words = " ".join(ended.stdout.split())
    assert f"serious tag-missing Tag {TAGS[1]} of" in words
    assert "-> Push the tag again from a clone that has it" in words
    assert f"key tag-missing:{TAGS[1]}" in words
    assert "warning target-moved Since release/20261123-020000 somebody else moved main" in words
    assert words.endswith("Not clean: 1 serious difference, 1 warning. [audit-failed]")


def test_json_is_one_document_with_everything(shop, town):
    town.remote.delete(f"refs/tags/{TAGS[1]}")

    ended = call("--config", shop.config, "audit", "--json")

    assert ended.code == 6
    document = ended.json
    assert (document["clean"], document["reason_code"]) == (False, "audit-failed")
    assert document["looked_at"] == {
        "promotions": 3,
        "tags": 2,
        "ledger_commits": 3,
        "since": "2026-11-21T02:00:00Z",
        "until": "2026-11-23T02:00:00Z",
        "signed": None,
        "releases": None,
    }
    (difference,) = document["differences"]
    assert (difference["code"], difference["severity"], difference["accepted"]) == ("tag-missing", "serious", False)
    assert difference["key"] == f"tag-missing:{TAGS[1]}"


def test_what_the_configuration_accepts_is_a_note(tmp_path, town):
    town.remote.delete(f"refs/tags/{TAGS[1]}")
    shop = installed(tmp_path, town, f'[audit]\naccepted = ["tag-missing:{TAGS[1]}"]\n')

    ended = call("--config", shop.config, "audit")

    assert ended.code == 0
    assert "Accepted in [audit]." in ended.stdout


def test_tags_that_should_be_signed_and_are_not(tmp_path, town):
    (tmp_path / "signers").write_text("")
    shop = installed(tmp_path, town, repository=f'allowed_signers = "{tmp_path}/signers"')

    ended = call("--config", shop.config, "audit")

    assert ended.code == 0
    assert "3 release tags carry no signature; none of the signed ones is older." in ended.stdout
    assert "3 release tags (0 with a good signature)" in ended.stdout


def test_hostile_texts_command_no_terminal(shop, town):
    town.remote.commit("main", "\x1b[2Jowned [bold]", author="\x1b]0;x\x07Eve <e@example.com>")

    ended = call("--config", shop.config, "audit")

    assert "\x1b" not in ended.stdout
    assert "\x07" not in ended.stdout
    assert "owned [bold]" in " ".join(ended.stdout.split())


def test_a_remote_that_is_gone_is_an_operational_failure(shop, town):
    town.remote.path.rename(town.remote.path.with_name("gone.git"))

    ended = call("--config", shop.config, "audit", "--json")

    assert ended.code == 1
    assert ended.json["error"]["reason_code"] == "remote-unreachable"


def test_status_tells_what_an_audit_finds_and_that_no_night_promotes_over_it(shop, town):
    clean = call("--config", shop.config, "status").stdout
    assert ["audit", "clean"] in [row.split() for row in clean.splitlines()]

    town.remote.delete(f"refs/tags/{TAGS[1]}")
    town.remote.commit("main", "fix: by hand")
    document = call("--config", shop.config, "status", "--json").json

    assert [each["code"] for each in document["differences"]] == ["tag-missing", "target-moved"]
    assert document["promotable"] is False
    assert "is missing" in document["reason"]
    assert "And 1 more: see `promote audit`" in " ".join(call("--config", shop.config, "status").stdout.split())
