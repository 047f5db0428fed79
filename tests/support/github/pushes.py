"""The same rules for what git pushes: a hook of the real repository asks the hub, and says no in GitHub's words."""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from support.github import enforcement, gitdata
from support.github.access import Caller
from support.github.answers import Answer, Refused

if TYPE_CHECKING:
    from support.github.hub import Hub

PATH: Final = "/guard"
_ASK: Final = """
import sys, urllib.parse, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
query = urllib.parse.urlencode(dict(zip(("ref", "old", "new"), sys.argv[2:])))
words = opener.open(sys.argv[1] + "?" + query, timeout=30).read().decode()
sys.stderr.write(words)
sys.exit(bool(words))
"""


def guard(hub: "Hub") -> None:
    """Install the hook; git asks it for each ref."""
    (hub.remote.path / "guard.py").write_text(_ASK)
    script = hub.remote.path / "guard.py"
    hub.remote.hook("update", f'exec {sys.executable} -S {script} "{hub.web_url}/api{PATH}" "$1" "$2" "$3"\n')


def judged(hub: "Hub", query: Mapping[str, str]) -> Answer:
    """The words that whoever pushes is to read; none when the ref may move."""
    return Answer(200, "".join(f"error: {line}\n" for line in _words(hub, query)).encode())


def _words(hub: "Hub", query: Mapping[str, str]) -> Iterator[str]:
    ref = query["ref"]
    old, new = (None if set(query[name]) == {"0"} else query[name] for name in ("old", "new"))
    # What is only about to arrive is not in the repository yet: only rules that need not look at it apply.
    if new is not None and gitdata.kind_of(hub.remote, new) is None:
        return
    who = Caller(hub.access.tokens[hub.token])
    try:
        enforcement.check_workflows(hub, who, old, new)
    except Refused:
        yield "refusing to allow a GitHub App to create or update workflow without `workflows` permission"
    rules = enforcement.broken_rules(hub, who, ref, old, new)
    if rules:
        yield from (f"GH013: Repository rule violations found for {ref}.", *(f"- {one}" for one in rules))
    protection = enforcement.broken_protection(hub, who, ref, old, new)
    if protection:
        yield from (f"GH006: Protected branch update failed for {ref}.", *protection)
