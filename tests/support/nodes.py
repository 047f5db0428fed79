"""Where the packages from npm are that some tests use, and whether they are there."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import pytest

MODULES: Final = Path(sys.prefix) / "node" / "node_modules"
NODE: Final = shutil.which("node")


def needs_package(name: str) -> pytest.MarkDecorator:
    """Left out where that package is not installed; never on a build machine."""
    is_there = NODE is not None and (MODULES / name).is_dir()
    return pytest.mark.skipif(not is_there and "CI" not in os.environ, reason=f"the npm package {name} is not here")
