"""The flows that are cut off and raced: what the world is like before, how to run one, and when all of it is there."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from support.auditor import LEDGER, PUSHES, watch
from support.evidence import endpoint, evenly, load
from support.fakes import Killed, Shop
from support.gitrepos import Repo
from support.hearing import heard_wrongly, on_host
from support.remotes import remote_of
from support.rollbacks import rolled_back
from support.stopping import desk, told, wish

from bot.adapters.worktree import WorkTree
from bot.core.control import ControlKind
from bot.core.evidence import ScenarioEvidence
from bot.core.hotfix import Gate, Reach
from bot.core.loadplan import ScenarioPlan
from bot.core.record import RunKind, RunRecord, Trigger
from bot.core.rollback import RollbackWay
from bot.flows.backport import Order, backport
from bot.flows.control import Done, control
from bot.flows.hotfix import HotfixWish, ship_hotfix
from bot.flows.promote import promote
from bot.flows.request import Effect, Request

SLOT = "2026-11-21"


def told_of_record(record: RunRecord) -> list[str]:
    """How a run ended, in words."""
    return [record.outcome.value, record.reason_code, record.reason]


def told_of_event(done: Done) -> list[str]:
    """What came of a wish that something hold for every bot, in words."""
    return ["written" if done.change.event else "held already"]


@dataclass(frozen=True)
class Story:
    """One flow: `arrange` makes the world before it, `run` is the flow, `is_done` looks at the remote alone.

    `adds` is how many promotions it adds to the ledger; a story that begins on a half state is told so by `from_half`.
    What `run` returns is put into words by `told`. `judge` tells what else is wrong once all is healed, after so many
    crashes; what it looks at lives by the state on disk, so that a story with a judge `needs_state`.
    """

    name: str
    arrange: Callable[[Shop], None]
    run: Callable[[Shop, object], Any]
    is_done: Callable[[Repo], bool]
    adds: int = 1
    from_half: bool = False
    told: Callable[[Any], list[str]] = told_of_record
    judge: Callable[[Path, int], Iterable[str]] | None = None

    @property
    def needs_state(self) -> bool:
        """Whether what it has to do cannot be known any more where the state directory is lost."""
        return self.from_half or self.judge is not None


def open_shop(folder: Path, remote: Repo | None = None, number: int = 1) -> Shop:
    """The installation in that folder as another process finds it; `number` is that of its next run."""
    shop = briefly(Shop(folder, remote=remote or Repo(folder / "remote.git")))
    for _ in range(number - 1):
        shop.request(RunKind.PROMOTION, Effect.WRITE)
    return shop


def new_shop(folder: Path, seed: int = 0) -> Shop:
    """A shop whose remote is watched from its beginning; a hundred seeds make a hundred remotes that are all unlike."""
    folder.mkdir(parents=True, exist_ok=True)
    remote = remote_of(seed, folder / "remote.git")
    watch(remote.path)
    return briefly(Shop(folder, remote=remote))


def warm_up(folder: Path) -> None:
    """Have everything imported and compiled that a night needs, so that each copy of this process has it, too."""
    shop = new_shop(folder)
    assert nightly(shop, Silence()).outcome == "promoted"
    shop.history.close()


def briefly(shop: Shop) -> Shop:
    """The same shop, whose nights measure once: what was measured is not what they are about."""
    shop.plan = replace(shop.plan, scenarios=shop.plan.scenarios[:1])
    return shop


def measured(plan: ScenarioPlan, **changes: Any) -> ScenarioEvidence:
    """What is measured where all is well, in few numbers."""
    return load(plan, evenly, **changes)


def measured_slowly(plan: ScenarioPlan, **changes: Any) -> ScenarioEvidence:
    """The same where every request takes seconds."""
    slow = endpoint(total=round(plan.duration * 1000), median=2.0, spread=evenly)
    return measured(plan, **{"endpoints": (slow,), **changes})


def nightly(shop: Shop, points: object, tools: Mapping[str, Any] = MappingProxyType({}), **asked: Any) -> RunRecord:
    """The night of one slot, as cron calls it, with those tools instead of its own."""
    request = replace(shop.request(RunKind.PROMOTION, Effect.WRITE), **{"slot": SLOT, **asked})
    return promote(shop.tools(points=points, **tools), request)


def _shipped(shop: Shop, subject: str, **tools: Any) -> None:
    assert shop.run(**tools).outcome == "promoted"
    shop.remote.commit("staging", subject)


def _one_release(shop: Shop, **tools: Any) -> None:
    _shipped(shop, "feat: more", **tools)


def _two_releases(shop: Shop, **tools: Any) -> None:
    _shipped(shop, "feat: bad", **tools)
    _shipped(shop, "feat: after the bad one", **tools)


def _half(shop: Shop, kept: tuple[str, ...]) -> None:
    """A promotion of which the server kept only these refs when it died, and nobody saw its end."""
    _one_release(shop)
    before = shop.remote.refs()
    with contextlib.suppress(Killed):
        nightly(shop, DeadAfterPush())
    (tag,) = {ref for ref in shop.remote.refs() if ref.startswith("refs/tags/")} - set(before)
    written = {"main": "refs/heads/main", "tag": tag, "ledger": LEDGER}
    for ref in (ref for name, ref in written.items() if name not in kept):
        _undo(shop.remote, ref, before.get(ref))
    # The push that heals a half brings the other half alone.
    (shop.remote.path / PUSHES).unlink()
    (shop.remote.path / "hooks" / "post-receive").unlink()


def _half_and_a_freeze(shop: Shop) -> None:
    """The same with the branch alone, and a person who stopped the line for a while before anybody looked."""
    _half(shop, kept=("main",))
    for kind in (ControlKind.FREEZE, ControlKind.UNFREEZE):
        stop_line(shop, Silence(), kind)


def _undo(remote: Repo, ref: str, before: str | None) -> None:
    """Take a ref back as if it had never been written: the log of it, too."""
    log = remote.path / "logs" / ref
    kept = log.read_text().splitlines(keepends=True)[:-1]
    if before is None:
        remote.delete(ref)
    else:
        remote.set(ref, before)
        log.write_text("".join(kept))


class DeadAfterPush:
    """Ends the run before it hears what came of its push."""

    def reached(self, name: str) -> None:
        if name == "after push":
            raise Killed


class Silence:
    """Nobody watches the points of a run."""

    def reached(self, name: str) -> None:
        pass


def by_hand(shop: Shop, kind: RunKind) -> Request:
    """What a person asks for, and why."""
    made = shop.request(kind, Effect.WRITE)
    return replace(made, trigger=Trigger.MANUAL, slot=None, plan=None, justification="the checkout answers 500")


def hotfix(shop: Shop, points: object, reach: Reach = Reach.BOTH, **tools: Any) -> RunRecord:
    """The hotfix of `_urgent`, shipped."""
    wish = HotfixWish("hotfix/urgent", Gate.SKIPPED, reach)
    return ship_hotfix(shop.tools(points=points, **tools), by_hand(shop, RunKind.HOTFIX), wish)


def back_merge(shop: Shop, points: object) -> RunRecord:
    """Main merged back into staging."""
    state = shop.folder / "state"
    order = Order("staging", "main", WorkTree(shop.remote.url, state / "backport", state / "cache.git"))
    return backport(shop.tools(points=points), by_hand(shop, RunKind.BACKPORT), order)


def roll_back(shop: Shop, points: object, way: RollbackWay = RollbackWay.FORWARD, **tools: Any) -> RunRecord:
    """Main back to the first release."""
    return rolled_back(shop, way=way, points=points, **tools)


def _nightly_on_host(shop: Shop, points: object) -> RunRecord:
    return nightly(shop, points, on_host(shop))


def _blocked_on_host(shop: Shop, points: object) -> RunRecord:
    shop.load.make = measured_slowly
    return nightly(shop, points, on_host(shop))


def _hotfix_on_host(shop: Shop, points: object) -> RunRecord:
    return hotfix(shop, points, **on_host(shop))


def _roll_back_on_host(shop: Shop, points: object) -> RunRecord:
    return roll_back(shop, points, **on_host(shop))


def _urgent(shop: Shop, path: str = "urgent.txt", **tools: Any) -> None:
    """A hotfix branch on main, while staging is ahead of it."""
    _one_release(shop, **tools)
    _cut_hotfix(shop, path)


def _cut_hotfix(shop: Shop, path: str = "urgent.txt") -> None:
    shop.remote.branch("hotfix/urgent", shop.remote.sha("refs/heads/main"))
    shop.remote.commit("hotfix/urgent", "fix: urgent", files={path: "mended\n"})


def _rolled_back_alone(shop: Shop) -> None:
    """main was rolled back alone and got a hotfix since: staging takes them in two pushes."""
    _two_releases(shop)
    shop.remote.commit("staging", "feat: next", files={"next.txt": "next\n"})
    assert roll_back(shop, Silence(), RollbackWay.TARGET_ONLY).outcome == "promoted"
    _cut_hotfix(shop)
    assert hotfix(shop, Silence(), Reach.TARGET_ONLY).outcome == "promoted"


def _keeps_all(remote: Repo) -> bool:
    """staging has main behind it, and the content of both."""
    files = remote.git("ls-tree", "--name-only", "refs/heads/staging").split()
    return _is_merged_back(remote) and {"next.txt", "urgent.txt"} <= set(files)


def _diverged(shop: Shop, path: str = "urgent.txt") -> None:
    """A hotfix that went to main alone."""
    _urgent(shop, path)
    assert hotfix(shop, Silence(), Reach.TARGET_ONLY).outcome == "promoted"


def stop_line(shop: Shop, points: object, kind: ControlKind = ControlKind.FREEZE, commit: str | None = None) -> Done:
    """What a person wants to hold from now on, written to the ledger from that installation."""
    ours = desk(shop.folder / "state", shop.remote, clock=shop.clock, points=points)
    return control(ours, wish(kind, actor="bob", commit=commit))


def _holds_once(remote: Repo, kind: ControlKind) -> bool:
    """Whether the ledger tells of it once and of nothing else."""
    return [event.kind for event in told(remote)] == [kind]


def main_is_staging(remote: Repo) -> bool:
    refs = remote.refs()
    return refs["refs/heads/main"] == refs["refs/heads/staging"]


def _is_rolled_back(remote: Repo) -> bool:
    """Main has the tree of the first release again, and staging holds main."""
    first = _first_release(remote)
    same = remote.git("rev-parse", "refs/heads/main^{tree}") == remote.git("rev-parse", f"{first}^{{tree}}")
    return same and _is_merged_back(remote)


def _is_hotfixed(remote: Repo) -> bool:
    refs = remote.refs()
    return refs["refs/heads/main"] == refs["refs/heads/hotfix/urgent"] and _is_merged_back(remote)


def _is_merged_back(remote: Repo) -> bool:
    return not remote.git("rev-list", "refs/heads/staging..refs/heads/main")


def _waits_for_a_person(remote: Repo) -> bool:
    """Nothing was moved, and there is a work tree with the conflict."""
    return "<<<<<<<" in (remote.path.parent / "state" / "backport" / "tree" / "count.txt").read_text()


def _is_rewound(remote: Repo) -> bool:
    return remote.sha("refs/heads/main") == remote.git("rev-parse", f"{_first_release(remote)}^{{commit}}")


def _first_release(remote: Repo) -> str:
    """The oldest tag that a bot made; people may have tags of their own."""
    return min(ref for ref in remote.refs() if ref.startswith("refs/tags/release/"))


def _told(arrange: Callable[..., None]) -> Callable[[Shop], None]:
    """The same world, of which the host was told from its first release on."""
    return lambda shop: arrange(shop, **on_host(shop))


STORIES = {
    story.name: story
    for story in (
        Story("first promotion", lambda _shop: None, nightly, main_is_staging),
        Story("promote", _one_release, nightly, main_is_staging),
        Story("resume main", partial(_half, kept=("main",)), nightly, main_is_staging, from_half=True),
        Story("resume tag", partial(_half, kept=("main", "tag")), nightly, main_is_staging, from_half=True),
        Story(
            "resume ledger", partial(_half, kept=("main", "ledger")), nightly, main_is_staging, adds=0, from_half=True
        ),
        Story("resume later", _half_and_a_freeze, nightly, main_is_staging, from_half=True),
        Story("hotfix", _urgent, hotfix, _is_hotfixed),
        Story("backport", _diverged, back_merge, _is_merged_back, adds=0),
        Story("backport rollback", _rolled_back_alone, back_merge, _keeps_all, adds=0),
        Story("conflict", partial(_diverged, path="count.txt"), back_merge, _waits_for_a_person, adds=0),
        Story("rollback", _two_releases, roll_back, _is_rolled_back),
        Story(
            "freeze", _one_release, stop_line, partial(_holds_once, kind=ControlKind.FREEZE), adds=0, told=told_of_event
        ),
        Story(
            "quarantine",
            _one_release,
            partial(stop_line, kind=ControlKind.QUARANTINE, commit="staging"),
            partial(_holds_once, kind=ControlKind.QUARANTINE),
            adds=0,
            told=told_of_event,
        ),
        Story("rewind", _two_releases, partial(roll_back, way=RollbackWay.REWIND), _is_rewound),
        Story(
            "promote with host",
            _told(_one_release),
            _nightly_on_host,
            main_is_staging,
            judge=heard_wrongly,
        ),
        Story(
            "blocked with host",
            _told(_one_release),
            _blocked_on_host,
            lambda _remote: True,
            adds=0,
            judge=partial(heard_wrongly, blocked=("main",)),
        ),
        Story("hotfix with host", _told(_urgent), _hotfix_on_host, _is_hotfixed, judge=heard_wrongly),
        Story("rollback with host", _told(_two_releases), _roll_back_on_host, _is_rolled_back, judge=heard_wrongly),
    )
}
"""Every flow by its name; one entry more is all that another flow needs."""
