"""Stdin, stdout and stderr as all else may rely on them, whatever the caller made of them."""

import errno
import io
import os
import sys
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_STANDARD: Final = range(3)
# What a text stream does by default with a character that its encoding lacks: end the command, or nearly so.
_UNFIT: Final = frozenset({"strict", "surrogateescape"})


class Worth(Enum):
    """What it means that something cannot be written."""

    RESULT = auto()
    REMARK = auto()


class Output(io.FileIO):
    """A standard stream whose reader may leave: the command goes on, and its exit code tells what it did.

    Where nothing can be written any more (the reader left, the disk is full), all that follows goes nowhere, so that
    also the interpreter has nothing to complain of when it flushes at the end. Of a RESULT that is an OSError at once,
    unless its reader left, who wanted no more of it; a REMARK never ends anything.
    """

    def __init__(self, number: int, worth: Worth) -> None:
        super().__init__(number, "wb", closefd=False)
        self._worth = worth

    def write(self, data: "ReadableBuffer", /) -> int:
        """How many bytes were taken; see the class."""
        try:
            return super().write(data)
        except OSError as error:
            _to_nowhere(self.fileno())
            if self._worth is Worth.RESULT and error.errno != errno.EPIPE:
                raise
        return memoryview(data).nbytes


def prepare() -> None:
    """Open what is closed, let readers leave, and replace what stdout's encoding lacks; done again it changes nothing.

    A stream that is not the process's own (a test's, a program's that calls this one) is left as it is.
    """
    for number in _STANDARD:
        _open_if_closed(number)
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = _made(sys.stdout, sys.__stdout__, Worth.RESULT)
    sys.stderr = _made(sys.stderr, sys.__stderr__, Worth.REMARK)


def _made(stream: TextIO | None, own: TextIO | None, worth: Worth) -> TextIO:
    if stream is None:
        return io.TextIOWrapper(io.BufferedWriter(Output(_NUMBERS[worth], worth)), "utf-8", "replace")
    if stream is not own or not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(Output(stream.fileno(), worth)),
        stream.encoding,
        "replace" if stream.errors in _UNFIT else stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


_NUMBERS: Final = {Worth.RESULT: 1, Worth.REMARK: 2}


def _open_if_closed(number: int) -> None:
    """Open it to nowhere: the next file to be opened would get its number, and be written to as if it were it."""
    try:
        os.fstat(number)
    except OSError:
        _to_nowhere(number)


def _to_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
    # Children have it as well.
    os.set_inheritable(number, True)
