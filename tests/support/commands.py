"""The command line called in this process: cheap, and with everything that turns an ending into an exit code."""

import contextlib
import io
import shutil
import uuid
from pathlib import Path

import pytest
from support.night import MARK, Ended, World, survivors_of

from bot.cli.main import main


def call(*args: object) -> Ended:
    """Run `promote ARGS` here; what it printed and its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([str(arg) for arg in args])
    return Ended(ended.value.code, out.getvalue(), err.getvalue())


def here(night: World, *args: object) -> Ended:
    """`night.promote(...)` without a process of its own, for a fraction of its price; no child of it may be left."""
    mark = uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, mark)
        ended = call("--config", night.config, *args)
    survivors = survivors_of(mark)
    assert not survivors, survivors
    return ended


def copy_of(night: World, folder: Path) -> Path:
    """A copy of that world's state in a folder of its own, to be altered; returns its configuration file."""
    shutil.copytree(night.state, folder / "state")
    config = folder / "promotion.toml"
    config.write_text(night.config.read_text().replace(str(night.state), str(folder / "state")))
    return config
