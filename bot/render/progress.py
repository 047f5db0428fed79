"""Progress while a scenario runs: a live panel on a terminal, a plain line now and then elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.core.evidence import ScenarioEvidence
from bot.core.limits import Limit
from bot.core.loadplan import LoadPlan, ScenarioPlan
from bot.core.units import format_size, format_value
from bot.render.figures import lasted
from bot.render.pulse import Line, Pulse
from bot.render.terminal import speakable
from bot.render.text import NAME, SENTENCE, SUBJECT, line
from bot.render.words import ABSENT, counted, load_words

_BAR: Final = 28
_HEARTBEAT: Final = 30.0
# The step that flows use for what went wrong without ending the run.
WARNING: Final = "warning"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number of the panel; `held` is None where there is no limit to hold."""

    name: str
    value: str
    held: bool | None = None


def gauges(pulse: Pulse) -> Iterator[Gauge]:
    """What is shown of a running scenario, in order."""
    planned = pulse.planned_rate
    sent = ABSENT if pulse.rate is None else f"{pulse.rate:,.0f}/s"
    yield Gauge("sent", sent if planned is None else f"{sent} of {planned:,.0f}/s")
    errors = f"{pulse.failed:,}"
    if pulse.error_rate is not None:
        errors += f" ({format_value('error_rate', pulse.error_rate)}{_limit(pulse, 'error_rate')})"
    yield Gauge("errors", errors, _held(pulse.limit("error_rate"), pulse.error_rate))
    p95 = ABSENT if pulse.p95 is None else format_value("p95", pulse.p95) + _limit(pulse, "p95")
    yield Gauge("p95, worst of 5 s", p95, _held(pulse.limit("p95"), pulse.p95))
    if pulse.late:
        yield Gauge("late", f"{pulse.late:,}", held=False)
    if pulse.strain:
        process, sign = pulse.strain
        value = f"{line(process, NAME)}: {sign.name} {sign.observed}, limit {sign.most}"
        yield Gauge("generator", value, held=False)
    for probe, memory in pulse.memory.items():
        yield Gauge(f"memory {line(probe, NAME)}", format_size(memory))
    for probe, share in pulse.cpu.items():
        value = format_value("cpu", share) + _limit(pulse, "cpu")
        yield Gauge(f"CPU {line(probe, NAME)}", value, _held(pulse.limit("cpu"), share))


def _limit(pulse: Pulse, key: str) -> str:
    limit = pulse.limit(key)
    return f", limit {line(limit.text, NAME)}" if limit else ""


def _held(limit: Limit | None, value: float | None) -> bool | None:
    return None if limit is None or value is None else limit.holds(value)


def _where(pulse: Pulse) -> str:
    if pulse.phase in ("measured", "drain"):
        return f"{lasted(pulse.elapsed)} of {lasted(pulse.duration)}"
    return line(pulse.phase, NAME)


def _ended(evidence: ScenarioEvidence) -> str:
    ok, failed = (sum(getattr(row, name) for row in evidence.endpoints) for name in ("ok", "failed"))
    told = f"{line(evidence.plan.name, NAME)}: {evidence.ending.value} after {lasted(evidence.measured)}"
    return f"{told}, {counted(ok + failed, 'request')}, {failed:,} failed"


class TerminalProgress:
    """A watcher for a terminal: one live panel per scenario, redrawn with each line, gone when the scenario ends.

    Nothing runs in the background, so nothing is left over after an exception; `close` gives the screen back.
    """

    def __init__(self, console: Console, plan: LoadPlan | None = None) -> None:
        self._console = console
        self._of = len(plan.scenarios) if plan else 0
        self._live: Live | None = None
        self._pulse: Pulse | None = None
        self._title = ""

    def __enter__(self) -> Self:
        """Use it in a `with`, so that the terminal is given back whatever happens."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back."""
        self.close()

    def scenario_started(self, plan: ScenarioPlan, number: int, of: int) -> None:
        """Open the panel of a scenario."""
        self.close()
        self._pulse = Pulse(plan)
        self._title = f"[{number}/{of or self._of}] {line(plan.name, NAME)} · {load_words(plan)}"
        # Nothing global is changed (streams, cursor): whoever is interrupted in the middle leaves a sane terminal.
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        self._console.show_cursor()
        self._draw()

    def second(self, line: Line) -> None:
        """Fold the line in and redraw; what changes the course of the scenario is also said, in a line that stays."""
        if self._pulse is not None:
            self._pulse.take(line)
            for news in _news(self._pulse, line):
                self._say(news)
            self._draw()

    def scenario_ended(self, evidence: ScenarioEvidence) -> None:
        """Replace the panel by one line that stays."""
        self.close()
        self._say(_ended(evidence))

    def step(self, name: str, detail: str = "") -> None:
        """Say that a step of the run begins; a panel that was left open is ended."""
        self.close()
        self._say(_step(name, detail))

    def close(self) -> None:
        """End the panel, if one is open."""
        if self._live is not None:
            self._live.stop()
        self._live, self._pulse = None, None

    def _say(self, text: str) -> None:
        self._console.print(speakable(Text(text), self._console), highlight=False)

    def _draw(self) -> None:
        if self._live is not None and self._pulse is not None:
            self._live.update(self._panel(self._pulse), refresh=True)

    def _panel(self, pulse: Pulse) -> Group:
        head = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=max(pulse.duration, 1e-9), completed=pulse.elapsed, width=_BAR)
        head.add_row(bar, self._text(_where(pulse)))
        body = Table.grid(padding=(0, 2))
        for gauge in gauges(pulse):
            style = {True: "green", False: "bold red", None: ""}[gauge.held]
            beyond = " (beyond)" if gauge.held is False else ""
            body.add_row(self._text(f"  {gauge.name}", "dim"), self._text(gauge.value + beyond, style))
        notes = [self._text(f"  {text}", "yellow") for text in _notes(pulse)]
        return Group(self._text(self._title, "bold"), head, body, *notes)

    def _text(self, text: str, style: str = "") -> Text:
        return speakable(Text(text, style=style, overflow="ellipsis", no_wrap=True), self._console)


class HeartbeatProgress:
    """A watcher for logs: a line at each start, end and step, and one every `every` seconds of the lines' own time."""

    def __init__(self, stream: TextIO, every: float = _HEARTBEAT) -> None:
        self._stream = stream
        self._every = every
        self._pulse: Pulse | None = None
        self._last: float | None = None

    def close(self) -> None:
        """Nothing is held: every line was written whole."""

    def scenario_started(self, plan: ScenarioPlan, number: int, of: int) -> None:
        """Say which scenario begins."""
        self._pulse, self._last = Pulse(plan), None
        self._say(f"{line(plan.name, NAME)}: scenario {number} of {of}, {load_words(plan)}, {lasted(plan.duration)}")

    def second(self, line: Line) -> None:
        """Fold the line in; write a heartbeat when one is due."""
        if self._pulse is None:
            return
        self._pulse.take(line)
        for news in _news(self._pulse, line):
            self._say(news)
        if self._is_due(self._pulse.at):
            self._say(_heartbeat(self._pulse))

    def scenario_ended(self, evidence: ScenarioEvidence) -> None:
        """Say how the scenario ended."""
        self._pulse = None
        self._say(_ended(evidence))

    def step(self, name: str, detail: str = "") -> None:
        """Say that a step of the run begins."""
        self._say(_step(name, detail))

    def _is_due(self, at: float | None) -> bool:
        if at is None:
            return False
        if self._last is None:
            self._last = at
            return False
        # A clock that was set back begins a new count: it must not silence the rest of the run.
        due = at - self._last >= self._every or at < self._last - self._every
        self._last = at if due else self._last
        return due

    def _say(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
        self._stream.flush()


class QuietProgress(HeartbeatProgress):
    """A watcher for those who want to read only what did not go as it should."""

    def _say(self, text: str) -> None:
        """Progress is nothing that went wrong."""

    def step(self, name: str, detail: str = "") -> None:
        """Say a warning; any other step is progress."""
        if name == WARNING:
            super()._say(_step(name, detail))


def _heartbeat(pulse: Pulse) -> str:
    told = [f"{gauge.name} {gauge.value}{' BEYOND' if gauge.held is False else ''}" for gauge in gauges(pulse)]
    return f"{line(pulse.plan.name, NAME)}: {_where(pulse)}; {'; '.join([*told, *_notes(pulse)])}"


def _notes(pulse: Pulse) -> Iterator[str]:
    if pulse.staging:
        yield f"staging runs {line(pulse.staging, SUBJECT)}"
    if pulse.trouble:
        yield line(pulse.trouble, SENTENCE)


def _news(pulse: Pulse, told: Line) -> Iterator[str]:
    """What must not be lost among the numbers: that a scenario goes on, or that it is given up."""
    name = line(pulse.plan.name, NAME)
    match told.get("kind"):
        case "extended":
            yield f"{name}: undecided, so it goes on to {lasted(pulse.duration)}"
        case "aborted":
            yield f"{name}: stopped early: {line(str(told.get('words') or 'it can no longer pass'), SENTENCE)}"


def _step(name: str, detail: str) -> str:
    return f"{line(name, NAME)}: {line(detail)}" if detail else line(name, NAME)
