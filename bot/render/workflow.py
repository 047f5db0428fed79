"""What a run hands to the GitHub workflow around it: outputs for later steps, and the summary of the job."""

from collections.abc import Iterator
from typing import Final

from bot.core.record import RunRecord
from bot.core.text import plain
from bot.render.markdown import APPENDIX, render_markdown

# A summary over 1 MiB is dropped whole; what other commands of the same step write has to fit as well.
SUMMARY_BYTES: Final = 512 * 1024
_CUT: Final = "\n*The rest stands in the report; a job's summary has no room for it.*\n"


def outputs(record: RunRecord, folder: str) -> Iterator[tuple[str, str]]:
    """Names and values, each one line: what happened, to which commit, and where to read on; empty where unknown."""
    release = next((each.url for each in record.announced if each.what == "release" and each.url), None)
    values = {
        "outcome": record.outcome.value,
        "reason-code": record.reason_code,
        "run-id": record.run_id,
        "sha": record.candidate.sha if record.candidate else "",
        "tag": record.tag,
        "release-url": release or "",
        "report": f"{folder}/report.html",
    }
    return ((name, plain(value, len(value) + 1)) for name, value in values.items())


def summary(record: RunRecord) -> str:
    """The report in Markdown, cut at a line where the summary of a job would burst."""
    text = render_markdown(record)
    if _size(text) <= SUMMARY_BYTES:
        return text
    return _cut(text.partition(APPENDIX)[0])


def _cut(text: str) -> str:
    room = SUMMARY_BYTES - _size(_CUT)
    whole = text.encode()[:room].decode(errors="ignore")
    lines = whole if len(whole) == len(text) else whole[: whole.rfind("\n") + 1]
    return lines + _CUT


def _size(text: str) -> int:
    return len(text.encode())
