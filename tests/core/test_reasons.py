"""Every reason is one that something can end with."""

import re
from pathlib import Path

import pytest

import bot
from bot.core.reasons import Reason

FOLDER = Path(bot.__file__).parent
PROGRAM = "".join(path.read_text() for path in FOLDER.rglob("*.py") if path != FOLDER / "core" / "reasons.py")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_given_by_something(reason):
    assert re.search(rf"\bReason\.{reason.name}\b", PROGRAM)


@pytest.mark.parametrize("reason", Reason)
def test_a_code_means_its_reason(reason):
    assert Reason.of(reason.code) is reason
