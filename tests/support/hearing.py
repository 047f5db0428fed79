"""What a host has heard once every flow is at its end: all that the ledger holds, and nothing too often."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.auditor import audit
from support.fakehost import HERALD, FakeHost
from support.fakes import Shop

# A run says of its candidate that it is measured, that it is judged, and how it ended; everything else it says once.
_WORDS = {"status": 3}


def on_host(shop: Shop) -> dict[str, Any]:
    """The tools by which that shop speaks to the host beside it."""
    return {"host": FakeHost(shop.folder), "herald": HERALD}


def heard_wrongly(world: Path, crashes: int, blocked: tuple[str, ...] = ()) -> Iterator[str]:
    """What the host beside that world's remote does not show, or was told too often for so many crashes.

    `blocked` are the branches about which an issue should be open, one each.
    """
    state = FakeHost(world).state
    entries = [entry.line for entry in audit(world / "remote.git").entries]
    released = sorted([entry["sha"], entry["tag"]] for entry in entries)
    if sorted([one["sha"], tag] for tag, one in state["releases"].items()) != released:
        yield f"the host shows the releases {sorted(state['releases'])}, and the ledger {released}"
    if sorted(state["deployments"]) != released:
        yield f"the host shows the deployments {state['deployments']}, and the ledger {released}"
    if state["latest"] != max(tag for _, tag in released):
        yield f"the host calls {state['latest']} the latest release"
    yield from (f"{sha} stays pending" for sha, said in state["statuses"].items() if said[-1][0] == "pending")
    open_issues = tuple(one["branch"] for one in state["issues"] if one["open"])
    if open_issues != blocked:
        yield f"open are issues about {open_issues}, not {blocked}"
    for what, count in state["asked"].items():
        if count > _WORDS.get(what.partition(" ")[0], 1) + crashes:
            yield f"{what}: said {count} times"
