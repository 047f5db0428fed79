"""Handing a process over to Locust, headless, behind the allow-list; whatever happens, its role is told."""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from loadtests import OPTIONS_VARIABLE
from loadtests.errands import LoadFileError
from loadtests.failures import describe
from loadtests.guard import Address, Guard, PinnedResolver, host_of, hosts_of
from loadtests.host import LastError
from loadtests.plan import Plan
from loadtests.report import Closing, Ending

_LOCUST_VARIABLES: Final = "LOCUST_"


class Role(Protocol):
    """What this process is in a run: all of it, the master, or a worker."""

    @property
    def arguments(self) -> Sequence[str]:
        """What Locust's command line needs for it."""
        ...

    @property
    def ended(self) -> bool:
        """Whether the run was closed."""
        ...

    def refused(self, address: str) -> None:
        """The allow-list stopped a connection."""
        ...

    def wire(self, environment: Any) -> None:
        """Locust is ready; no user exists yet."""
        ...

    def end(self, closing: Closing) -> None:
        """Close the run; later calls change nothing."""
        ...


def carry_out(plan: Plan, role: Role, keeper: LastError) -> None:
    """Run that plan in that role; `keeper` knows the last error that was logged."""
    if not Path(plan.locustfile).is_file():
        role.end(Closing(Ending.LOCUSTFILE_ERROR, f"There is no load file {Path(plan.locustfile).name}."))
        return
    try:
        guard = Guard(_allowed(plan), role.refused)
    except (OSError, ValueError) as error:
        role.end(Closing(Ending.CRASHED, f"The target cannot be resolved: {describe(error)}"))
        return
    guard.install()
    _set_the_scene(plan, role)
    try:
        _run_locust(guard, role)
    except BaseException as error:
        if not role.ended:
            traceback.print_exc()
            role.end(Closing(Ending.LOCUSTFILE_ERROR, _why(error, keeper)))
        raise


def _allowed(plan: Plan) -> list[Address]:
    return [host_of(plan.base_url), *(each for entry in plan.allow_hosts for each in hosts_of(entry))]


def _set_the_scene(plan: Plan, role: Role) -> None:
    """Nothing but the plan decides how Locust runs: no variable and no configuration file of its own."""
    for name in [name for name in os.environ if name.startswith(_LOCUST_VARIABLES)]:
        del os.environ[name]
    os.environ[OPTIONS_VARIABLE] = json.dumps(plan.options)
    sys.path.append(str(Path(plan.locustfile).parent))
    users = str(plan.users)
    sys.argv = ["locust", "--headless", "--skip-log-setup", "--only-summary"]
    sys.argv += ["-f", plan.locustfile, "-H", plan.base_url, "-u", users, "-r", users]
    sys.argv += [*plan.selection, *role.arguments]


def _run_locust(guard: Guard, role: Role) -> None:
    """Hand over to Locust's own command line; it ends by SystemExit, and so may a load file."""
    # Only now: importing Locust patches the whole process, and must happen behind the guard.
    from gevent import get_hub  # noqa: PLC0415
    from locust import events, main  # noqa: PLC0415

    _forget_configuration_files()
    hub: Any = get_hub()
    hub.resolver = PinnedResolver(guard, hub.resolver)
    _wire_at_last(events.init, role)
    run: Any = main.main
    run()


def _wire_at_last(init: Any, role: Role) -> None:
    """Have the role wired once every listener of the load file's own has had its say about its users."""
    plain = init.fire

    def fire(*, environment: Any, **facts: Any) -> None:
        plain(environment=environment, **facts)
        role.wire(environment)

    init.fire = fire


def _forget_configuration_files() -> None:
    """Locust's parsers look for ~/.locust.conf and others by a default argument."""
    from locust import argument_parser  # noqa: PLC0415

    for parser in (argument_parser.get_parser, argument_parser.get_empty_argument_parser):
        found = parser.__defaults__ or ()
        parser.__defaults__ = tuple(() if isinstance(each, tuple) else each for each in found)


def _why(error: BaseException, keeper: LastError) -> str:
    """The words of the error; Locust's own last logged error where it only said SystemExit."""
    if isinstance(error, SystemExit) and keeper.text:
        return keeper.text
    if isinstance(error, LoadFileError):
        return str(error)
    return describe(error)
