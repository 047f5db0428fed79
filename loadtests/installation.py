"""What is installed here: master and workers must run the same code and the same load file; neither is ever sent."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


class OtherFileError(Exception):
    """No load file of that name here is the master's."""


def code_digest() -> str:
    """SHA-256 over the code of this package, and so of what it counts and how it says so."""
    digest = sha256()
    for path in sorted(_HERE.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of that file; OSError when it cannot be read."""
    return sha256(path.read_bytes()).hexdigest()


def find_load_file(path: str, digest: str) -> Path:
    """This machine's own copy of the load file that is `path` on the master, with that SHA-256.

    It is looked for at the same path, in the working directory (with as much of the path as is there), and among the
    bundled ones. Raises OtherFileError, which names what was found instead.
    """
    found = [each for each in dict.fromkeys(_candidates(Path(path))) if each.is_file()]
    for each in found:
        if file_digest(each) == digest:
            return each.resolve()
    name = Path(path).name
    if not found:
        raise OtherFileError(f"There is no load file {name} here, neither in {Path.cwd()} nor among the bundled ones.")
    digests = ", ".join(f"{each} ({file_digest(each)[:12]})" for each in found)
    raise OtherFileError(f"No {name} here is the master's ({digest[:12]}): {digests}.")


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    for start in range(1, len(path.parts)):
        yield Path.cwd().joinpath(*path.parts[start:])
    yield _HERE / path.name
