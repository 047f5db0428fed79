"""Signed tags: made with real keys, verified by git itself, the same bytes after a crash, and never a question."""

import os
import subprocess
from dataclasses import replace

import psutil
import pytest
from support.gitrepos import clean_environment
from support.keys import allowed, gpg_home, needs_gpg, needs_ssh, ssh_agent, ssh_key
from support.promotions import open_repository, plan_for
from support.trails import TAGS, Town

from bot.adapters.git_signing import Signer, Signing
from bot.core.differences import Severity
from bot.core.resume import plan_document, plan_from
from bot.errors import BotError, Reason

pytestmark = needs_ssh


@pytest.fixture
def key(tmp_path):
    return ssh_key(tmp_path / "signing_key")


def signing_town(folder, key, signers=None):
    return Town(folder, {"signing": Signing(Signer(str(key)) if key else None, signers)})


def verify_tag(remote, tag, signers):
    """What git itself says of a signature."""
    return subprocess.run(
        ["git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "--git-dir", remote.url, "verify-tag", tag],
        capture_output=True,
        check=False,
        timeout=60,
        env=clean_environment() | {name: os.environ[name] for name in ("GNUPGHOME",) if name in os.environ},
    )


def test_a_promotion_is_signed_and_git_itself_says_so(tmp_path, key):
    town = signing_town(tmp_path, key)

    town.night(0)

    verified = verify_tag(town.remote, TAGS[0], allowed(tmp_path / "signers", key))
    assert verified.returncode == 0, verified.stderr
    assert b'Good "git" signature for promotion-bot@localhost' in verified.stderr
    assert "\nRun-Id: run-0\n" in town.remote.git("for-each-ref", "--format=%(contents:body)", "refs/tags/")


def test_an_audit_counts_good_signatures(tmp_path, key):
    town = signing_town(tmp_path, key)
    town.night(0)
    town.night(1)

    found = town.audit()

    assert found.differences == ()
    assert found.scope.signed == 2


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_plan_that_went_through_the_journal_makes_the_same_tag(tmp_path, kind):
    town = signing_town(tmp_path, ssh_key(tmp_path / kind, kind=kind))
    town.repository.fetch()
    signed = town.repository.sign(plan_for(town.repository))
    first = town.repository.prepare(signed)

    again = open_repository(town.remote, tmp_path / "another")
    again.fetch()
    second = again.prepare(plan_from(plan_document(signed)))

    assert signed.tag.signature.startswith("-----BEGIN SSH SIGNATURE-----\n")
    assert second == first


def test_without_a_key_a_plan_stays_as_it_is(tmp_path):
    town = Town(tmp_path)
    town.repository.fetch()
    plan = plan_for(town.repository)

    assert town.repository.sign(plan) is plan
    town.repository.check_signing()


def test_a_plan_without_a_tag_needs_no_signature(tmp_path, key):
    town = signing_town(tmp_path, key)
    town.repository.fetch()
    plan = replace(plan_for(town.repository), tag=None)

    assert town.repository.sign(plan) is plan


def test_tags_from_before_the_first_signed_one_are_a_note_and_later_ones_a_warning(tmp_path, key):
    Town(tmp_path).night(0)
    signing_town(tmp_path, key).night(1)
    Town(tmp_path).night(2)

    found = signing_town(tmp_path, key).found()

    assert set(found) == {"tags-before-signing", "tag-unsigned"}
    assert "1 release tags carry no signature" in found["tags-before-signing"].sentence
    assert f"Tag {TAGS[2]} is not signed; {TAGS[1]} before it is." == found["tag-unsigned"].sentence
    assert found["tag-unsigned"].severity is Severity.WARNING


def test_a_signature_of_somebody_else_is_a_wrong_one(tmp_path, key):
    signing_town(tmp_path, key).night(0)
    signing_town(tmp_path, ssh_key(tmp_path / "mallory")).night(1)

    found = signing_town(tmp_path, key).found()

    assert set(found) == {"tag-wrongly-signed"}
    assert TAGS[1] in found["tag-wrongly-signed"].sentence
    assert found["tag-wrongly-signed"].severity is Severity.SERIOUS


def test_a_signature_of_another_tag_is_a_wrong_one(tmp_path, key):
    town = signing_town(tmp_path, key)
    town.night(0)
    whole = town.remote.git("cat-file", "tag", TAGS[0])
    forged = town.remote.git("mktag", data=whole.replace("### Features", "### Forgeries").encode() + b"\n")
    town.remote.set(f"refs/tags/{TAGS[0]}", forged)

    assert set(town.found()) == {"tag-wrongly-signed"}


def test_whoever_only_audits_needs_no_key_but_the_list_of_signers(tmp_path, key):
    signing_town(tmp_path, key).night(0)
    signing_town(tmp_path, ssh_key(tmp_path / "newer")).night(1)
    auditor = signing_town(tmp_path, None, allowed(tmp_path / "signers", key, tmp_path / "newer"))

    assert auditor.audit().scope.signed == 2

    allowed(tmp_path / "signers", tmp_path / "newer")
    assert [each.about.split(":")[0] for each in auditor.audit().serious] == [TAGS[0]]


def test_what_was_verified_once_is_not_verified_again_under_the_same_rule(tmp_path, key):
    town = signing_town(tmp_path, key)
    town.night(0)
    town.audit()
    facts = town.repository.auditable()
    asked = []
    facts._verifier.good = lambda tags: asked.append(tuple(tags)) or frozenset()

    assert [tag.signature for tag in facts.trail().tags] == ["good"]
    assert asked == [()]


def test_a_list_of_signers_that_cannot_be_read_is_named(tmp_path, key):
    signing_town(tmp_path, key).night(0)

    with pytest.raises(BotError) as caught:
        signing_town(tmp_path, key, tmp_path / "absent").audit()

    assert caught.value.reason is Reason.SIGNING_FAILED
    assert "absent" in caught.value.sentence


def failure(key):
    with pytest.raises(BotError) as caught:
        Signer(str(key)).check()
    assert caught.value.reason is Reason.SIGNING_FAILED
    assert caught.value.sentence.isprintable()
    return caught.value.sentence


def test_a_key_with_a_passphrase_fails_at_once_and_asks_nobody(tmp_path, monkeypatch):
    asked = tmp_path / "asked"
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n")
    helper.chmod(0o700)
    monkeypatch.setenv("SSH_ASKPASS", str(helper))
    monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    assert "passphrase" in failure(ssh_key(tmp_path / "locked", passphrase="secret"))
    assert not asked.exists()


def test_an_agent_signs_with_a_key_that_has_a_passphrase(tmp_path, monkeypatch):
    locked = ssh_key(tmp_path / "locked", passphrase="secret")
    with ssh_agent(locked, passphrase="secret") as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        town = signing_town(tmp_path, locked)
        town.night(0)

        assert town.audit().scope.signed == 1


def test_a_key_that_others_can_read_is_refused(key):
    key.chmod(0o640)

    assert "can be read by others (mode 0640; chmod 600 it)" in failure(key)


def test_a_key_that_is_not_there_or_no_key_is_named(tmp_path):
    (tmp_path / "text").write_text("hello")
    (tmp_path / "text").chmod(0o600)

    assert "No such file" in failure(tmp_path / "absent")
    assert "ssh-keygen failed" in failure(tmp_path / "text")
    assert "is no GPG key id" in failure("gpg:--output=x")


def test_a_program_that_hangs_is_ended_in_time_and_leaves_no_child(tmp_path, key, monkeypatch):
    program = tmp_path / "bin" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nsleep 60 & wait\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    others = {*psutil.Process().children(recursive=True)}
    with pytest.raises(BotError) as caught:
        Signer(str(key), deadline=0.3).check()

    assert "did not end within" in caught.value.sentence
    assert {*psutil.Process().children(recursive=True)} <= others


def test_a_program_that_says_anything_else_has_not_signed(tmp_path, key, monkeypatch):
    program = tmp_path / "bin" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\ncat >/dev/null; echo Signed.\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")

    assert "no signature" in failure(key)


def agent_answers():
    command = ["gpg-connect-agent", "--no-autostart", "GETINFO pid", "/bye"]
    return b"OK" in subprocess.run(command, check=False, timeout=60, capture_output=True).stdout


@needs_gpg
def test_a_gpg_key_signs_is_verified_and_leaves_no_agent_behind(tmp_path):
    with gpg_home("bot@example.com") as (fingerprint,):
        subprocess.run(["gpgconf", "--kill", "all"], check=True, timeout=60)
        town = signing_town(tmp_path, f"gpg:{fingerprint}")
        town.repository.check_signing()
        town.night(0)

        assert verify_tag(town.remote, TAGS[0], "").returncode == 0
        found = town.audit()
        assert (found.differences, found.scope.signed) == ((), 1)
        assert not agent_answers()


@needs_gpg
def test_an_agent_that_was_there_before_stays():
    with gpg_home("bot@example.com") as (fingerprint,):
        assert agent_answers()
        Signer(f"gpg:{fingerprint}").check()

        assert agent_answers()


@needs_gpg
def test_a_gpg_signature_counts_for_nothing_where_ssh_keys_are_listed_and_the_other_way_round(tmp_path, key):
    with gpg_home("bot@example.com") as (fingerprint,):
        by_gpg, by_ssh = signing_town(tmp_path, f"gpg:{fingerprint}"), signing_town(tmp_path, key)
        by_gpg.night(0)
        by_ssh.night(1)

        assert [each.about.split(":")[0] for each in by_ssh.audit().serious] == [TAGS[0]]
        assert [each.about.split(":")[0] for each in by_gpg.audit().serious] == [TAGS[1]]


@needs_gpg
def test_a_gpg_key_that_is_not_there_is_named():
    with gpg_home():
        assert "gpg failed" in failure("gpg:" + "A" * 40)
