"""Every way a run can end other than well: a stable code, an exit code, and what to do about it."""

from dataclasses import dataclass
from enum import Enum, IntEnum


class Exit(IntEnum):
    """Exit codes of every command; the table of the README."""

    OK = 0
    OPERATIONAL = 1
    USAGE = 2
    BLOCKED = 3
    INCONCLUSIVE = 4
    INVALID = 5
    REFUSED = 6
    LOCKED = 7
    BUG = 70
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class _Facts:
    code: str
    exit: Exit
    action: str


class Reason(Enum):
    """A reason code with its exit code and the one thing a person should do next."""

    # --- ends that are fine
    PROMOTED = _Facts("promoted", Exit.OK, "Nothing to do.")
    GATE_PASSED = _Facts("gate-passed", Exit.OK, "Nothing to do; run `promote --now` to promote this commit.")
    DRY_RUN = _Facts("dry-run", Exit.OK, "Run again without --dry-run to promote.")
    UP_TO_DATE = _Facts("up-to-date", Exit.OK, "Nothing to do: the target already is at the source's commit.")
    SLOT_DONE = _Facts("slot-done", Exit.OK, "Nothing to do tonight; `promote --now` runs again at once.")
    RESUMED = _Facts("resumed", Exit.OK, "Nothing to do: what earlier runs left undone was looked through.")

    # --- the verdict
    SLO_FAILED = _Facts("slo-failed", Exit.BLOCKED, "Push a fix to the source branch; the next night tests it again.")
    NOT_ENOUGH_EVIDENCE = _Facts(
        "not-enough-evidence", Exit.INCONCLUSIVE, "Raise the rate or the duration so that the samples suffice."
    )
    MEASUREMENT_INVALID = _Facts(
        "measurement-invalid", Exit.INVALID, "Repair the measurement named in the report, then run `promote --now`."
    )
    STAGING_MISMATCH = _Facts(
        "staging-mismatch", Exit.INVALID, "Deploy the tested commit to staging and keep it there during the run."
    )

    # --- what the host says of the candidate
    CHECKS_FAILED = _Facts(
        "checks-failed", Exit.BLOCKED, "Have the named checks succeed on the source's tip; the next night asks again."
    )
    CHECKS_PENDING = _Facts(
        "checks-pending",
        Exit.INCONCLUSIVE,
        "See why the named checks have not come to an end, or raise [gate] checks_wait; then run again.",
    )

    # --- refused: nothing was written
    NOT_FAST_FORWARD = _Facts(
        "not-fast-forward",
        Exit.REFUSED,
        "Run `promote backport`: it merges the target back into the source, so that it is an ancestor again.",
    )
    DIVERGED = _Facts(
        "diverged",
        Exit.REFUSED,
        "Run `promote backport`: it merges the target back into the source, then promote again.",
    )
    TARGET_MOVED = _Facts("target-moved", Exit.REFUSED, "Find out who moved the target, then run again.")
    TARGET_REWOUND = _Facts(
        "target-rewound", Exit.REFUSED, "Push a new commit to the source: a commit is promoted once."
    )
    SOURCE_MOVED = _Facts("source-moved", Exit.REFUSED, "Somebody pushed to that branch meanwhile; run again.")
    SOURCE_REWRITTEN = _Facts(
        "source-rewritten", Exit.REFUSED, "The tested commit left the source branch; run again on its new tip."
    )
    LEDGER_MOVED = _Facts(
        "ledger-moved",
        Exit.REFUSED,
        "Another bot promoted, or somebody froze or quarantined meanwhile: see `promote status`; then run again.",
    )
    TAG_EXISTS = _Facts("tag-exists", Exit.REFUSED, "Wait a second and run again; release tags are never moved.")
    PUSH_REJECTED = _Facts(
        "push-rejected",
        Exit.REFUSED,
        "Allow the bot to push the target, release tags and refs/notes/promotions; rename or delete refs in their way.",
    )
    PUSH_POLICY = _Facts(
        "push-policy", Exit.REFUSED, "Satisfy the server's rule named above, or let the bot bypass it; then run again."
    )
    PUSH_PROTECTED = _Facts(
        "push-protected",
        Exit.REFUSED,
        "Have the required checks succeed on the source's commits, or let the bot bypass them; then run again.",
    )
    BRANCH_REWOUND = _Facts(
        "branch-rewound", Exit.REFUSED, "Find out who took the branch back and why, before anything is promoted again."
    )
    NO_ATOMIC_PUSH = _Facts("no-atomic-push", Exit.REFUSED, "Use a git server that supports atomic pushes.")
    TRANSPORT_UNFIT = _Facts(
        "transport-unfit",
        Exit.REFUSED,
        'Set [repository] transport = "git": that way carries everything; then run again.',
    )
    HISTORY_INCOMPLETE = _Facts(
        "history-incomplete", Exit.REFUSED, "Give the bot a complete history: no shallow clone, no grafts."
    )
    FROZEN = _Facts(
        "frozen",
        Exit.REFUSED,
        "Wait for its end or run `promote unfreeze`; `promote --now --override --reason TEXT` goes past it, recorded.",
    )
    QUARANTINED = _Facts(
        "quarantined",
        Exit.REFUSED,
        "Revert it on the source or fix it there in a commit that says `Fixes: <id>`, or `promote quarantine clear`.",
    )
    NO_GOOD_RELEASE = _Facts(
        "no-good-release",
        Exit.REFUSED,
        "See which releases `promote history` lists, and name the one to go back to: `promote rollback TAG`.",
    )
    APPROVAL_EXPIRED = _Facts("approval-expired", Exit.REFUSED, "Run again: the evidence is too old to act on.")
    APPROVAL_MISMATCH = _Facts(
        "approval-mismatch", Exit.REFUSED, "Run again: what was approved is not what would be promoted."
    )
    MERGE_CONFLICT = _Facts(
        "merge-conflict", Exit.REFUSED, "Let the authors named above agree on these files, then run it again."
    )
    BACKPORT_UNFINISHED = _Facts(
        "backport-unfinished",
        Exit.REFUSED,
        "Finish the merge in its work tree and commit it, then `promote backport --continue`; `--abort` gives it up.",
    )
    MERGE_INEXACT = _Facts(
        "merge-inexact", Exit.REFUSED, "Run again; if it stays so, the cache or git itself is not to be trusted."
    )
    AUDIT_FAILED = _Facts(
        "audit-failed", Exit.REFUSED, "See `promote audit`, and put right what it names or accept it in [audit]."
    )
    LEDGER_BROKEN = _Facts(
        "ledger-broken",
        Exit.REFUSED,
        "Find out who rewrote or deleted refs/notes/promotions, and put back what was there: `promote audit` names it.",
    )

    # --- broken machinery: safe to run again
    REMOTE_UNREACHABLE = _Facts("remote-unreachable", Exit.OPERATIONAL, "Check the remote's address and the network.")
    REMOTE_FAILED = _Facts(
        "remote-failed",
        Exit.OPERATIONAL,
        "See to the git server: its disk, its permissions, *.lock files of a dead push; running again is safe.",
    )
    BAD_CREDENTIALS = _Facts(
        "bad-credentials",
        Exit.OPERATIONAL,
        "Renew what the remote knows the bot by: [repository] token_env or token_file, or the key of ssh.",
    )
    BRANCH_MISSING = _Facts(
        "branch-missing", Exit.OPERATIONAL, "Create the branch, or correct [repository] in the configuration."
    )
    EMPTY_REPOSITORY = _Facts("empty-repository", Exit.OPERATIONAL, "Push the source and the target branch first.")
    GIT_FAILED = _Facts("git-failed", Exit.OPERATIONAL, "Read git's own words above; running again is safe.")
    PUSH_UNKNOWN = _Facts(
        "push-unknown", Exit.OPERATIONAL, "Run again: the remote is read first, and nothing is written twice."
    )
    READ_BACK_FAILED = _Facts(
        "read-back-failed", Exit.OPERATIONAL, "Run again: the remote is read first, and nothing is written twice."
    )
    SIGNING_FAILED = _Facts(
        "signing-failed",
        Exit.OPERATIONAL,
        "Give [repository] signing_key a key that needs no passphrase, or one that an agent holds.",
    )
    GIT_UNUSABLE = _Facts("git-unusable", Exit.OPERATIONAL, "Install git 2.38 or newer and put it on the PATH.")
    DISK_FULL = _Facts(
        "disk-full", Exit.OPERATIONAL, "Free space on the disk that holds [state] dir; running again is safe."
    )
    STATE_UNUSABLE = _Facts("state-unusable", Exit.OPERATIONAL, "Make [state] dir and its database writable.")
    DEADLINE_EXCEEDED = _Facts(
        "deadline-exceeded", Exit.OPERATIONAL, "Running again is safe; look for a hanging remote or disk."
    )

    # --- the host of the repository
    HOST_UNREACHABLE = _Facts(
        "host-unreachable", Exit.OPERATIONAL, "Check [host] api_url and the host's status page; running again is safe."
    )
    HOST_FAILED = _Facts(
        "host-failed", Exit.OPERATIONAL, "See the host's status page; `promote run --resume` says what is still unsaid."
    )
    HOST_LIMITED = _Facts(
        "host-limited", Exit.OPERATIONAL, "Wait until the host's limit is over, then `promote run --resume`."
    )
    HOST_REFUSED = _Facts(
        "host-refused", Exit.OPERATIONAL, "See `promote doctor`: it names the permission that is missing."
    )
    NOT_READY = _Facts(
        "not-ready", Exit.OPERATIONAL, "Put right each line marked fail, then run `promote doctor` again."
    )

    # --- sending load for another machine
    MASTER_UNREACHABLE = _Facts(
        "master-unreachable", Exit.OPERATIONAL, "Check --master, its port, and whether a run is under way there."
    )
    WORKER_REFUSED = _Facts(
        "worker-refused", Exit.USAGE, "Have the same version of the bot and the same load file here as on the master."
    )
    WORKER_FAILED = _Facts(
        "worker-failed", Exit.OPERATIONAL, "See the report of the run, and what was said above; joining again is safe."
    )

    # --- the drill
    SELFTEST_FAILED = _Facts(
        "selftest-failed",
        Exit.BLOCKED,
        "Trust no verdict of this installation before each case is right; play one again with --only and --keep.",
    )

    # --- not begun
    BAD_CONFIGURATION = _Facts("bad-configuration", Exit.USAGE, "Correct every line named above.")
    BAD_USAGE = _Facts("bad-usage", Exit.USAGE, "See `promote --help`.")
    RUN_NOT_FOUND = _Facts("run-not-found", Exit.USAGE, "List the runs with `promote history`.")
    LOCKED = _Facts("locked", Exit.LOCKED, "Wait for the other run to end.")

    BUG = _Facts("bug", Exit.BUG, "Please report the crash log.")
    INTERRUPTED = _Facts("interrupted", Exit.INTERRUPTED, "Run again; nothing was moved unless the report says so.")

    @property
    def code(self) -> str:
        """The stable code, as in `reason_code` of run.json."""
        return self.value.code

    @property
    def exit(self) -> Exit:
        """The exit code that this reason ends a command with."""
        return self.value.exit

    @property
    def action(self) -> str:
        """What a person should do next, as one sentence."""
        return self.value.action

    @classmethod
    def of(cls, code: str) -> "Reason":
        """The reason with that code; KeyError when there is none."""
        return _BY_CODE[code]


_BY_CODE = {reason.code: reason for reason in Reason}
