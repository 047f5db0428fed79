"""The report for issues and job summaries: the whole answer in the first screen, the rest in an appendix."""

from typing import Final

from bot.core.record import RunRecord
from bot.render.scenario_view import GENERATOR_SIGNS
from bot.render.templating import markdown_environment
from bot.render.view import ReportView, build_view
from bot.render.words import ABSENT, ALL_ENDPOINTS

# Lines before the appendix. Together with ten suspects these fit, whatever the record holds.
FIRST_SCREEN: Final = 60
APPENDIX: Final = "## Appendix\n"
MOST_FAILING: Final = 6
MOST_CHECKS: Final = 15
MOST_SCENARIOS: Final = 4
MOST_NOTICES: Final = 30
MOST_NOTED: Final = 2
MOST_REQUIRED: Final = 4
MOST_REASONS: Final = 40
# An issue on GitHub holds 65,536 characters: an appendix must not be what makes a report impossible to post.
MOST_IN_APPENDIX: Final = 100


def render_markdown(record: RunRecord) -> str:
    """The whole report as GitHub-flavoured Markdown, with a newline at its end."""
    view = build_view(record)
    text = _rendered(view, MOST_CHECKS)
    excess = text.partition(APPENDIX)[0].count("\n") - FIRST_SCREEN
    # Only checks can make room: they all stand in the appendix as well, and what failed stands above them.
    return _rendered(view, max(0, MOST_CHECKS - excess)) if excess > 0 else text


def _rendered(view: ReportView, most_checks: int) -> str:
    return (
        markdown_environment()
        .get_template("report.md.j2")
        .render(
            view=view,
            all_endpoints=ALL_ENDPOINTS,
            most_failing=MOST_FAILING,
            most_checks=most_checks,
            most_more=MOST_IN_APPENDIX,
            most_notices=MOST_NOTICES,
            most_noted=MOST_NOTED,
            most_required=MOST_REQUIRED,
            most_scenarios=MOST_SCENARIOS,
            most_reasons=MOST_REASONS,
            absent=ABSENT,
            signs=GENERATOR_SIGNS,
        )
    )
