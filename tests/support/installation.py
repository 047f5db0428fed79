"""A configuration file with a state directory of its own, and commands run on it in this process."""

import contextlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

from bot.cli import wiring
from bot.cli.context import Context
from bot.cli.main import promote

CONFIG = """
[repository]
remote = "https://git.example/acme/shop.git"

[staging]
url = "http://127.0.0.1:9"

[[scenario]]
name = "load-1k"
locustfile = "loadtests/payload.py"
rate = 10
duration = "2s"
[scenario.slo]
error_rate = "< 2%"

[state]
dir = "{state}"
"""


@dataclass
class Installation:
    """Where the bot is installed, as commands see it."""

    folder: Path
    extra: str = ""

    def __post_init__(self) -> None:
        self.config.write_text(CONFIG.format(state=self.state) + self.extra)

    @property
    def config(self) -> Path:
        return self.folder / "promotion.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def settings(self):
        return wiring.settings(Context(config=self.config))

    def remember(self, *records) -> None:
        """Put runs into the history and their folders, as nights would."""
        history, store = wiring.history(self.settings), wiring.run_store(self.settings)
        for record in (replace(each, repository=wiring.repository_facts(self.settings)) for each in records):
            store.create(record.run_id)
            store.save(record)
            history.add(record)
        history.close()

    def run(self, *args: str) -> str:
        """What a command prints on stdout; its errors are raised."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            promote.main(["--config", str(self.config), *args], prog_name="promote", standalone_mode=False)
        return out.getvalue()
