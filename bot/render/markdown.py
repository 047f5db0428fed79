"""The report for issues and job summaries: the whole answer in the first screen, the rest in an appendix."""

from typing import Final

from bot.core.record import RunRecord
from bot.render.templating import markdown_environment
from bot.render.view import build_view
from bot.render.words import ALL_ENDPOINTS

# Together with ten suspects these keep everything before the appendix under sixty lines, whatever the record holds.
MOST_FAILING: Final = 6
MOST_CHECKS: Final = 15
# An issue on GitHub holds 65,536 characters: an appendix must not be what makes a report impossible to post.
MOST_IN_APPENDIX: Final = 100


def render_markdown(record: RunRecord) -> str:
    """The whole report as GitHub-flavoured Markdown, with a newline at its end."""
    template = markdown_environment().get_template("report.md.j2")
    return template.render(
        view=build_view(record),
        all_endpoints=ALL_ENDPOINTS,
        most_failing=MOST_FAILING,
        most_checks=MOST_CHECKS,
        most_more=MOST_IN_APPENDIX,
    )
