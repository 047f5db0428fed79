"""A worker process: `python -m loadtests.worker --master HOST:PORT` joins one run, does its share, and ends.

It asks the master what to do before it imports Locust, because the allow-list must stand first. Its last line on
standard output says how it went; everything else goes to standard error.
"""

import argparse
import os
import sys
from dataclasses import replace
from typing import Any

from loadtests.host import bound_output, end_with
from loadtests.installation import OtherFileError, find_load_file
from loadtests.joining import Address, NoMasterError, RefusedError, Welcome, ask, tell_end
from loadtests.launch import carry_out
from loadtests.messages import closing_data
from loadtests.outcome import Outcome, Teller
from loadtests.recorder import Recorder
from loadtests.report import Closing, Ending


class Serving:
    """The role of a worker: it sends its share of the load, and tells the master."""

    def __init__(self, master: Address, welcome: Welcome, tell: Teller) -> None:
        self._master = master
        self._welcome = welcome
        self._tell = tell
        plan = welcome.plan
        self._recorder = Recorder(plan.pacing, plan.limits, plan.watched)
        self._member: Any = None
        self._closed = False
        self.refused = self._recorder.refused
        self.arguments = ("--worker", "--master-host", master.host, "--master-port", str(master.port))

    @property
    def ended(self) -> bool:
        """Whether the master was told of the end."""
        return self._closed if self._member is None else bool(self._member.sink.ended)

    def wire(self, environment: Any) -> None:
        """Connect this process with Locust."""
        from loadtests.member import Member  # noqa: PLC0415 - patches the process, which must happen behind the guard

        member = Member(environment, self._welcome, self._recorder, self._tell)
        self._member = member
        member.begin()

    def end(self, closing: Closing) -> None:
        """Tell the master, by whatever way there is."""
        if self.ended:
            return
        self._tell(Outcome.FAILED, closing.detail)
        if self._member is None:
            self._closed = True
            tell_end(self._master, self._welcome, closing_data(closing))
        else:
            self._member.sink.end(closing)


def main(arguments: list[str]) -> None:
    """Join the run of the master that the arguments name."""
    given = _parser().parse_args(arguments)
    end_with(given.parent)
    tell = Teller(_apart())
    keeper = bound_output()
    try:
        welcome = ask(given.master, given.name, given.slot, given.wait)
    except NoMasterError as error:
        tell(Outcome.NO_MASTER, str(error))
        sys.exit(1)
    except RefusedError as error:
        tell(Outcome.REFUSED, str(error))
        sys.exit(1)
    serving = Serving(given.master, welcome, tell)
    try:
        file = find_load_file(welcome.file, welcome.sha256)
    except (OSError, OtherFileError) as error:
        tell(Outcome.REFUSED, str(error))
        serving.end(Closing(Ending.LOCUSTFILE_ERROR, str(error)))
        sys.exit(1)
    plan = replace(welcome.plan, locustfile=str(file))
    carry_out(plan, serving, keeper)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="loadtests.worker", allow_abbrev=False)
    parser.add_argument("--master", type=address, required=True)
    parser.add_argument("--name", default=os.uname().nodename)
    parser.add_argument("--slot", type=int)
    parser.add_argument("--parent", type=int)
    parser.add_argument("--wait", type=float, default=60.0)
    return parser


def address(text: str) -> Address:
    """`host:port`; ValueError when it is none."""
    host, _, port = text.rpartition(":")
    if not host or not 0 < int(port) < 65536:  # noqa: PLR2004 - as many as there are ports
        raise ValueError(text)
    return Address(host, int(port))


def _apart() -> int:
    """The standard output for the one line, while everything that prints goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


if __name__ == "__main__":
    main(sys.argv[1:])
