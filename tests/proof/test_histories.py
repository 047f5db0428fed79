"""Random histories: people and two bots act on one remote, and after every step all promises hold."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from support.people import MOVES
from support.stories import briefly, measured, measured_slowly
from support.town import MAIN, STAGING, Town

from bot.core.control import ControlKind
from bot.core.reasons import Reason
from bot.core.record import Outcome, RunKind, Trigger
from bot.flows.request import Effect

# HISTORIES=2000 makes the long run of `scripts/bench --chaos`'s length: another seed each time.
EXAMPLES = int(os.environ.get("HISTORIES", "8"))
STEPS = int(os.environ.get("HISTORY_STEPS", "20"))
SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="HISTORIES" not in os.environ,
    # To make an example smaller takes minutes; only the long run has them.
    phases=tuple(Phase) if "HISTORIES" in os.environ else (Phase.generate,),
    database=None,
    suppress_health_check=list(HealthCheck),
)
# What people may bring about, and no bot.
BY_PEOPLE = frozenset(
    {
        *(Reason.NOT_FAST_FORWARD, Reason.DIVERGED, Reason.TARGET_REWOUND, Reason.AUDIT_FAILED),
        *(Reason.FROZEN, Reason.QUARANTINED, Reason.NO_GOOD_RELEASE, Reason.MERGE_CONFLICT),
    }
)
BOTS = st.integers(0, 1)
ODD_TAGS = st.sampled_from(
    ["staging", "main", "HEAD", "heads/main", "release/newest", "release/20261121-020000-rc1", "-x", "remote/source"]
)
ODD_BRANCHES = st.sampled_from(["HEAD", "heads/main", "main2", "staging2", "release/20261121-020000", "@"])


class People(RuleBasedStateMachine):
    """What people and the nightly job do."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="town-"))
        self.town = Town(self.folder)
        self.remote = self.town.remote
        self.nights = 0
        for bot in self.town.bots:
            briefly(bot)

    def by_hand(self):
        self.town.look(by_hand=True)

    @rule()
    def commit_to_staging(self):
        self.remote.commit("staging", "feat: more")
        self.by_hand()

    @rule(name=st.sampled_from(["feat/a", "feat/b"]))
    def commit_to_a_feature(self, name):
        if self.remote.sha(f"refs/heads/{name}") is None:
            self.remote.branch(name, self.remote.sha(STAGING))
        self.remote.commit(name, "feat: part")
        self.by_hand()

    @rule(name=st.sampled_from(["feat/a", "feat/b"]))
    def merge_a_feature(self, name):
        tip = self.remote.sha(f"refs/heads/{name}")
        if tip is not None and not self.town.is_ancestor(tip, self.remote.sha(STAGING)):
            self.remote.commit("staging", "Merge a feature", merge=(tip,))
        self.by_hand()

    @rule()
    def push_to_main_by_hand(self):
        self.remote.commit("main", "fix: at once", files={"hand.txt": "x\n"})
        self.by_hand()

    @rule(branch=st.sampled_from(["main", "staging"]), move=st.sampled_from(["rewound", "rewritten"]))
    def rewrite(self, branch, move):
        # The first commits stay, so that there always is something to take back.
        if int(self.remote.git("rev-list", "--count", "--first-parent", f"refs/heads/{branch}")) > 2:
            MOVES[move](self.remote, branch)
        self.by_hand()

    @rule()
    def merge_main_into_staging(self):
        self.town.merge_main_into_staging()
        self.by_hand()

    @rule(name=ODD_TAGS)
    def make_an_odd_tag(self, name):
        self.remote.set(f"refs/tags/{name}", self.remote.sha(MAIN))
        self.by_hand()

    @rule(name=ODD_BRANCHES)
    def make_an_odd_branch(self, name):
        self.remote.set(f"refs/heads/{name}", self.remote.sha(MAIN))
        self.by_hand()

    @rule(bot=BOTS)
    def promote_now(self, bot):
        self.promoted(self.town.promote(bot))

    @rule(bots=st.permutations([0, 1]))
    def one_night_of_both(self, bots):
        self.nights += 1
        slot = f"2026-{1 + self.nights // 28:02}-{1 + self.nights % 28:02}"
        first, second = (self.town.promote(bot, slot=slot, trigger=Trigger.NIGHTLY) for bot in bots)
        self.promoted(first)
        assert second.outcome is not Outcome.PROMOTED

    @rule(bot=BOTS)
    def a_bad_night(self, bot):
        self.town.bots[bot].load.make = measured_slowly
        assert self.town.promote(bot).promotion is None
        self.town.bots[bot].load.make = measured

    @rule(bot=BOTS)
    def gate(self, bot):
        assert self.town.promote(bot, RunKind.GATE).promotion is None

    @rule(bot=BOTS)
    def dry_run(self, bot):
        assert self.town.promote(bot, effect=Effect.DRY_RUN).promotion is None

    @rule(bot=BOTS)
    def a_bot_loses_its_disk(self, bot):
        self.town.forget(bot)
        briefly(self.town.bots[bot])

    def promoted(self, record):
        """A refusal names what people did; anything else would be a fault of the bot."""
        assert record.outcome in (Outcome.PROMOTED, Outcome.UP_TO_DATE, Outcome.REFUSED), record.reason
        if record.outcome is Outcome.REFUSED:
            assert Reason.of(record.reason_code) in BY_PEOPLE, record.reason

    def teardown(self):
        """However it went, it ends well."""
        try:
            self.recover()
        finally:
            self.town.close()
            shutil.rmtree(self.folder)

    def recover(self):
        """Once people have opened the line, merged main back and committed, the next promotion lands."""
        self.town.open_line()
        self.town.merge_main_into_staging()
        self.remote.commit("staging", "fix: what there was")
        self.by_hand()
        record = self.town.promote(0)
        assert record.outcome is Outcome.PROMOTED, record.reason


class Everybody(People):
    """And what people have the bots do in a hurry."""

    @rule(bot=BOTS, has_fix=st.booleans())
    def hotfix(self, bot, has_fix):
        self.remote.branch("hotfix/now", self.remote.sha(MAIN))
        if has_fix:
            self.hurried += 1
            self.remote.commit("hotfix/now", "fix: now", files={f"hotfix-{self.hurried}.txt": "mended\n"})
        self.by_hand()
        self.ends_in_line(self.town.hotfix(bot, "hotfix/now"))

    @rule(bot=BOTS)
    def roll_back(self, bot):
        before = self.remote.git("rev-parse", f"{STAGING}^{{tree}}")
        self.ends_in_line(self.town.rollback(bot))
        assert self.remote.git("rev-parse", f"{STAGING}^{{tree}}") == before

    @rule(bot=BOTS)
    def back_merge(self, bot):
        self.ends_in_line(self.town.backport(bot))

    @rule(bot=BOTS, kind=st.sampled_from([ControlKind.FREEZE, ControlKind.UNFREEZE]))
    def stop_or_open_the_line(self, bot, kind):
        self.town.tell(bot, kind)

    @rule(bot=BOTS)
    def quarantine(self, bot):
        self.town.tell(bot, ControlKind.QUARANTINE, self.remote.sha(STAGING))

    def ends_in_line(self, record):
        """After each of them the next promotion is a fast-forward: staging holds main."""
        self.promoted(record)
        if record.outcome is Outcome.PROMOTED:
            assert self.town.is_ancestor(self.remote.sha(MAIN), self.remote.sha(STAGING))

    hurried = 0


TestPeople = People.TestCase
TestPeople.settings = SETTINGS
TestEverybody = Everybody.TestCase
TestEverybody.settings = SETTINGS
