"""The GitHub of the npm package `emulate`, an independent double: a process on loopback, for one block."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from support.canary import CANARY
from support.nodes import MODULES, NODE, needs_package

needs_emulate: Final = needs_package("emulate")
_LAUNCHER: Final = Path(__file__).with_suffix(".mjs")
_ENTRY: Final = MODULES / "emulate/dist/api.js"


@dataclass(frozen=True)
class Emulated:
    """Where it answers and who is known there; `api_url` has no path, `token` is that of a person who may write."""

    api_url: str
    full_name: str
    app_id: int
    installation_id: int
    token: str = field(repr=False)
    app_key: str = field(repr=False)


def _seed(owner: str, name: str, permissions: dict[str, str]) -> dict[str, Any]:
    app = {
        "app_id": 123456,
        "slug": "promotion-bot",
        "name": "promotion-bot",
        "permissions": permissions,
        "events": [],
        "installations": [{"installation_id": 4242, "account": owner, "repository_selection": "all"}],
    }
    repository = {"owner": owner, "name": name, "auto_init": True, "private": False}
    members = [{"login": "grace", "role": "admin"}]
    return {
        "tokens": {CANARY: {"login": "grace", "scopes": ["repo", "workflow", "admin:org"]}},
        "github": {
            "users": [{"login": "grace"}],
            "orgs": [{"login": owner, "name": owner, "members": members}],
            "repos": [repository],
            "apps": [app],
        },
    }


@contextlib.contextmanager
def emulated_github(permissions: dict[str, str], full_name: str = "acme/shop") -> Iterator[Emulated]:
    """A GitHub with one repository (one commit on `main`) and an App installed there; gone when the block ends."""
    owner, _, name = full_name.partition("/")
    assert NODE, "these tests need node"
    child = subprocess.Popen(
        [NODE, str(_LAUNCHER), str(_ENTRY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        # The seed holds a token: it goes by stdin, and the child ends when that closes, whatever becomes of us.
        child.stdin.write(json.dumps(_seed(owner, name, permissions)).encode() + b"\n")
        child.stdin.flush()
        line = child.stdout.readline()
        assert line, child.stderr.read().decode(errors="replace")
        said = json.loads(line)
        (key,) = (one["value"] for one in said["secrets"])
        yield Emulated(said["url"], full_name, 123456, 4242, CANARY, key)
    finally:
        child.kill()
        child.communicate(timeout=10)
