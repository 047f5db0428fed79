"""What a run says on its host and to the workflow around it, full of given texts: each judged by where it ends up."""

import dataclasses
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from support import heralds, inert
from support.records import promoted

from bot.adapters.workflow import Step
from bot.core.enrichment import Brought
from bot.core.hosting import Announced, Announcement, Blocked, CheckState, Pull, SeenCheck
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunRecord
from bot.core.required import examine_required, required
from bot.core.telling import Unsaid, unsaid_words
from bot.render.annotations import MOST_OF_A_KIND, render_annotations
from bot.render.markdown import render_markdown
from bot.render.workflow import outputs, summary

Give = Callable[[], str]
Key = tuple[str, int]
"""What is said, and the how manieth of its sort it is."""

_COMMAND: Final = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)").fullmatch
# As GitHub documents account names: no other text may become a mention.
_ACCOUNT: Final = re.compile(r"\(@[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}\)")


def on_host(record: RunRecord) -> RunRecord:
    """The record with checks of every state, what was and was not said, and a pull request for what it names."""
    named = record.trouble.suspects if record.trouble else record.candidate.commits if record.candidate else ()
    return dataclasses.replace(
        record,
        required_checks=tuple(
            SeenCheck("build", state, "word", "now", "https://host.example/x") for state in CheckState
        ),
        announced=(
            Announced("status", "https://host.example/x"),
            Announced("release", "https://host.example/x"),
            Announced("issue", None, "it was refused"),
        ),
        pulls=(Brought(Pull(7, "a title", ("bug", "api"), "ada", "a" * 40), tuple(one.sha for one in named)),),
    )


def addressed(record: RunRecord, address: Give) -> RunRecord:
    """The record with those addresses on its host."""
    checks = tuple(dataclasses.replace(one, url=address()) for one in record.required_checks)
    said = tuple(one if one.failure else dataclasses.replace(one, url=address()) for one in record.announced)
    return dataclasses.replace(record, required_checks=checks, announced=said)


def addresses(record: RunRecord) -> frozenset[str]:
    """What a page may link to because the host named it."""
    return frozenset(one.url or "" for one in (*record.required_checks, *record.announced))


@dataclass(frozen=True, eq=False)
class Harmless:
    """One run with harmless words, in two ways; how much structure its texts have is counted once."""

    records: tuple[RunRecord, RunRecord]

    @cached_property
    def most_said(self) -> tuple[dict[Key, Counter[str]], ...]:
        """The most structure that what it says comes to: as it ended, and where its checks ended it."""
        return tuple(_most(said, self.records) for said in _SAYINGS)


def judge_spoken(record: RunRecord, harmless: Harmless, give: Give) -> int:
    """All that this run says; `harmless` is the same one. Returns how many texts were judged."""
    return _judge_host(record, harmless) + _judge_workflow(record, give) + _judge_sentences(give)


def _judge_host(record: RunRecord, harmless: Harmless) -> int:
    judged = 0
    for saying, most in zip(_SAYINGS, harmless.most_said, strict=True):
        for key, said in _numbered(saying(record)).items():
            _judge_said(said, most.get(key))
            judged += 1
    return judged


def _judge_said(said: Announcement, most: Counter[str] | None) -> None:
    """As `heralds.judge` does; only issues have a chart, and any other fence is more structure than harmless words."""
    if isinstance(said, Blocked):
        heralds.judge(said, most)
        return
    for text, longest in heralds.lines_of(said):
        heralds.plain_line(text, longest)
    for text in heralds.pages_of(said):
        inert.markdown(text, most)
    heralds.sizes(said)


def _all(record: RunRecord) -> Iterable[Announcement]:
    return heralds.everything(record, notify=True)


def _end_by_checks(record: RunRecord) -> Iterable[Announcement]:
    """What is said of the same night where its checks ended it, before anything was measured."""
    if record.outcome is not Outcome.BLOCKED:
        return ()
    code = Reason.CHECKS_FAILED.code
    ended = dataclasses.replace(record, reason_code=code, verdict=None, evidence=None)
    return heralds.HostWords("production", notify_authors=True).ended(ended, "")


_SAYINGS: Final = (_all, _end_by_checks)


def _numbered(said: Iterable[Announcement]) -> dict[Key, Announcement]:
    """By what it is and the how manieth; mentions of accounts that the host named are taken out."""
    found: dict[Key, Announcement] = {}
    numbers: Counter[str] = Counter()
    for each in said:
        name = type(each).__name__
        numbers[name] += 1
        found[name, numbers[name]] = _unmentioned(each)
    return found


def _unmentioned(said: Announcement) -> Announcement:
    body = getattr(said, "body", None)
    return said if body is None else dataclasses.replace(said, body=_ACCOUNT.sub("", body))


def _most(
    saying: Callable[[RunRecord], Iterable[Announcement]], harmless: Iterable[RunRecord]
) -> dict[Key, Counter[str]]:
    """The most structure that harmless words come to, by what is said."""
    most: dict[Key, Counter[str]] = {}
    for record in harmless:
        for key, said in _numbered(saying(record)).items():
            most[key] = most.get(key, Counter[str]()) | heralds.shape(said)
    return most


def _judge_workflow(record: RunRecord, give: Give) -> int:
    lines = render_annotations(record)
    inert.no_controls(lines)
    kinds = Counter(_kind(line) for line in lines.splitlines())
    assert max(kinds.values()) <= MOST_OF_A_KIND
    _judge_outputs(record, give)
    # The report, which is judged as such.
    assert summary(record) == render_markdown(record)
    return 3


def _kind(line: str) -> str:
    found = _COMMAND(line)
    assert found, line
    # As the runner reads them: after that, it must be one line that commands nothing.
    for text in found.groups()[1:]:
        read = (
            text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
        )
        inert.no_controls(read, but="")
    return found[1]


def _judge_outputs(record: RunRecord, give: Give) -> None:
    """The file of a step, read as the runner reads it: the same names with whatever is in them, one line each."""
    with tempfile.TemporaryDirectory() as folder:
        step = Step(Path(folder) / "output", None)
        step.set_outputs(outputs(record, f"/state/{give()}"))
        text = step.outputs.read_text(encoding="utf-8") if step.outputs else ""
    names = _output_names()
    lines = text.split("\n")[:-1]
    assert len(lines) == 3 * len(names), text
    read = [(lines[at].partition("<<"), lines[at + 1], lines[at + 2]) for at in range(0, len(lines), 3)]
    assert [name for (name, _, _), _, _ in read] == names
    assert all(mark == end and mark not in value for (_, _, mark), value, end in read)
    inert.no_controls(text)


@cache
def _output_names() -> list[str]:
    return [name for name, _ in outputs(promoted(), "/state")]


def _judge_sentences(give: Give) -> int:
    """What is told of checks and of a host that did not listen: one line on a terminal, and in a reason."""
    names = (give(), give())
    seen = tuple(SeenCheck(name, CheckState.OTHER, give(), give(), give()) for name in names)
    refusal = examine_required(required((*names, give()), seen))
    assert refusal is not None
    for text in (
        refusal.sentence,
        unsaid_words([Unsaid("run-1", "status", Reason.HOST_FAILED, "It failed.")], "GitHub"),
    ):
        inert.no_controls(text, but="")
    return 2


def web_texts(give: Give) -> Iterator[str]:
    """Addresses as hosts may answer with: a given text, and one behind an ordinary beginning."""
    while True:
        yield give()
        yield f"https://host.example/{give()}"
