"""How the demo talks: scenes, commands and outputs on the terminal, and the configuration it shows them with."""

import json
import re
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, TextIO

from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from bot.core.reasons import Exit

_CHECKOUT: Final = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
_FAULT: Final = "a night ended otherwise than it must, see above: the demo found a fault"
_BUSY: Final = "this machine was too busy to measure well; play it again while nothing else runs here"
_WHY: Final = {Exit.INVALID: _BUSY, Exit.INCONCLUSIVE: _BUSY}


class Stage:
    """Words of the demo, on one console."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def stdout(self) -> TextIO | None:
        """Where commands print that are to be read among these words; None: on stdout, as ever."""
        return sys.stderr if self._console.stderr else None

    def scene(self, title: str, commits: Sequence[str]) -> None:
        """A new night, and the commits it is about."""
        self._console.print()
        self._console.print(Rule(Text(title, style="bold"), align="left"))
        for line in commits:
            self._console.print(Text(f"  {line}", style="dim"))

    def command(self, words: Sequence[str]) -> None:
        """A command as a person would type it."""
        self._console.print(Text(f"$ {' '.join(words)}", style="bold cyan"))

    def moral(self, ended: int, expected: int, moral: str) -> None:
        """How the night ended, held against how it had to."""
        if ended == expected:
            self._console.print(Text(f"=> exit {ended}: {moral}", style="bold"))
        else:
            self._console.print(Text(f"=> exit {ended}, expected {int(expected)}", style="bold red"))

    def output(self, command: str, text: str) -> None:
        """What a command printed."""
        self._console.print()
        self._console.print(Panel(Text(text), title=Text(f"$ {command}"), title_align="left"))

    def reports(self, folder: Path) -> None:
        """Where the reports of all nights lie."""
        self._console.print()
        self._console.print(Text("The reports of these nights:", style="bold"))
        for path in sorted(folder.glob(".promotion/runs/*/report.html")):
            self._console.print(Text(f"  {path}"), soft_wrap=True)

    def ending(self, ends: Exit) -> None:
        """What to make of a demo that did not end well; nothing where it did."""
        if ends is not Exit.OK:
            self._console.print()
            self._console.print(Text(f"=> exit {int(ends)}: {_WHY.get(ends, _FAULT)}.", style="bold red"))

    def configuration(self, folder: Path, url: str, remote: Path) -> Path:
        """Write the bundled demo configuration for this service and remote."""
        text = _set(_set(_bundled(), "url", url), "remote", str(remote))
        path = folder / "promotion.toml"
        path.write_text(text)
        return path


def _set(text: str, key: str, value: str) -> str:
    """The file with another value for that key, which it has once; JSON's strings are TOML's."""
    return re.sub(rf"^{key} = .*$", lambda _: f"{key} = {json.dumps(value)}", text, flags=re.MULTILINE)


def _bundled() -> str:
    """The demo configuration: from the checkout, or from the installed wheel."""
    if _CHECKOUT.exists():
        return _CHECKOUT.read_text()
    return files("bot.demo").joinpath("demo.toml").read_text()
