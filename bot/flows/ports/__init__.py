"""What the flows need of the world, as small interfaces; adapters satisfy them without knowing them."""

from bot.flows.ports.git import Auditable, Repository, Workbench
from bot.flows.ports.host import Herald, Host
from bot.flows.ports.load import Load, Pilot, Staging, Watcher
from bot.flows.ports.machine import Clock, Lock, Points
from bot.flows.ports.store import Digests, History, NotesWriter, Reporter, RunFolder, RunStore

__all__ = [
    "Auditable",
    "Clock",
    "Digests",
    "Herald",
    "History",
    "Host",
    "Load",
    "Lock",
    "NotesWriter",
    "Pilot",
    "Points",
    "Reporter",
    "Repository",
    "RunFolder",
    "RunStore",
    "Staging",
    "Watcher",
    "Workbench",
]
