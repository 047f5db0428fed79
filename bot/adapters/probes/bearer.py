"""A secret that is named in the configuration and stands elsewhere: read when it is needed, and kept nowhere."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LONGEST: Final = 8192


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token in an environment variable or in a file; with neither there is none, and `read` gives nothing."""

    variable: str = ""
    file: Path | None = None

    def read(self) -> str:
        """The token; LookupError with a sentence that does not hold it."""
        if self.variable:
            return _checked(os.environ.get(self.variable, ""), f"the environment variable {self.variable}")
        if self.file is None:
            return ""
        try:
            with self.file.open("rb") as file:
                text = file.read(_LONGEST + 1).decode("ascii", "replace")
        except OSError as error:
            raise LookupError(f"the token file cannot be read ({type(error).__name__})") from None
        return _checked(text, "the token file")


def _checked(text: str, where: str) -> str:
    token = text.strip()
    if not token:
        raise LookupError(f"{where} holds no token")
    if len(token) > _LONGEST or not token.isascii() or not token.isprintable() or " " in token:
        raise LookupError(f"{where} holds no token that a header could carry")
    return token
