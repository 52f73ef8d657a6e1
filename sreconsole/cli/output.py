"""Standard output as scripts leave it to us: open, closed, a pipe nobody reads, a disk that is full."""

from __future__ import annotations

import os
import sys

from sreconsole.errors import OutputFailed


def open_closed_streams() -> None:
    """Where a script closed an output (`>&-`) it wants nothing but the exit code."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process lives


def put(text: str) -> None:
    """Write data to standard output, now. A reader that went away (`| head`) has what it wanted; the exit code stands.

    Raises OutputFailed when the text cannot be written otherwise.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # What is still buffered would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise OutputFailed(f"standard output takes no more: {error.strerror}") from None
