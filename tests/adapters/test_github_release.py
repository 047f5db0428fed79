"""Releases: a draft first, published last, never twice, never at a commit that nobody tested."""

import pytest
from support.github import HALF_UPLOAD, LOST, stale
from support.githubhost import ASSETS, RUN, TAG, staged

from bot.adapters.github.ensure import LAG
from bot.core.hosting import Asset
from bot.errors import BotError, Reason


@pytest.fixture
def stage(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch) as stage:
        yield stage


def names(release):
    return sorted(asset["name"] for asset in release["assets"] if asset["state"] == "uploaded")


def refused(stage, publication):
    with pytest.raises(BotError) as caught:
        stage.say(publication)
    assert caught.value.reason is Reason.HOST_FAILED
    return caught.value.sentence


def test_a_release_is_published_with_its_files_at_the_tested_commit(stage):
    stage.push_tag()
    (url,) = stage.say(stage.publication())
    (release,) = stage.hub.releases
    assert url == release["html_url"]
    assert not release["draft"]
    assert release["target_commitish"] == stage.sha
    assert release["tag_name"] == TAG
    assert release["body"].endswith("## Features\n\n- a\n")
    assert names(release) == sorted(asset.name for asset in ASSETS)
    assert stage.hub.asset("run.json") == (stage.folder / "run.json").read_bytes()
    assert stage.hub.world.settings["latest"] == release["id"]


def test_nobody_ever_sees_half_of_one(stage):
    stage.push_tag()
    stage.say(stage.publication())
    drafted, *sent, published = [one for one in stage.hub.requests if one.is_write]
    assert drafted.body["draft"] is True
    assert len(sent) == len(ASSETS)
    assert published.method == "PATCH"
    assert published.body["draft"] is False


def test_saying_it_again_changes_nothing_and_asks_little(stage):
    stage.push_tag()
    stage.say(stage.publication())
    before = len(stage.hub.requests)
    stage.say(stage.publication())
    again = stage.hub.requests[before:]
    assert [one for one in again if one.is_write] == []
    assert len(again) == 3


def test_a_release_of_an_older_night_does_not_become_the_latest(stage):
    stage.push_tag()
    stage.say(stage.publication(latest=False))
    assert "latest" not in stage.hub.world.settings


def test_without_the_tag_on_the_host_there_is_no_release_because_github_would_make_one(stage):
    assert TAG in refused(stage, stage.publication())
    assert stage.hub.releases == []
    assert stage.clock.passed >= LAG


def test_a_tag_that_leads_elsewhere_gets_no_release(stage):
    stage.push_tag(sha=stage.remote.sha("refs/heads/main"))
    refused(stage, stage.publication())
    assert stage.hub.writes == []


def test_a_tag_that_is_shown_late_is_waited_for(stage):
    stage.hub.lag(5)
    stage.push_tag()
    stage.say(stage.publication())
    assert not stage.hub.releases[0]["draft"]
    assert 5 <= stage.clock.passed < LAG


def test_a_tag_without_a_message_leads_to_its_commit_as_well(stage):
    stage.remote.set(f"refs/tags/{TAG}", stage.sha)
    stage.say(stage.publication())
    assert not stage.hub.releases[0]["draft"]


def test_a_draft_of_an_earlier_try_is_gone_on_with(stage):
    stage.push_tag()
    stage.hub.fail("POST */assets", HALF_UPLOAD, times=9)
    refused(stage, stage.publication())
    assert stage.hub.releases[0]["draft"]
    stage.hub.planned.clear()
    stage.say(stage.publication())
    (release,) = stage.hub.releases
    assert not release["draft"]
    assert names(release) == sorted(asset.name for asset in ASSETS)
    assert len(release["assets"]) == len(ASSETS)


def test_an_upload_that_broke_off_is_sent_again_whole(stage):
    stage.push_tag()
    stage.hub.fail("POST */assets", HALF_UPLOAD)
    stage.say(stage.publication())
    (release,) = stage.hub.releases
    assert [asset["state"] for asset in release["assets"]] == ["uploaded"] * len(ASSETS)


def test_a_file_that_is_there_by_name_and_size_alone_is_sent_again(stage):
    stage.push_tag()
    stage.hub.fail("POST */assets", HALF_UPLOAD, times=9)
    refused(stage, stage.publication())
    stage.hub.planned.clear()
    (half,) = stage.hub.releases[0]["assets"]
    half["size"] = len((stage.folder / half["name"]).read_bytes())
    stage.say(stage.publication())
    assert {asset["state"] for asset in stage.hub.releases[0]["assets"]} == {"uploaded"}


def test_a_file_of_another_size_is_replaced_in_a_draft(stage):
    stage.push_tag()
    stage.hub.fail("POST */assets", HALF_UPLOAD, times=9, skip=1)
    refused(stage, stage.publication())
    stage.hub.planned.clear()
    (stage.folder / "run.json").write_text("longer than it was before\n")
    stage.say(stage.publication())
    assert stage.hub.asset("run.json") == b"longer than it was before\n"


def test_a_lost_answer_to_the_draft_makes_no_second_one(stage):
    stage.push_tag()
    stage.hub.fail("POST */releases", LOST)
    stage.say(stage.publication())
    assert len(stage.hub.releases) == 1
    assert not stage.hub.releases[0]["draft"]


def test_a_lost_answer_to_publishing_is_settled_by_looking(stage):
    stage.push_tag()
    stage.hub.fail("PATCH */releases/*", LOST)
    stage.say(stage.publication())
    assert len(stage.of("PATCH", "/releases/{release_id}")) == 1


def test_reads_that_show_the_time_before_make_no_second_draft(stage):
    stage.push_tag()
    stage.hub.fail("POST */releases", stale(5))
    stage.say(stage.publication())
    host = stage.host()
    host.announce(stage.publication(), stage.folder)
    assert len(stage.of("POST", "/releases")) == 1


def test_two_drafts_of_ours_end_as_one_release(stage):
    """What is left where a bot died between its word and the answer, and the next one read what was there before."""
    stage.push_tag()
    stage.hub.fail("POST */assets", HALF_UPLOAD, times=9)
    refused(stage, stage.publication())
    stage.hub.planned.clear()
    twin = {**stage.hub.releases[0], "id": 99_999, "assets": []}
    stage.hub.releases.append(twin)
    stage.say(stage.publication())
    (release,) = stage.hub.releases
    assert release["id"] != 99_999
    assert not release["draft"]


def test_a_persons_draft_of_the_same_tag_is_left_alone(stage):
    stage.push_tag()
    stage.hub.fail("POST */assets", HALF_UPLOAD, times=9)
    refused(stage, stage.publication())
    stage.hub.planned.clear()
    stage.hub.releases[0]["body"] = f"mine <!-- promote:release run={RUN} -->"
    stage.say(stage.publication())
    theirs, ours = stage.hub.releases
    assert theirs["draft"]
    assert not ours["draft"]


def test_a_published_release_is_done_whatever_it_holds(tmp_path, monkeypatch):
    with staged(tmp_path, monkeypatch, immutable_releases=True) as stage:
        stage.push_tag()
        (url,) = stage.say(stage.publication(assets=()))
        assert stage.say(stage.publication()) == [url]
        assert stage.hub.releases[0]["assets"] == []
        assert len(stage.hub.releases) == 1


def test_a_file_that_the_folder_does_not_hold_any_more_keeps_no_release_back(stage):
    stage.push_tag()
    (stage.folder / "notes.md").unlink()
    (stage.folder / "run.json").write_bytes(b"")
    stage.say(stage.publication(assets=(*ASSETS, Asset("service.log", "text/plain"))))
    assert names(stage.hub.releases[0]) == ["report.html"]


def test_notes_of_any_length_are_within_the_limit_and_stay_ours(stage):
    stage.push_tag()
    stage.say(stage.publication(body="- a change\n" * 20_000, title="x" * 999))
    body = stage.hub.releases[0]["body"]
    assert 120_000 < len(body) <= 125_000
    assert body.startswith("<!-- promote:release run=")
    assert body.endswith("- a change\n\n…")


def test_an_address_for_files_on_a_foreign_host_gets_none(stage):
    stage.push_tag()
    stage.monkeypatch.setattr(type(stage.hub), "uploads_url", "http://127.0.0.1:1/api/uploads")
    refused(stage, stage.publication())
    assert stage.of("POST", "/assets") == []


def test_the_published_ones_are_listed_by_hundreds(stage):
    stage.push_tag()
    stage.say(stage.publication())
    stage.hub.world.releases.extend(
        dict(stage.hub.releases[0], id=20_000 + number, tag_name=f"v{number}", draft=number % 2 == 1)
        for number in range(150)
    )
    even = {f"v{number}" for number in range(0, 150, 2)}

    asked = len(stage.of("GET", "/releases"))
    whole, newest = stage.host().releases(2), stage.host().releases(1)

    assert (set(whole.tags), whole.is_cut) == ({TAG} | even, False)
    assert newest.is_cut
    assert set(newest.tags) == {f"v{number}" for number in range(50, 150, 2)}
    assert len(stage.of("GET", "/releases")) == asked + 3
