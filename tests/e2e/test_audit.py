"""The trail of a real night, end to end: signed, audited, tampered with, found."""

import subprocess

import pytest
from support.commands import here
from support.gitrepos import clean_environment
from support.keys import allowed, needs_ssh, ssh_key
from support.night import git, world


@pytest.fixture
def signing(tmp_path):
    """A night whose installation signs its tags."""
    with world(tmp_path) as (night, _):
        key = ssh_key(tmp_path / "signing_key")
        text = night.config.read_text()
        night.config.write_text(text.replace("[repository]", f'[repository]\nsigning_key = "{key}"'))
        yield night, allowed(tmp_path / "signers", key)


@needs_ssh
def test_a_night_signs_its_tag_and_whoever_deletes_it_is_found_out_before_the_next_one(signing):
    night, signers = signing
    promoted = night.promote("--now", "--json")
    assert promoted.code == 0, promoted.stderr
    tag = promoted.json["promotion"]["tag"]
    command = ["git", "-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-tag", tag]
    subprocess.run(command, cwd=night.remote, check=True, timeout=60, env=clean_environment(), capture_output=True)

    clean = here(night, "audit", "--json")
    assert clean.code == 0, clean.stderr
    assert (clean.json["looked_at"]["promotions"], clean.json["looked_at"]["signed"]) == (1, 1)

    git("update-ref", "-d", f"refs/tags/{tag}", cwd=night.remote)
    night.commit("feat: the next one")
    night.push("staging")
    before = night.refs()
    refused = here(night, "--now", "--json")
    audited = night.promote("audit")

    assert (refused.code, refused.json["reason_code"]) == (6, "audit-failed")
    assert audited.code == 6
    assert promoted.json["promotion"]["tag_oid"] in audited.stdout
    assert night.refs() == before
    assert not list(night.last_folder().glob("*.hlog"))
