"""report.md: the answer before the appendix, whatever the record holds, and nothing foreign acts as Markdown."""

import dataclasses

import pytest
from support.extremes import HOSTILE, crowded, hostile, with_text_everywhere
from support.records import (
    SAMPLES,
    aborted,
    blocked_leak,
    blocked_slow,
    changed,
    closed,
    distributed,
    extended,
    inconclusive,
    refused,
    weak_generator,
    with_history,
)
from support.snapshots import check_snapshot

from bot.core.record import Outcome
from bot.render.markdown import render_markdown


def first_screen(text):
    return text.split("## Appendix")[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_run_reads_as_its_snapshot(name):
    check_snapshot(f"report-{name}.md", render_markdown(SAMPLES[name]()))


@pytest.mark.parametrize("make", [*SAMPLES.values(), crowded, hostile])
def test_the_answer_stays_within_sixty_lines_before_the_appendix(make):
    assert first_screen(render_markdown(make())).count("\n") <= 60


def test_even_a_crowded_report_can_be_posted_as_an_issue():
    assert len(render_markdown(crowded())) < 65_536


def test_a_blocked_night_says_what_by_how_much_since_when_who_where_and_what_next():
    text = first_screen(render_markdown(blocked_slow()))
    for said in (
        "# Blocked: 1 of 14 checks failed; main was not moved.",
        "1.15× the limit",  # noqa: RUF001 - as the report says it
        "**Since** 2026-11-19 02:00 UTC (3 bad runs, this one included)",
        "`1c9e5a77d04b`",
        "6 commits by Ada Okafor (2)",
        "perf(search): read the index in one query",
        "`load-1k.hlog`",
        "**Next:** Push a fix to the source branch",
    ):
        assert said in text


def test_only_ten_suspects_are_named_and_the_rest_counted():
    text = first_screen(render_markdown(blocked_leak()))
    assert text.count("\n- `") == 10
    assert "- and 16 more" in text


def test_a_run_without_proof_of_the_commit_says_so_in_the_first_screen():
    assert "Nothing proves which commit staging ran" in first_screen(render_markdown(inconclusive()))


def test_a_refused_run_shows_no_empty_tables():
    text = render_markdown(refused())
    assert "## Checks" not in text
    assert "Nothing was measured." in text


def test_foreign_text_makes_no_markup_mention_link_or_template_code():
    text = render_markdown(hostile())
    for forbidden in ("@everyone", "[link](", "![", "\n#1", "\x1b", "\u202e", "\x00", "\nline"):
        assert forbidden not in text
    assert " 49 " not in text
    assert text.replace("\\<", "").count("<") == 0


def test_every_table_row_has_as_many_cells_as_its_head():
    for make in (*SAMPLES.values(), hostile, crowded):
        assert_tables_are_whole(render_markdown(make()))


def assert_tables_are_whole(text):
    cells = None
    for row in text.splitlines():
        if not row.startswith("|"):
            cells = None
            continue
        count = row.replace("\\|", "").count("|")
        cells = cells or count
        assert count == cells, row


def test_the_same_record_gives_the_same_bytes():
    assert render_markdown(blocked_leak()) == render_markdown(blocked_leak())


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_words_even_where_facts_are_missing(outcome):
    bare = dataclasses.replace(refused(), outcome=outcome, candidate=None, plan=None, trouble=None, timings=())
    assert render_markdown(bare).startswith("# ")


def test_hostile_text_is_shown_rather_than_hidden():
    assert "javascript" in HOSTILE
    assert "javascript" in render_markdown(hostile())


def test_what_the_command_line_changed_is_said_on_the_first_screen():
    said = (
        "This run was changed on the command line: only scenario load-1k of 3: soak, load-64k skipped; "
        "rate 50/s instead of 1000/s in load-1k."
    )
    assert said in first_screen(render_markdown(changed()))


def everything_at_once():
    """A crowded night on its second attempt, changed by hand, unproved, of more scenarios than are named."""
    record = crowded()
    taken = dataclasses.replace(record.evidence, proof=False, scenarios=aborted().evidence.scenarios * 6)
    plan = dataclasses.replace(record.plan, changed=changed().plan.changed)
    return dataclasses.replace(record, evidence=taken, plan=plan, attempts=extended().attempts)


def test_even_everything_at_once_leaves_the_answer_within_sixty_lines():
    text = first_screen(render_markdown(everything_at_once()))
    assert text.count("\n") <= 60
    for said in ("Nothing proves", "attempt 1: invalid", "and 8 more scenarios", "more remarks in the appendix"):
        assert said in text


def test_the_first_screen_tells_a_slow_service_from_a_weak_generator():
    assert "- **Slow service**, load-1k: service time p99 2.53 s" in first_screen(render_markdown(blocked_slow()))
    weak = first_screen(render_markdown(weak_generator()))
    assert "- **Weak generator**, load-1k: lateness p99 250 ms" in weak


def test_the_first_screen_says_that_a_closed_model_may_hide_stalls():
    assert "Stalls may be hidden (coordinated omission)." in first_screen(render_markdown(closed()))


def test_every_attempt_is_listed_with_its_reason_and_its_folder():
    text = render_markdown(extended())
    assert "Measured 2 times: attempt 1: invalid (load-1k: main waited.); attempt 2: pass." in first_screen(text)
    assert "| 1 | 2026-11-21 02:00 UTC | invalid | 4 INVALID | load-1k: main waited. | attempt-1 |" in text


def test_a_baseline_has_its_column_and_every_check_its_reason():
    text = render_markdown(with_history())
    assert "| Samples | Baseline | Last release |" in first_screen(text)
    assert "| 23.8ms |" in first_screen(text)
    assert "### Why" in text
    assert "Baseline" not in first_screen(render_markdown(blocked_slow()))


def test_the_limits_of_the_generator_are_shown_with_what_was_observed():
    text = render_markdown(distributed())
    assert "| limit | \\<= 90 % |" in text
    assert "| 10.0.0.7:worker-3 |" in text.replace("\\", "").replace("&#x200b;", "")
    assert "was lost after 97 s" in text


@pytest.mark.parametrize("name", SAMPLES)
def test_no_kind_of_run_lets_foreign_text_act(name):
    text = render_markdown(with_text_everywhere(SAMPLES[name](), HOSTILE))
    for forbidden in ("@everyone", "[link](", "![", "\n#1", "\x1b", "\u202e", "\x00", "\nline"):
        assert forbidden not in text
    assert text.replace("\\<", "").count("<") == 0
    assert_tables_are_whole(text)
