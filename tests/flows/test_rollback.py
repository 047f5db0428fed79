"""Rolling back: what the target holds afterwards, what becomes of the source, and what may come again."""

from dataclasses import replace

import pytest
from support.fakes import Instead, Killed, Shop, broken, raising
from support.gitrepos import make_remote
from support.misuse import misused
from support.rollbacks import (
    LEDGER,
    MAIN,
    STAGING,
    WHY,
    cleared,
    is_ancestor,
    picked,
    quarantined,
    request,
    rolled_back,
    shipped,
    told,
    tree,
)

from bot.core.control import Control, ControlKind
from bot.core.record import Outcome, RunKind
from bot.core.rollback import RollbackWay
from bot.errors import Reason
from bot.flows.line import standing_now
from bot.flows.quarantined import cases
from bot.flows.request import Effect

# Later than any commit that the shop makes by itself.
LATE = 1_900_000_000


def two_releases(shop):
    shop.good = shop.run()
    shop.bad = shipped(shop, "feat: the bad one")


@pytest.fixture
def released(kept, shop_after):
    """A shop with two releases: a good one and a bad one."""
    shop, told = shop_after(two_releases), kept(two_releases).shop
    shop.good, shop.bad = told.good, told.bad
    return shop


def test_main_has_the_content_of_the_last_good_release_again_and_staging_keeps_its_own(released):
    shop, staged = released, tree(released, STAGING)
    good, bad = shop.good.promotion, shop.bad.promotion

    record = rolled_back(shop)

    assert (record.outcome, record.reason_code, record.kind) == (Outcome.PROMOTED, "promoted", RunKind.ROLLBACK)
    assert tree(shop, MAIN) == tree(shop, good.target_after) != tree(shop, bad.target_after)
    assert tree(shop, STAGING) == staged
    assert is_ancestor(shop, bad.target_after, MAIN)
    assert is_ancestor(shop, MAIN, STAGING)
    assert shop.remote.git("rev-parse", f"refs/tags/{record.promotion.tag}^{{}}") == shop.remote.sha(MAIN)


def test_the_ledger_says_what_was_restored_why_and_on_whose_evidence(released):
    shop = released
    record = rolled_back(shop)
    good, entry = shop.repository.ledger()[0], _ledger(shop)[-1]

    assert (entry.kind, entry.restores, entry.reason) == ("rollback", shop.good.promotion.tag, WHY)
    assert (entry.evidence, entry.verdict) == (good.evidence, "pass")
    assert (entry.sha, entry.base, entry.tag) == (
        record.promotion.target_after,
        shop.bad.promotion.target_after,
        record.promotion.tag,
    )
    (event,) = shop.repository.controls()
    assert (event.kind, event.sha, event.base) == (
        ControlKind.QUARANTINE,
        shop.bad.promotion.target_after,
        shop.good.promotion.target_after,
    )
    assert (event.reason, event.actor) == (WHY, "ada")


def _ledger(shop):
    shop.repository.fetch()
    return shop.repository.ledger()


def test_the_record_names_what_was_taken_back(released):
    record = rolled_back(released)
    restored = record.restored
    assert (restored.tag, restored.way) == (released.good.promotion.tag, "forward")
    assert [one.subject for one in restored.commits] == ["feat: the bad one"]
    assert restored.quarantined == (released.bad.promotion.target_after,)
    assert record.justification == WHY
    assert released.runs.load(record.run_id).restored == restored


def test_notes_and_tag_say_what_was_taken_back_and_why(released):
    record = rolled_back(released)
    notes = (released.runs.folder(record.run_id).path / "notes.md").read_text()
    message = released.remote.git("cat-file", "tag", record.promotion.tag)
    for text in (notes, message):
        assert "Taken back:" in text
        assert released.good.promotion.tag in text
        assert "the bad one" in text
        assert WHY in text
    assert notes.startswith("# Rollback to release/")


def test_what_was_taken_back_does_not_come_again_without_a_fix(released):
    rolled_back(released)
    before = released.remote.refs()

    refused = released.run()

    assert (refused.outcome, refused.reason_code) == (Outcome.REFUSED, "quarantined")
    assert released.bad.promotion.target_after[:12] in refused.reason
    released.remote.commit("staging", "feat: something else")
    again = released.run()
    assert again.reason_code == "quarantined"
    assert released.remote.sha(MAIN) == before[MAIN]


@pytest.mark.parametrize(
    "message",
    ["fix: the bad one\n\nFixes: {sha}", 'Revert "feat: the bad one"\n\nThis reverts commit {sha}.'],
)
def test_with_its_fix_the_next_night_promotes_by_a_fast_forward(released, message):
    rolled_back(released)
    back = released.remote.sha(MAIN)
    fix = released.remote.commit("staging", message.format(sha=released.bad.promotion.target_after))

    record = released.run()

    assert (record.outcome, record.promotion.target_after) == (Outcome.PROMOTED, fix)
    assert is_ancestor(released, back, MAIN)


@pytest.mark.parametrize(
    "message",
    ["fix: the bad one\n\nFixes: {sha}", 'Revert "feat: the bad one"\n\nThis reverts commit {sha}.'],
)
def test_a_fix_does_not_count_while_the_pull_request_that_brought_it_is_reverted(released, message):
    rolled_back(released)
    back, staged = released.remote.sha(MAIN), released.remote.sha(STAGING)
    released.remote.branch("mend", staged)
    fix = released.remote.commit("mend", message.format(sha=released.bad.promotion.target_after))
    merge = released.remote.commit("staging", "Merge pull request #9 from acme/mend", merge=(fix,))
    undo = f'Revert "Merge pull request #9"\n\nThis reverts commit {merge}, reversing\nchanges made to {staged}.'
    undone = released.remote.commit("staging", undo)

    assert released.run().reason_code == "quarantined"
    assert released.remote.sha(MAIN) == back

    again = released.remote.commit("staging", f"Reapply it\n\nThis reverts commit {undone}.")
    assert released.run().promotion.target_after == again


def test_a_rewritten_revert_of_another_commit_of_the_same_title_is_no_fix(shop):
    other = shop.remote.commit("staging", "chore: translate")
    shop.run()
    shipped(shop, "chore: translate", files={"fr.txt": "broken\n"})
    rolled_back(shop)
    words = f'Revert "chore: translate"\n\nThis reverts commit {other}.'
    shop.remote.commit_at("staging", words, LATE, shop.remote.sha(STAGING), authored=LATE - 60)
    assert shop.run().reason_code == "quarantined"


def test_a_revert_that_was_reverted_is_no_fix_whatever_the_clocks_said(released):
    rolled_back(released)
    remote, bad = released.remote, released.bad.promotion.target_after
    fix = remote.commit_at("staging", f"Undo\n\nThis reverts commit {bad}.", LATE, remote.sha(STAGING))
    undone = remote.commit_at("staging", f"Redo\n\nThis reverts commit {fix}.", LATE - 9_999, fix)
    side = remote.commit_at("side", "feat: aside", LATE + 60, fix)
    remote.commit_at("staging", "merge side", LATE + 120, undone, side)
    assert released.run().reason_code == "quarantined"


def test_a_fix_that_was_on_staging_already_counts(released):
    released.remote.commit("staging", f"fix: it\n\nFixes: {released.bad.promotion.target_after[:10]}")
    rolled_back(released)
    assert released.run().outcome is Outcome.PROMOTED


def test_culprits_are_quarantined_instead_of_all(shop):
    shop.run()
    bad = shop.remote.commit("staging", "feat: bad", files={"bad.txt": "bad\n"})
    innocent = shop.remote.commit("staging", "feat: innocent", files={"fine.txt": "fine\n"})
    parent = shop.remote.git("rev-parse", f"{bad}^")
    shop.run()

    record = rolled_back(shop, bad=(bad[:9],))

    assert record.outcome is Outcome.PROMOTED, record.reason
    (event,) = (shop.repository.fetch(), shop.repository.controls())[1]
    assert (event.sha, event.base) == (bad, parent)
    shop.remote.commit("staging", f"fix: wrong one\n\nFixes: {innocent}")
    assert shop.run().reason_code == "quarantined"
    shop.remote.commit("staging", f"fix: right one\n\nFixes: {bad}")
    assert shop.run().outcome is Outcome.PROMOTED


@pytest.mark.parametrize("name", ["1234567", "no such thing"])
def test_a_culprit_that_is_not_taken_back_is_no_culprit(released, name):
    assert name in misused(released, lambda: rolled_back(released, bad=(name,))).sentence


def test_a_rollback_is_not_rolled_back_by_itself(released):
    rolled_back(released)
    before = released.remote.refs()
    record = rolled_back(released)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "no-good-release")
    assert "rolled back to" in record.reason
    assert released.remote.refs() == before


def test_after_a_fix_a_second_rollback_passes_over_what_the_first_took_back(released):
    rolled_back(released)
    shipped(released, f"fix: it\n\nFixes: {released.bad.promotion.target_after}")

    record = rolled_back(released)

    assert record.restored.tag == released.good.promotion.tag
    assert tree(released, MAIN) == tree(released, released.good.promotion.target_after)


@pytest.mark.parametrize("with_prefix", [True, False])
def test_a_release_is_named_with_or_without_its_prefix(released, with_prefix):
    third = shipped(released, "feat: a third")
    tag = released.good.promotion.tag
    record = rolled_back(released, tag if with_prefix else tag.removeprefix("release/"))
    assert record.restored.tag == tag
    assert [one.subject for one in record.restored.commits] == ["feat: a third", "feat: the bad one"]
    assert third.promotion.target_after in record.restored.quarantined


def test_the_same_rollback_again_has_nothing_to_do(released):
    tag = released.good.promotion.tag
    rolled_back(released, tag)
    before = released.remote.refs()
    record = rolled_back(released, tag)
    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "up-to-date")
    assert released.remote.refs() == before


def test_a_quarantined_release_is_gone_back_to_only_when_it_was_cleared(released):
    rolled_back(released)
    record = rolled_back(released, released.bad.promotion.tag)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "quarantined")


def test_an_unknown_release_is_wrong_usage(released):
    wrong = misused(released, lambda: rolled_back(released, "release/20200101-000000"))
    assert released.good.promotion.tag in wrong.sentence
    assert "promote history" in wrong.action


def test_the_ledgers_own_commit_says_that_it_was_a_rollback(released):
    record = rolled_back(released)
    subject = released.remote.git("log", "-1", "--format=%s", LEDGER).strip()
    assert subject == f"Roll back to {released.good.promotion.tag} as {record.promotion.tag}"


def test_where_the_only_release_is_the_present_one_there_is_nothing_to_go_back_to(shop):
    shop.run()
    record = rolled_back(shop)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "no-good-release")


def test_where_somebody_moved_main_the_release_must_be_named(released):
    shop = released
    shop.remote.commit("main", "hotfix by hand", files={"hand.txt": "x\n"})
    main = shop.remote.sha(MAIN)

    unnamed = rolled_back(shop)
    named = rolled_back(shop, shop.good.promotion.tag)
    alone = rolled_back(shop, shop.good.promotion.tag, way=RollbackWay.TARGET_ONLY)

    assert unnamed.reason_code == "no-good-release"
    assert "somebody moved it" in unnamed.reason
    assert named.reason_code == "not-fast-forward"
    assert "backport" in named.reason
    assert alone.outcome is Outcome.PROMOTED
    assert tree(shop, MAIN) == tree(shop, shop.good.promotion.target_after)
    assert is_ancestor(shop, main, MAIN)


def test_main_alone_leaves_staging_where_it_is(released):
    staging = released.remote.sha(STAGING)
    record = rolled_back(released, way=RollbackWay.TARGET_ONLY)
    assert record.outcome is Outcome.PROMOTED
    assert record.promotion.others == ()
    assert released.remote.sha(STAGING) == staging


def test_a_rewind_takes_main_back_to_the_commit_itself_and_makes_no_tag(released):
    shop, staging = released, released.remote.sha(STAGING)
    tags = [ref for ref in shop.remote.refs() if ref.startswith("refs/tags/")]

    record = rolled_back(shop, way=RollbackWay.REWIND)

    assert record.outcome is Outcome.PROMOTED, record.reason
    assert shop.remote.sha(MAIN) == shop.good.promotion.target_after
    (pushed,) = [line for line in shop.runs.folder(record.run_id).journal_lines() if line["event"] == "pushed"]
    assert pushed["outcome"] == "landed"
    assert shop.remote.sha(STAGING) == staging
    assert [ref for ref in shop.remote.refs() if ref.startswith("refs/tags/")] == tags
    entry = _ledger(shop)[-1]
    assert (entry.kind, entry.tag, entry.sha, entry.restores) == (
        "rollback",
        "",
        shop.good.promotion.target_after,
        shop.good.promotion.tag,
    )


def test_what_was_rewound_stays_refused_until_it_is_fixed(released):
    shop = released
    rolled_back(shop, way=RollbackWay.REWIND)
    assert shop.run().reason_code == "target-rewound"
    shop.remote.commit("staging", "feat: more of it")
    assert shop.run().reason_code == "quarantined"
    fix = shop.remote.commit("staging", f"fix: it\n\nFixes: {shop.bad.promotion.target_after}")
    record = shop.run()
    assert (record.outcome, record.promotion.target_after) == (Outcome.PROMOTED, fix)


def three_parts_rewound(shop):
    shop.run()
    shop.parts = shop.remote.commits("staging", ["feat: part 1", "feat: part 2", "feat: part 3"])
    shop.run()
    rolled_back(shop, way=RollbackWay.REWIND)


@pytest.fixture
def rewound(kept, shop_after):
    """A shop whose second release, of three commits, was rewound; nothing holds all of them any more but its tag."""
    shop = shop_after(three_parts_rewound)
    shop.parts = kept(three_parts_rewound).shop.parts
    return shop


def stage(shop, tip, *messages):
    """Somebody lets staging go on from that commit."""
    shop.remote.branch("staging", tip)
    return shop.remote.commits("staging", messages)


def test_a_part_of_what_was_taken_back_does_not_come_again_without_its_fix(rewound):
    shop, (first, second, last) = rewound, rewound.parts
    stage(shop, second, "feat: else")

    record = shop.run()

    assert record.reason_code == "quarantined"
    assert f"contains {second[:12]} of " in record.reason
    assert f"..{last[:12]}, which" in record.reason
    shop.remote.commit("staging", f"fix: what is not there\n\nFixes: {shop.remote.sha(MAIN)}")
    assert shop.run().reason_code == "quarantined"
    fix = shop.remote.commit("staging", f"fix: it\n\nFixes: {first}")
    assert shop.run().promotion.target_after == fix


def test_a_part_that_was_merged_in_two_pieces_does_not_come_again(shop):
    """Then tip and quarantined commit have two newest commits in common, and neither holds the other."""
    good = shop.run().promotion.target_after
    for side in ("left", "right"):
        shop.remote.branch(side, good)
    left, right = (shop.remote.commit(side, f"feat: {side}") for side in ("left", "right"))
    stage(shop, good, "feat: last")
    bad = shop.remote.commit("staging", "Merge both", merge=(left, right))
    shop.run()
    rolled_back(shop, way=RollbackWay.REWIND)
    stage(shop, good, "feat: else")
    tip = shop.remote.commit("staging", "Merge both again", merge=(left, right))
    shop.repository.fetch()

    (case,) = cases(shop.repository, standing_now(shop.repository, shop.clock), tip)

    assert {commit.sha for commit in case.bad} == {left, right}
    assert bad not in {commit.sha for commit in case.later}
    assert [commit.subject for commit in case.later] == ["Merge both again", "feat: else"]
    assert shop.run().reason_code == "quarantined"


def test_a_tip_with_nothing_of_what_was_taken_back_goes_on(rewound):
    (fine,) = stage(rewound, rewound.remote.sha(MAIN), "feat: else")
    assert rewound.run().promotion.target_after == fine


def test_what_was_taken_back_and_is_gone_from_the_remote_stops_nobody(rewound):
    shop = rewound
    events = tuple(replace(event, sha="d" * 40) for event in shop.repository.controls())
    (fine,) = stage(shop, shop.remote.sha(MAIN), "feat: else")
    record = shop.run(repository=Instead(shop.repository, controls=lambda: events))
    assert record.promotion.target_after == fine


def test_a_release_inside_of_what_was_taken_back_is_gone_back_to_only_when_it_was_cleared(released):
    shop, middle = released, released.bad.promotion
    last = shipped(shop, "feat: a third").promotion
    rolled_back(shop, shop.good.promotion.tag)
    before = shop.remote.refs()

    record = rolled_back(shop, middle.tag)

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "quarantined")
    assert f"contains {middle.target_after[:12]} of " in record.reason
    assert "promote quarantine clear" in record.action
    assert shop.remote.refs() == before
    cleared(shop, last.target_after)
    assert rolled_back(shop, middle.tag).outcome is Outcome.PROMOTED
    assert tree(shop, MAIN) == tree(shop, middle.target_after)


def test_a_rewind_is_not_rolled_back_by_itself(released):
    rolled_back(released, way=RollbackWay.REWIND)
    assert rolled_back(released).reason_code == "no-good-release"


def test_after_a_rewind_by_a_fast_clock_the_release_before_is_the_one_that_was_before(released):
    shop = released
    shop.clock.set("2026-11-20T23:30:00")
    back = rolled_back(shop, way=RollbackWay.REWIND)
    fix = f"fix: it\n\nFixes: {back.restored.quarantined[0]}"
    before = shipped(shop, fix, files={"fix.txt": "mended\n"})
    shipped(shop, "feat: worse", files={"worse.txt": "bad\n"})

    record = rolled_back(shop)

    assert record.restored.tag == before.promotion.tag
    assert [one.subject for one in record.restored.commits] == ["feat: worse"]
    kinds = ["promotion", "promotion", "rollback", "promotion", "promotion", "rollback"]
    assert [entry.kind for entry in _ledger(shop)] == kinds


def test_a_server_that_forbids_it_refuses_a_rewind_in_plain_words(released):
    released.remote.config("receive.denyNonFastForwards", "true")
    before = released.remote.refs()
    record = rolled_back(released, way=RollbackWay.REWIND)
    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "push-rejected")
    assert "without --rewind" in record.reason
    assert released.remote.refs() == before


def test_a_dry_run_shows_every_ref_and_writes_none(released):
    before = released.remote.refs()
    record = rolled_back(released, effect=Effect.DRY_RUN)
    assert (record.outcome, record.action) == (Outcome.DRY_RUN, "Run again without --dry-run to roll back.")
    assert [update.ref.rpartition("/")[0] or update.ref for update in record.updates] == [
        "refs/heads",
        "refs/heads",
        "refs/tags/release",
        "refs/notes",
    ]
    assert record.restored.tag == released.good.promotion.tag
    assert released.remote.refs() == before


def test_without_a_reason_nothing_is_rolled_back(released):
    misused(released, lambda: rolled_back(released, reason="  "))


def test_a_frozen_line_does_not_stop_a_rollback(released):
    told(released, Control(ControlKind.FREEZE, "2026-11-21T02:00:00Z", "ada", "wait"))
    assert rolled_back(released).outcome is Outcome.PROMOTED
    assert any(detail.startswith("Promotions are frozen by ada") for _, detail in released.watcher.steps)


def test_a_ledger_that_lacks_what_it_held_before_is_not_built_upon(released):
    released.remote.set(LEDGER, released.remote.git("rev-parse", f"{LEDGER}^"))
    before = released.remote.refs()
    record = rolled_back(released, released.good.promotion.tag)
    assert record.reason_code == "ledger-broken"
    assert released.remote.refs() == before


def test_a_history_that_is_lost_does_not_stop_a_rollback(released):
    history = Instead(released.history, query=broken(Reason.STATE_UNUSABLE))
    assert rolled_back(released, history=history).outcome is Outcome.PROMOTED


@pytest.mark.parametrize("way", [RollbackWay.FORWARD, RollbackWay.REWIND])
@pytest.mark.parametrize("method", ["prepare", "push", "read_back"])
def test_a_rollback_that_was_killed_is_all_there_or_not_at_all_after_the_next_run(released, method, way):
    shop, before = released, released.remote.refs()
    with pytest.raises(Killed):
        rolled_back(shop, way=way, repository=Instead(shop.repository, **{method: raising(Killed())}))

    following = rolled_back(shop, shop.good.promotion.tag, way=way)

    assert following.outcome is (Outcome.UP_TO_DATE if method == "read_back" else Outcome.PROMOTED)
    after = shop.remote.refs()
    assert after[MAIN] != before[MAIN]
    assert len(_ledger(shop)) == 3
    assert (after[STAGING] != before[STAGING]) is (way is RollbackWay.FORWARD)
    assert tree(shop, MAIN) == tree(shop, shop.good.promotion.target_after)
    assert shop.runs.unfinished() == ()


def test_half_of_a_rollback_is_completed_by_the_next_run(released):
    """As after a crash of the server: only the target has moved."""
    shop, real = released, released.repository
    sent = []

    def half(prepared, lock):
        sent.append(prepared)
        real.push(prepared, lock)
        raise Killed

    with pytest.raises(Killed):
        rolled_back(shop, repository=Instead(real, push=half))
    (prepared,) = sent
    whole = shop.remote.refs()
    for ref, before in ((STAGING, prepared.plan.moves[1].before), (LEDGER, prepared.plan.ledger_before)):
        shop.remote.set(ref, before)
    shop.remote.delete(f"refs/tags/{prepared.plan.tag.name}")

    assert shop.run().reason_code == "quarantined"
    assert shop.remote.refs() == whole


@pytest.mark.parametrize("branch", ["main", "staging"])
def test_a_branch_that_moves_meanwhile_refuses_everything(released, branch):
    shop = released

    def moved(*args):
        shop.remote.commit(branch, "meanwhile", files={"meanwhile.txt": branch})
        return shop.repository.push(*args)

    before = shop.remote.refs()
    record = rolled_back(shop, repository=Instead(shop.repository, push=moved))
    assert record.outcome is Outcome.REFUSED
    assert record.reason_code == ("target-moved" if branch == "main" else "source-moved")
    changed = {ref for ref, sha in shop.remote.refs().items() if before.get(ref) != sha}
    assert changed == {f"refs/heads/{branch}"}


def test_after_half_of_a_rewind_the_next_run_completes_it(released):
    shop, real = released, released.repository
    sent = []

    def half(prepared, lock):
        del lock
        sent.append(prepared)
        shop.remote.set(MAIN, prepared.plan.moves[0].after)
        raise Killed

    with pytest.raises(Killed):
        rolled_back(shop, way=RollbackWay.REWIND, repository=Instead(real, push=half))

    assert shop.run().reason_code == "target-rewound"
    assert shop.remote.sha(LEDGER) == sent[0].ledger_oid
    assert shop.runs.load(shop.runs.run_ids()[-2]).outcome is Outcome.PROMOTED


def test_what_was_taken_back_is_no_good_history(released):
    """A baseline learns from the good release, from neither the bad one nor the rollback."""
    shop = released
    rolled_back(shop)
    record = shipped(shop, f"fix: it\n\nFixes: {shop.bad.promotion.target_after}")
    seen = {night.sha for past in record.evidence.past for night in past.nights}
    assert seen == {shop.good.promotion.target_after}


def test_what_stands_in_quarantine_is_no_good_history(shop):
    first, second = shop.run(), shipped(shop, "feat: bad")
    shop.remote.commit("staging", f"fix: it\n\nFixes: {second.promotion.target_after}")
    quarantined(shop, second.promotion.target_after)
    seen = {night.sha for past in shop.run().evidence.past for night in past.nights}
    assert seen == {first.promotion.target_after}


def test_a_quarantined_merge_is_mended_by_a_fix_of_what_it_brought_in(shop):
    shop.remote.branch("cart", shop.remote.sha(STAGING))
    inner = shop.remote.commit("cart", "feat: cart", files={"cart.txt": "bad\n"})
    merge = shop.remote.commit("staging", "merge cart", files={"cart.txt": "bad\n"}, merge=(inner,))
    quarantined(shop, merge)
    assert shop.run().reason_code == "quarantined"
    shop.remote.commit("staging", f"fix: cart\n\nFixes: {inner}")
    assert shop.run().outcome is Outcome.PROMOTED


def test_the_last_good_release_is_one_that_stands(released):
    rolled_back(released)
    refused = released.run()
    assert refused.reason_code == "quarantined"
    assert refused.trouble.last_good_sha == released.good.promotion.target_after
    suspects = {each.sha for each in refused.trouble.suspects}
    assert released.bad.promotion.target_after in suspects


def test_what_is_new_is_compared_with_the_last_release_that_stands(released):
    rolled_back(released)
    record = shipped(released, f"fix: it\n\nFixes: {released.bad.promotion.target_after}")
    assert record.previous == released.good.verdict


def test_the_release_with_the_fix_tells_of_what_it_brings_again(released):
    rolled_back(released)
    record = shipped(released, f"fix: it\n\nFixes: {released.bad.promotion.target_after}")

    subjects = [one.subject for one in record.candidate.commits]
    assert [subjects[0], subjects[-1], len(subjects)] == ["fix: it", "feat: the bad one", 3]
    notes = (released.runs.folder(record.run_id).path / "notes.md").read_text()
    assert "the bad one" in notes
    assert "keeping the content" not in notes
    assert "Roll main back" not in notes


def test_a_source_that_took_the_rollback_itself_brings_nothing_again(released):
    """Somebody merged it back as git does: then its content is gone from the source, too."""
    rolled_back(released, way=RollbackWay.TARGET_ONLY)
    back = released.remote.sha(MAIN)
    released.remote.commit("staging", "merge main", files={"count.txt": "as in main\n"}, merge=(back,))
    released.remote.commit("staging", f"fix: it\n\nFixes: {released.bad.promotion.target_after}")
    subjects = [one.subject for one in released.run().candidate.commits]
    assert subjects == ["fix: it", "merge main"]


def test_after_a_rollback_of_main_alone_the_night_asks_for_a_fix_and_then_for_the_merge(released):
    tag = rolled_back(released, way=RollbackWay.TARGET_ONLY).promotion.tag
    assert released.run().reason_code == "quarantined"
    cleared(released, released.bad.promotion.target_after)

    record = released.run()

    assert record.reason_code == "diverged"
    assert tag in record.reason


def test_a_mistaken_rollback_is_undone_by_name_once_the_quarantine_is_cleared(released):
    shop, staged = released, tree(released, STAGING)
    bad = shop.bad.promotion
    rolled_back(shop)
    cleared(shop, bad.target_after)

    record = rolled_back(shop, bad.tag)

    assert record.outcome is Outcome.PROMOTED, record.reason
    assert (record.restored.commits, record.restored.quarantined) == ((), ())
    assert tree(shop, MAIN) == tree(shop, bad.target_after) == tree(shop, STAGING) == staged
    more = shop.remote.commit("staging", "feat: more", files={"more.txt": "more\n"})
    assert shop.run().promotion.target_after == more


def test_a_rollback_says_what_to_do_next(released):
    assert "Fixes: <id>" in rolled_back(released).action


def test_on_a_sha256_repository_it_is_the_same(tmp_path):
    remote = make_remote(tmp_path / "256.git", object_format="sha256")
    shop = Shop(tmp_path / "shop", remote=remote)
    good = shop.run().promotion
    shipped(shop, "feat: bad")
    assert rolled_back(shop).outcome is Outcome.PROMOTED
    assert tree(shop, MAIN) == tree(shop, good.target_after)
    shop.history.close()


def test_a_rewind_never_takes_along_what_somebody_pushed_meanwhile(released):
    shop = released

    def moved(*args):
        shop.remote.commit("main", "meanwhile", files={"meanwhile.txt": "main"})
        return shop.repository.push(*args)

    record = rolled_back(shop, way=RollbackWay.REWIND, repository=Instead(shop.repository, push=moved))

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "target-moved")
    assert shop.remote.git("log", "-1", "--format=%s", MAIN) == "meanwhile"
    assert len(_ledger(shop)) == 2


def test_a_reason_is_text_in_the_tag_and_stays_out_of_the_branches(released):
    shop, bad = released, released.bad.promotion.target_after
    reason = f"\x1b[31mfixes #1 @ada\nFixes: {bad}\nPromoted-Commit: {bad}"
    record = rolled_back(shop, reason=reason)
    message = shop.remote.git("cat-file", "tag", record.promotion.tag)
    assert "\x1b" not in message
    assert "fixes #1 " not in message
    trailers = shop.remote.git("for-each-ref", "--format=%(contents:trailers)", f"refs/tags/{record.promotion.tag}")
    assert [line for line in trailers.splitlines() if line.startswith("Promoted-Commit")] == [
        f"Promoted-Commit: {record.promotion.target_after}"
    ]
    assert "#1" not in shop.remote.git("log", "--format=%B", f"{bad}..{STAGING}")
    assert shop.run().reason_code == "quarantined"
    assert _ledger(shop)[-1].reason == reason


def test_a_request_of_a_rollback_measures_nothing(released):
    assert request(released).plan is None
    rolled_back(released)
    assert released.load.ran == ["load-1k", "more"] * 2


def test_a_cherry_pick_of_what_was_rewound_is_not_promoted_before_it_is_fixed(rewound):
    part = rewound.parts[-1]
    pick = picked(rewound, "staging", part, rewound.remote.sha(MAIN))

    record = rewound.run()

    assert record.reason_code == "quarantined"
    assert f"contains {pick[:12]}, a cherry-pick out of" in record.reason
    rewound.remote.commit("staging", f"fix: it\n\nFixes: {part}", files={"fixed.txt": "well\n"})
    assert rewound.run().outcome is Outcome.PROMOTED


# --- a ledger that is not what it was


def test_a_ledger_that_is_lost_is_no_ground_for_the_rollback_of_a_fresh_machine(released, tmp_path):
    shop = released
    shop.remote.delete(LEDGER)
    before = shop.remote.refs()

    record = rolled_back(Shop(tmp_path / "fresh", shop.remote))

    assert (record.reason_code, record.outcome) == (Reason.AUDIT_FAILED.code, Outcome.REFUSED)
    assert "There is no ledger, though tag release/" in record.reason
    assert shop.remote.refs() == before


def test_a_tag_that_somebody_moved_is_told_and_does_not_hold_up_a_rollback(released):
    shop = released
    shop.remote.set(f"refs/tags/{shop.bad.promotion.tag}", shop.good.promotion.target_before)

    record = rolled_back(shop)

    assert record.outcome is Outcome.PROMOTED
    assert any(shop.bad.promotion.tag in told for told in record.differences)
