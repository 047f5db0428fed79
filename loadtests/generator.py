"""The load process: `python -m loadtests.generator <scenario>.plan.json` runs one scenario with Locust, headless.

Its exit code says nothing. The `end` line of `<scenario>.ndjson` does, and it is written whatever the load file does,
short of killing the process.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, Final

from loadtests import OPTIONS_VARIABLE
from loadtests.failures import describe
from loadtests.guard import Address, Guard, PinnedResolver, host_of, hosts_of
from loadtests.host import LastError, bound_output, end_with
from loadtests.outputs import Outputs, open_outputs
from loadtests.plan import Plan, read_plan
from loadtests.report import Ending

_LOCUST_VARIABLES: Final = "LOCUST_"


def main(arguments: list[str]) -> None:
    """Run the scenario of the plan file named by the only argument."""
    plan = read_plan(Path(arguments[0]))
    end_with(plan.parent)
    keeper = bound_output()
    outputs = open_outputs(plan)
    if not Path(plan.locustfile).is_file():
        outputs.report.end(Ending.LOCUSTFILE_ERROR, f"There is no load file {Path(plan.locustfile).name}.")
        return
    try:
        guard = Guard(_allowed(plan), outputs.recorder.refused)
    except (OSError, ValueError) as error:
        outputs.report.end(Ending.CRASHED, f"The target cannot be resolved: {describe(error)}")
        return
    guard.install()
    _set_the_scene(plan)
    try:
        _run_locust(plan, guard, outputs)
    except BaseException as error:
        if not outputs.report.ended:
            traceback.print_exc()
            outputs.report.end(Ending.LOCUSTFILE_ERROR, _why(error, keeper))
        raise


def _allowed(plan: Plan) -> list[Address]:
    return [host_of(plan.base_url), *(each for entry in plan.allow_hosts for each in hosts_of(entry))]


def _set_the_scene(plan: Plan) -> None:
    """Nothing but the plan decides how Locust runs: no variable and no configuration file of its own."""
    for name in [name for name in os.environ if name.startswith(_LOCUST_VARIABLES)]:
        del os.environ[name]
    os.environ[OPTIONS_VARIABLE] = json.dumps(plan.options)
    sys.path.append(str(Path(plan.locustfile).parent))
    users = str(plan.users)
    sys.argv = ["locust", "--headless", "--skip-log-setup", "--only-summary"]
    sys.argv += ["-f", plan.locustfile, "-H", plan.base_url, "-u", users, "-r", users]


def _run_locust(plan: Plan, guard: Guard, outputs: Outputs) -> None:
    """Hand over to Locust's own command line; it ends by SystemExit, and so may a load file."""
    # Only now: importing Locust patches the whole process, and must happen behind the guard.
    from gevent import get_hub  # noqa: PLC0415
    from locust import events, main  # noqa: PLC0415

    from loadtests.wiring import wire  # noqa: PLC0415

    _forget_configuration_files()
    hub: Any = get_hub()
    hub.resolver = PinnedResolver(guard, hub.resolver)
    init: Any = events.init
    init.add_listener(lambda environment, **_: wire(environment, plan, outputs))
    run: Any = main.main
    run()


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
    return describe(error)


if __name__ == "__main__":
    main(sys.argv[1:])
