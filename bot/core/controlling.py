"""What a new event changes: whether there is anything to write at all, and what it takes the place of."""

from dataclasses import dataclass, replace

from bot.core.control import Control, ControlKind, Standing


@dataclass(frozen=True, slots=True)
class Change:
    """The event to write, None where what is wanted holds already; `before` is what it replaces or ends."""

    event: Control | None
    before: Control | None = None


def change(now: Standing, wanted: Control) -> Change:
    """What is to be written so that the wanted event holds: nothing where it does, so that a retry writes no second."""
    match wanted.kind:
        case ControlKind.FREEZE:
            return _set(now.freeze, wanted)
        case ControlKind.UNFREEZE:
            return _end(now.freeze, wanted)
        case ControlKind.QUARANTINE:
            return _set(quarantine_of(now, wanted.sha), wanted)
        case ControlKind.CLEAR:
            return _end(quarantine_of(now, wanted.sha), wanted)


def quarantine_of(now: Standing, sha: str | None) -> Control | None:
    """The quarantine of that commit, None where it has none."""
    return next((event for event in now.quarantined if event.sha == sha), None)


def subject_of(event: Control) -> str:
    """The subject of the ledger's commit; people's own words stand in the event alone."""
    sha = (event.sha or "")[:12]
    match event.kind:
        case ControlKind.FREEZE:
            return f"Freeze promotions until {event.until}" if event.until else "Freeze promotions"
        case ControlKind.UNFREEZE:
            return "Lift the freeze"
        case ControlKind.QUARANTINE:
            return f"Quarantine {sha}"
        case ControlKind.CLEAR:
            return f"Clear the quarantine of {sha}"


def _set(standing: Control | None, wanted: Control) -> Change:
    if standing is None:
        return Change(wanted)
    # What a rollback quarantined stays the whole range when a person gives it another reason.
    kept = replace(wanted, base=wanted.base or standing.base)
    if (standing.reason, standing.until, standing.base) == (kept.reason, kept.until, kept.base):
        return Change(None, standing)
    return Change(kept, standing)


def _end(standing: Control | None, wanted: Control) -> Change:
    return Change(None) if standing is None else Change(wanted, standing)
