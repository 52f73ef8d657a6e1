"""Whether somebody wants it: `--yes`, `--force-count`, or a person at a terminal who is asked."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

from sreconsole.cli.words import Arguments

NO_TERMINAL = "stdin is no terminal, so nobody can be asked: say --yes"
_MOST = 1000
"""Bytes of an answer."""


def without_asking(arguments: Arguments) -> str | None:
    """Why a write that nobody is asked about (a note) is not made; None: it is."""
    return None if arguments.yes or _terminal() else NO_TERMINAL


async def consent(arguments: Arguments, question: str) -> str | None:
    """Ask a plain question unless `--yes` or a count was said; why it is not done, None: it is."""
    if arguments.yes or arguments.force_count is not None:
        return None
    if not _terminal():
        return NO_TERMINAL
    answer = await _asked(f"{question} [y/N] ")
    return None if answer.casefold() in ("y", "yes") else "you did not say yes: nothing was sent"


async def counted(arguments: Arguments, question: str) -> int | str:
    """The count that was said or typed, or why there is none. `--yes` is no answer to it."""
    if arguments.force_count is not None:
        return arguments.force_count
    if arguments.yes or not _terminal():
        return "it is dangerous (see above): say --force-count with the number of alerts it mutes"
    typed = await _asked(f"{question}; type the number of alerts it mutes: ")
    return int(typed) if typed.isascii() and typed.isdigit() else "no number was typed: nothing was sent"


def _terminal() -> bool:
    """Whether there is a person to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


async def _asked(question: str) -> str:
    """What a person types, on a terminal; the question stands on stderr, as stdout is data.

    What was typed before the question could be read is thrown away. (Not `readline`: Ctrl-C would wait for Enter.)
    """
    import termios

    place, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    with contextlib.suppress(termios.error):
        termios.tcflush(place, termios.TCIFLUSH)
    sys.stderr.write(question)
    sys.stderr.flush()
    typed: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        loop.remove_reader(place)
        typed.set_result(os.read(place, _MOST))

    loop.add_reader(place, read)
    try:
        return (await typed).decode("utf-8", "replace").strip()
    finally:
        loop.remove_reader(place)
