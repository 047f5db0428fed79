"""Merging main back into staging: by git where it can, by a person where it cannot, and whatever happens meanwhile."""

import pytest
from support.backports import MAIN, STAGING, Backports
from support.fakes import Instead, Killed, broken, raising, unanswered
from support.misuse import misused

from bot.core.promotion import PushOutcome, PushReport
from bot.core.record import Outcome, RunKind
from bot.core.selectors import HistoryFilter
from bot.errors import BotError, Reason
from bot.flows.backport import abort
from bot.flows.request import Effect


@pytest.fixture
def back(shop):
    return Backports(shop)


def conflict(shop):
    back = Backports(shop)
    back.clash()
    back.run()


@pytest.fixture
def begun(shop_after):
    """A merge that git could not make waits for a person."""
    return Backports(shop_after(conflict))


def test_main_that_staging_contains_needs_nothing(back):
    before = back.remote.refs()
    record = back.run()
    assert (record.outcome, record.reason_code, record.action) == (Outcome.UP_TO_DATE, "up-to-date", "Nothing to do.")
    assert back.remote.refs() == before


def test_a_clean_merge_is_one_commit_of_both_tips_without_tag_or_ledger_entry(back):
    back.diverge()
    before = back.remote.refs()

    record = back.run()

    assert (record.outcome, record.reason_code, record.kind) == (Outcome.PROMOTED, "promoted", RunKind.BACKPORT)
    after = back.remote.refs()
    assert after == before | {STAGING: after[STAGING]}
    assert back.parents() == [before[STAGING], before[MAIN]]
    assert back.remote.git("show", f"{STAGING}:hot.txt") == "hot"
    assert (record.promotion.target_before, record.promotion.target_after) == (before[STAGING], after[STAGING])
    assert (record.promotion.tag, record.promotion.tag_oid, record.promotion.ledger_oid) == (None, None, None)
    assert (record.candidate.sha, record.candidate.base_sha) == (before[MAIN], before[STAGING])
    assert [commit.subject for commit in record.candidate.commits] == ["fix: hot"]


def test_the_merge_is_exactly_gits_own(back):
    back.diverge()
    own = back.remote.git("merge-tree", "--write-tree", STAGING, MAIN)
    back.run()
    assert back.remote.git("rev-parse", f"{STAGING}^{{tree}}") == own


def test_after_a_back_merge_the_promotion_is_a_fast_forward_again(back):
    back.diverge()
    assert back.shop.run().reason_code == "not-fast-forward"
    back.run()
    record = back.shop.run()
    assert record.outcome is Outcome.PROMOTED
    assert back.remote.sha(MAIN) == back.remote.sha(STAGING)
    assert record.previous is None


def test_staging_with_nothing_of_its_own_only_moves(back):
    back.remote.set(STAGING, back.remote.sha(MAIN))
    hot = back.remote.commit("main", "fix: hot")
    assert back.run().outcome is Outcome.PROMOTED
    assert back.remote.sha(STAGING) == hot
    assert back.shop.run().outcome is Outcome.UP_TO_DATE


def test_other_branches_can_be_merged_too_and_one_that_is_not_there_is_named(back):
    back.remote.branch("maintained", back.remote.sha(MAIN))
    back.diverge()
    assert back.run(into="maintained").outcome is Outcome.PROMOTED
    assert back.remote.sha("refs/heads/maintained") == back.remote.sha(MAIN)
    record = back.run(into="nowhere")
    assert (record.reason_code, "nowhere" in record.reason) == ("branch-missing", True)


def test_a_dry_run_shows_the_exact_update_and_writes_nothing(back):
    back.diverge()
    before = back.remote.refs()

    record = back.run(effect=Effect.DRY_RUN)

    (line,) = record.updates
    assert (record.outcome, line.ref, line.expected) == (Outcome.DRY_RUN, STAGING, before[STAGING])
    assert back.remote.refs() == before
    assert back.remote.git("cat-file", "-t", line.new, check=False) == ""


def test_a_back_merge_is_in_the_history_and_bothers_no_later_night(back):
    back.diverge()
    record = back.run()
    assert back.shop.known(record.run_id).kind == "backport"
    assert back.shop.run().outcome is Outcome.PROMOTED
    back.remote.commit("staging", "feat: more")
    assert back.shop.run().outcome is Outcome.PROMOTED
    assert len(back.shop.history.query(HistoryFilter(kind="backport"))) == 1


# --- somebody else is at work


def moving(back, times, move):
    """A repository whose remote somebody changes before each of the first pushes."""
    left = iter(range(times))

    def push(*args):
        if next(left, None) is not None:
            move()
        return back.shop.repository.push(*args)

    return Instead(back.shop.repository, push=push)


def test_staging_that_moves_before_the_push_is_merged_anew_from_its_new_tip(back):
    back.diverge()
    moved = []

    record = back.run(repository=moving(back, 2, lambda: moved.append(back.remote.commit("staging", "feat: more"))))

    assert record.outcome is Outcome.PROMOTED
    assert back.parents() == [moved[-1], back.remote.sha(MAIN)]
    assert back.shop.events(record).count("prepared") == 3
    assert back.shop.runs.unfinished() == ()


def test_staging_that_moves_again_and_again_is_left_to_another_time(back):
    back.diverge()
    moved = []

    record = back.run(repository=moving(back, 9, lambda: moved.append(back.remote.commit("staging", "feat: more"))))

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "source-moved")
    assert len(moved) == 3
    assert back.remote.sha(STAGING) == moved[-1]


def test_staging_that_somebody_takes_back_meanwhile_is_left_alone(back):
    back.diverge()
    older = back.remote.git("rev-parse", f"{STAGING}~1")

    record = back.run(repository=moving(back, 9, lambda: back.remote.set(STAGING, older)))

    assert record.outcome is Outcome.REFUSED
    assert back.remote.sha(STAGING) == older


def test_another_bot_that_was_first_leaves_nothing_to_do(back):
    back.diverge()

    def other():
        theirs = back.remote.git("merge-tree", "--write-tree", STAGING, MAIN)
        made = back.remote.git("commit-tree", theirs, "-p", STAGING, "-p", MAIN, "-m", "merge")
        back.remote.set(STAGING, made)

    record = back.run(repository=moving(back, 1, other))
    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "up-to-date")


def test_a_refused_push_says_so_and_moves_nothing(back):
    back.diverge()
    back.remote.hook("pre-receive", "echo staging is closed; exit 1")
    before = back.remote.refs()
    record = back.run()
    assert record.outcome is not Outcome.PROMOTED
    assert back.remote.refs() == before


# --- conflicts


def test_a_conflict_moves_nothing_and_names_files_and_authors_of_both_sides(back):
    back.clash()
    before = back.remote.refs()

    record = back.run()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "merge-conflict")
    assert "count.txt" in record.reason
    assert "by Ben Bell; on staging:" in record.reason
    assert "by Ada Lovelace" in record.reason
    assert str(back.bench.path) in record.action
    assert back.remote.refs() == before
    told = back.shop.runs.load(record.run_id).conflict
    assert told.paths == ("count.txt",)
    assert [side.branch for side in (told.merged, told.into)] == ["main", "staging"]
    assert [len(side.commits) for side in (told.merged, told.into)] == [1, 3]


def test_names_that_are_no_text_are_told_kept_and_looked_for(back):
    files = {"a\udcff\x1b[31m b.txt": "x\n", "-- *.txt": "x\n"}
    back.remote.commit("staging", "feat: odd", files=files)
    back.remote.commit("main", "fix: odd", files=dict.fromkeys(files, "y\n"))

    record = back.run()

    assert record.reason_code == "merge-conflict"
    assert (record.reason + record.action).isprintable()
    told = back.shop.runs.load(record.run_id).conflict
    assert len(told.paths) == 2
    assert [len(side.commits) for side in (told.merged, told.into)] == [1, 1]
    assert back.go_on().reason_code == "backport-unfinished"
    back.person.git("add", "--all")
    back.person.git("commit", "--quiet", "--no-edit")
    record = back.go_on()
    assert "conflict markers" in record.reason
    assert record.reason.isprintable()


def test_the_work_tree_has_the_merge_begun_on_a_branch_of_its_own(back):
    back.clash()
    record = back.run()
    person = back.person
    assert person.git("branch", "--show-current") == f"backport/{record.run_id}"
    assert person.git("rev-parse", "HEAD") == back.remote.sha(STAGING)
    assert person.git("rev-parse", "MERGE_HEAD") == back.remote.sha(MAIN)
    assert person.git("status", "--porcelain") == "UU count.txt"
    assert "<<<<<<< HEAD" in (person.tree / "count.txt").read_text()
    assert person.git("remote", "get-url", "origin") == back.remote.url


def test_a_dry_run_of_a_conflict_makes_no_work_tree(back):
    back.clash()
    record = back.run(effect=Effect.DRY_RUN)
    assert (record.reason_code, back.bench.begun()) == ("merge-conflict", None)


def test_a_person_resolves_it_and_the_command_goes_on(begun):
    before = begun.remote.refs()
    made = begun.person.resolve()

    record = begun.go_on()

    assert (record.outcome, record.promotion.target_after) == (Outcome.PROMOTED, made)
    assert begun.remote.refs() == before | {STAGING: made}
    assert begun.parents() == [before[STAGING], before[MAIN]]
    assert not begun.bench.path.exists()
    assert begun.shop.run().outcome is Outcome.PROMOTED


def test_a_dry_run_of_the_persons_merge_shows_it_and_keeps_the_work_tree(begun):
    made, before = begun.person.resolve(), begun.remote.refs()
    record = begun.go_on(effect=Effect.DRY_RUN)
    assert [(line.ref, line.new) for line in record.updates] == [(STAGING, made)]
    assert record.action == "Run again without --dry-run to push it."
    assert begun.remote.refs() == before
    assert begun.bench.path.exists()


@pytest.mark.parametrize(
    ("act", "words", "advice"),
    [
        (lambda _: None, "Still in conflict: count.txt", "edit, `git add` and `git commit`;"),
        (lambda person: person.git("add", "--all"), "not committed yet", "edit, `git add` and `git commit`;"),
        (
            lambda person: person.resolve(content="<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> main\n"),
            "conflict markers",
            "`git commit --amend`",
        ),
        (lambda person: person.git("merge", "--abort"), "is not the merge of", "`git reset --hard origin/staging`"),
        (
            lambda person: (person.resolve(), person.git("commit", "--allow-empty", "-m", "more")),
            "is not the merge of",
            "`git reset --hard origin/staging`",
        ),
        (
            lambda person: (
                person.resolve(),
                person.git("reset", "--soft", "origin/staging"),
                person.git("commit", "-m", "squashed"),
            ),
            "is not the merge of",
            "`git reset --hard origin/staging`",
        ),
        (
            lambda person: (person.git("merge", "--abort"), person.git("merge", "-s", "ours", "staging~1")),
            "is not the",
            "`git reset --hard origin/staging`",
        ),
    ],
)
def test_a_person_who_is_not_done_is_told_so_and_what_is_left_to_do(begun, act, words, advice):
    begun.person.git("branch", "staging", "origin/staging")
    before = begun.remote.refs()
    act(begun.person)

    record = begun.go_on()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "backport-unfinished")
    assert words in record.reason
    assert str(begun.bench.path) in record.action
    assert advice in record.action
    assert "promote backport --continue" in record.action
    assert begun.remote.refs() == before
    assert begun.bench.begun() is not None


def test_a_merge_the_wrong_way_round_is_refused(begun):
    person = begun.person
    person.git("merge", "--abort")
    person.git("checkout", "--quiet", "--detach", "origin/main")
    person.git("merge", "origin/staging", check=False)
    person.resolve()
    assert begun.go_on().reason_code == "backport-unfinished"


def test_asking_again_keeps_what_the_person_has_done_so_far(back):
    back.clash()
    first = back.run()
    back.person.write("count.txt", "half done\n")
    again = back.run()
    assert (again.reason_code, again.action) == (first.reason_code, first.action)
    assert (back.person.tree / "count.txt").read_text() == "half done\n"
    assert back.bench.begun().run_id == first.run_id


def test_asking_again_after_the_commit_says_that_only_the_end_is_left(begun):
    begun.person.resolve()
    record = begun.run()
    assert record.reason_code == "merge-conflict"
    assert record.action.startswith(f"It was committed in {begun.bench.path}: run `promote backport --continue`")
    assert begun.go_on().outcome is Outcome.PROMOTED


def test_a_person_who_pushed_the_merge_by_hand_is_done(begun):
    begun.person.resolve()
    begun.person.git("push", "--quiet", "origin", "HEAD:refs/heads/staging")
    before = begun.remote.refs()

    record = begun.go_on()

    assert (record.outcome, record.reason_code) == (Outcome.UP_TO_DATE, "up-to-date")
    assert "work tree" in record.reason
    assert not begun.bench.path.exists()
    assert begun.remote.refs() == before
    assert begun.go_on().outcome is Outcome.UP_TO_DATE


def test_a_dry_run_takes_no_work_tree_away(begun):
    begun.person.resolve()
    begun.person.git("push", "--quiet", "origin", "HEAD:refs/heads/staging")
    assert begun.go_on(effect=Effect.DRY_RUN).outcome is Outcome.UP_TO_DATE
    assert begun.bench.begun() is not None


def test_staging_that_moved_since_keeps_the_work_tree_and_says_how_to_go_on(begun):
    begun.person.resolve()
    begun.remote.commit("staging", "feat: more", files={"more.txt": "more\n"})
    before = begun.remote.refs()

    record = begun.go_on()

    assert (record.outcome, record.reason_code) == (Outcome.REFUSED, "source-moved")
    assert begun.remote.refs() == before
    assert begun.bench.begun() is not None
    assert "git fetch" in record.action


def moved(begun):
    begun.remote.commit("staging", "feat: more", files={"more.txt": "more\n"})


def squashed(begun):
    begun.person.git("reset", "--soft", "origin/staging")
    begun.person.git("commit", "-m", "squashed")


@pytest.mark.parametrize("happened", [moved, squashed])
def test_the_advice_to_merge_anew_leads_to_the_end_without_resolving_anything_twice(begun, happened):
    begun.person.resolve(content="decided\n")
    happened(begun)
    assert "`git merge origin/main`, `git add --all`, `git commit`" in begun.go_on().action
    person = begun.person
    person.git("fetch", "--quiet")
    person.git("reset", "--quiet", "--hard", "origin/staging")
    person.git("merge", "--quiet", "origin/main", check=False)
    assert (person.tree / "count.txt").read_text() == "decided\n"
    person.git("add", "--all")
    person.git("commit", "--quiet", "--no-edit")

    assert begun.go_on().outcome is Outcome.PROMOTED
    assert begun.contains_main()


def test_a_merge_begun_on_older_tips_is_not_thrown_away(back):
    back.clash()
    first = back.run()
    back.remote.commit("staging", "feat: more", files={"more.txt": "more\n"})
    record = back.run()
    assert record.reason_code == "merge-conflict"
    assert "git reset" in record.action
    assert back.bench.begun().run_id == first.run_id


def test_main_that_moved_on_after_the_person_finished_by_hand_is_merged_as_ever(begun):
    begun.person.resolve()
    begun.person.git("push", "--quiet", "origin", "HEAD:refs/heads/staging")
    begun.remote.commit("main", "fix: another", files={"another.txt": "x\n"})

    assert begun.go_on().outcome is Outcome.PROMOTED
    assert begun.contains_main()
    assert not begun.bench.path.exists()


def test_main_that_moved_on_meanwhile_does_not_devalue_the_persons_merge(begun):
    made = begun.person.resolve()
    begun.remote.commit("main", "fix: another", files={"another.txt": "x\n"})

    assert begun.go_on().promotion.target_after == made
    assert begun.run().outcome is Outcome.PROMOTED
    assert begun.contains_main()


def test_nothing_begun_is_nothing_to_continue(back):
    back.clash()
    assert "promote backport" in misused(back.shop, back.go_on).action


def test_what_is_continued_is_what_was_begun_whatever_branches_are_configured(back):
    back.remote.branch("maintained", back.remote.sha(STAGING))
    back.clash()
    back.run(into="maintained")
    made = back.person.resolve()
    assert back.go_on().outcome is Outcome.PROMOTED
    assert back.remote.sha("refs/heads/maintained") == made


def test_one_merge_waits_at_a_time(back):
    back.remote.branch("maintained", back.remote.sha(STAGING))
    back.clash()
    back.run(into="maintained")
    record = back.run()
    assert record.reason_code == "merge-conflict"
    assert "main into maintained" in record.action
    assert back.bench.begun().merge.into.branch == "maintained"


def test_the_end_of_one_merge_leaves_the_work_tree_of_another_alone(back):
    back.remote.branch("maintained", back.remote.sha(STAGING))
    back.clash()
    back.run(into="maintained")
    back.remote.set(STAGING, back.remote.sha(MAIN))
    assert back.run().outcome is Outcome.UP_TO_DATE
    assert back.bench.begun() is not None


def test_giving_up_removes_the_work_tree_once(begun):
    lock = begun.shop.tools().lock
    assert abort(lock, begun.bench)
    assert not begun.bench.path.parent.exists()
    assert not abort(lock, begun.bench)
    assert begun.run().reason_code == "merge-conflict"
    assert begun.bench.path.exists()


def test_giving_up_waits_for_no_run_that_is_under_way(back):
    lock = back.shop.tools().lock
    with lock.hold(), pytest.raises(BotError) as error:
        abort(lock, back.bench)
    assert error.value.reason is Reason.LOCKED


def test_a_conflict_is_told_also_where_no_work_tree_can_be_made(back):
    back.clash()
    back.bench = Instead(back.bench, begin=broken(Reason.DISK_FULL), path=back.bench.path)
    record = back.run()
    assert record.reason_code == "merge-conflict"
    assert record.action.startswith("Merge it by hand")


# --- crashes


def test_a_push_of_which_nobody_heard_is_settled_by_the_next_run(back):
    back.diverge()
    with pytest.raises(Killed):
        back.run(repository=Instead(back.shop.repository, read_back=raising(Killed())))
    killed = back.shop.runs.run_ids()[-1]

    assert back.run().outcome is Outcome.UP_TO_DATE

    settled = back.shop.runs.load(killed)
    assert settled.outcome is Outcome.PROMOTED
    assert settled.promotion.target_after == back.remote.sha(STAGING)
    assert " as ;" not in settled.reason
    assert back.shop.runs.unfinished() == ()


def test_a_push_that_never_arrived_is_settled_as_nothing(back):
    back.diverge()
    before = back.remote.refs()
    record = back.run(repository=Instead(back.shop.repository, push=unanswered))
    assert record.reason_code == "push-unknown"
    assert back.remote.refs() == before
    assert back.run().outcome is Outcome.PROMOTED
    assert back.shop.runs.load(record.run_id).outcome is Outcome.ERROR


def test_what_git_calls_a_success_is_none_before_it_was_read_back(back):
    back.diverge()
    landed = PushReport(PushOutcome.LANDED, (), "")
    record = back.run(repository=Instead(back.shop.repository, push=lambda *_: landed))
    assert record.outcome in (Outcome.ERROR, Outcome.REFUSED)
    assert not back.contains_main()
