"""Machines of their own for a test, as far as the network goes: namespaces joined by a bridge in the first one."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass


def run(*command: str) -> None:
    """Run one command of iproute2; CalledProcessError says what it did not like."""
    subprocess.run(command, check=True, capture_output=True, timeout=20)


def reason_against() -> str | None:
    """Why there can be no namespaces here, None where there can."""
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    probe = f"probe{os.getpid()}"
    try:
        run("ip", "netns", "add", probe)
        run("ip", "-n", probe, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", probe, "link", "add", "ve0", "type", "veth", "peer", "name", "ve1")
    except subprocess.SubprocessError as error:
        words = (getattr(error, "stderr", b"") or b"").decode(errors="replace").strip()
        return f"network namespaces may not be made here: {words or error}"
    finally:
        subprocess.run(["ip", "netns", "del", probe], capture_output=True, timeout=20, check=False)
    return None


@dataclass(frozen=True, slots=True)
class Machine:
    """One namespace with one address."""

    name: str
    address: str

    def command(self, *words: str) -> list[str]:
        """That command, run there."""
        return ["ip", "netns", "exec", self.name, *words]

    def cut_off(self) -> None:
        """Nothing goes in or out any more, and nobody is told."""
        run("ip", "-n", self.name, "link", "set", "eth0", "down")


@contextlib.contextmanager
def machines(number: int, net: str) -> Iterator[list[Machine]]:
    """So many machines on one network `net` (such as `10.77.0`); the first one holds the bridge."""
    found = [Machine(f"m{os.getpid()}-{each}", f"{net}.{each + 1}") for each in range(number)]
    first = found[0]
    try:
        for each in found:
            run("ip", "netns", "add", each.name)
            run("ip", "-n", each.name, "link", "set", "lo", "up")
        run("ip", "-n", first.name, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", first.name, "addr", "add", f"{first.address}/24", "dev", "br0")
        run("ip", "-n", first.name, "link", "set", "br0", "up")
        for number_, each in enumerate(found[1:], 1):
            _plug(first, each, f"port{number_}")
        yield found
    finally:
        for each in found:
            subprocess.run(["ip", "netns", "del", each.name], capture_output=True, timeout=20, check=False)


def _plug(first: Machine, other: Machine, port: str) -> None:
    """A cable from the bridge to that machine."""
    run("ip", "-n", first.name, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", other.name)
    run("ip", "-n", first.name, "link", "set", port, "master", "br0")
    run("ip", "-n", first.name, "link", "set", port, "up")
    run("ip", "-n", other.name, "addr", "add", f"{other.address}/24", "dev", "eth0")
    run("ip", "-n", other.name, "link", "set", "eth0", "up")
