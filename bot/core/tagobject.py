"""Tag objects read byte by byte: what they point at, their message, their trailers, and the signature at their end."""

import re
from dataclasses import dataclass
from typing import Final

_BEGIN: Final = re.compile(r"^-----BEGIN (?:SSH SIGNATURE|PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE)-----", re.MULTILINE)
_TRAILER: Final = re.compile(r"([A-Za-z0-9-]+):[ \t]*(.*)")
_ARMOR: Final = re.compile(
    r"-----BEGIN (?P<kind>SSH|PGP) SIGNATURE-----\n[A-Za-z0-9+/=:., \n-]+\n-----END (?P=kind) SIGNATURE-----\n"
)


@dataclass(frozen=True, slots=True)
class TagObject:
    """The parts of a tag object; `kind` is what `target` is, `signature` empty where there is none."""

    target: str
    kind: str
    name: str
    message: str
    signature: str


def parse_tag_object(content: bytes) -> TagObject:
    """Read a tag object; a missing header is empty, because whoever judges it must see that, not fail."""
    head, _, body = content.decode("utf-8", "replace").partition("\n\n")
    headers: dict[str, str] = {}
    for line in head.split("\n"):
        name, _, value = line.partition(" ")
        headers.setdefault(name, value)
    found = _signature_at(body)
    return TagObject(
        target=headers.get("object", ""),
        kind=headers.get("type", ""),
        name=headers.get("tag", ""),
        message=body[:found],
        signature=body[found:],
    )


def _signature_at(body: str) -> int:
    """Where the signature begins: the last such line, as git has it; the end of the text where there is none."""
    last = len(body)
    for found in _BEGIN.finditer(body):
        last = found.start()
    return last


def trailers(message: str) -> tuple[tuple[str, str], ...]:
    """The (name, value) lines of the last paragraph, in order; empty where any line of it is none."""
    found = [_TRAILER.fullmatch(line) for line in message.rstrip("\n").rpartition("\n\n")[2].split("\n")]
    return tuple((each[1], each[2].strip()) for each in found if each) if all(found) else ()


def is_armor(text: str) -> bool:
    """Whether it is one whole signature as `ssh-keygen -Y sign` and `gpg --armor` write them, and nothing else."""
    return _ARMOR.fullmatch(text) is not None
