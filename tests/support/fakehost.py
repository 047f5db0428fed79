"""A host on disk that finds by natural key what was said before, fails on demand, and counts every call."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.fakes import Shop

from bot.core.hosting import (
    Announcement,
    Blocked,
    CheckState,
    Deployed,
    Mark,
    Publication,
    Releases,
    SeenCheck,
    Unblocked,
)
from bot.core.record import RunRecord
from bot.core.telling import key_of
from bot.errors import BotError, Reason
from bot.render.host import HostWords

HERALD = HostWords(environment="production", notify_authors=False)


def failing(reason: Reason = Reason.HOST_FAILED, *, applied: bool = False) -> Callable[..., None]:
    """A call that ends with that reason, done or not done."""

    def fail(do: Callable[[], object]) -> None:
        if applied:
            do()
        raise BotError(reason, "The host did not say what came of it.")

    return fail


@dataclass
class FakeHost:
    """What is on it is kept below `folder`, so that it outlives every process; `on_call` gets in the way of a call.

    `checks_said` are the answers to the question for checks, one after the other; the last one stays.
    """

    folder: Path
    on_call: Callable[[str, Callable[[], object]], object] = lambda _what, do: do()
    checks_said: list[dict[str, str] | BotError] = field(default_factory=lambda: [{}])
    # Why it does not show its releases.
    unseen: BotError | None = None
    asked: int = 0
    calls: list[str] = field(default_factory=list)

    name = "GitHub"

    @property
    def file(self) -> Path:
        return self.folder / "host.json"

    @property
    def state(self) -> dict[str, Any]:
        """What everybody sees there, and how often it was `asked` to write each thing, by its key and its run."""
        empty = {"statuses": {}, "deployments": [], "releases": {}, "issues": [], "latest": "", "asked": {}}
        return json.loads(self.file.read_text()) if self.file.exists() else empty

    def checks(self, sha: str) -> tuple[SeenCheck, ...]:
        del sha
        said = self.checks_said[min(self.asked, len(self.checks_said) - 1)]
        self.asked += 1
        if isinstance(said, BotError):
            raise said
        return tuple(_check(name, word) for name, word in said.items())

    def pulls(self, shas: Any) -> dict[str, Any]:
        del shas
        return {}

    def releases(self, most: int) -> Releases:
        if self.unseen is not None:
            raise self.unseen
        return Releases(tuple(self.state["releases"])[: 100 * most])

    def announce(self, what: Announcement, folder: Path) -> str | None:
        self.calls.append(what.what)
        found: list[str | None] = []
        self.on_call(what.what, lambda: found.append(self._apply(what, folder)))
        return found[-1]

    def forget_release(self, tag: str) -> None:
        """As if a person had deleted it."""
        state = self.state
        del state["releases"][tag]
        self._write(json.dumps(state))

    def _apply(self, what: Announcement, folder: Path) -> str | None:
        state = self.state
        url = _APPLY[type(what)](state, what, folder)
        _count(state["asked"], f"{' '.join(key_of(what))} {what.run_id}")
        self._write(json.dumps(state))
        return url

    def _write(self, text: str) -> None:
        """All of it or nothing: a host does not die with the run that speaks to it."""
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.replace(self.file)


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _mark(state: dict[str, Any], what: Mark, _folder: Path) -> str:
    said = state["statuses"].setdefault(what.sha, [])
    if said[-1:] != [[what.light, what.run_id]]:
        said.append([what.light, what.run_id])
    return f"https://host.example/commit/{what.sha}"


def _deploy(state: dict[str, Any], what: Deployed, _folder: Path) -> str:
    if [what.sha, what.tag] not in state["deployments"]:
        state["deployments"].append([what.sha, what.tag])
    return "https://host.example/deployments"


def _publish(state: dict[str, Any], what: Publication, folder: Path) -> str:
    assets = {each.name: (folder / each.name).exists() for each in what.assets if each.name != "report.html"}
    assert all(assets.values()), assets
    state["releases"].setdefault(what.tag, {"sha": what.sha, "latest": what.latest, "count": 0})["count"] += 1
    state["latest"] = what.tag if what.latest else state["latest"]
    return f"https://host.example/releases/{what.tag}"


def _block(state: dict[str, Any], what: Blocked, _folder: Path) -> str:
    opened = [each for each in state["issues"] if each["open"] and each["branch"] == what.branch]
    if not opened:
        state["issues"].append({"branch": what.branch, "open": True, "runs": []})
    issue = opened[0] if opened else state["issues"][-1]
    issue["runs"] = sorted({*issue["runs"], what.run_id})
    return "https://host.example/issues/1"


def _unblock(state: dict[str, Any], what: Unblocked, _folder: Path) -> str | None:
    for each in state["issues"]:
        if each["branch"] == what.branch:
            each["open"] = False
    return "https://host.example/issues/1" if state["issues"] else None


_APPLY: dict[type, Callable[..., str | None]] = {
    Mark: _mark,
    Deployed: _deploy,
    Publication: _publish,
    Blocked: _block,
    Unblocked: _unblock,
}


def _check(name: str, word: str) -> SeenCheck:
    states = {"success": CheckState.SUCCESS, "in_progress": CheckState.PENDING, "queued": CheckState.PENDING}
    return SeenCheck(name, states.get(word, CheckState.OTHER), word, "", f"https://host.example/checks/{name}")


def on_host(shop: Shop, host: FakeHost, **run: Any) -> RunRecord:
    """The next night of that shop, whose remote is on that host."""
    return shop.run(host=host, herald=HERALD, **run)


def warnings(shop: Shop) -> list[str]:
    """What people were warned of so far."""
    return [detail for name, detail in shop.watcher.steps if name == "warning"]
