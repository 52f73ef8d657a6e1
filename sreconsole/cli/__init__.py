"""The command line: parses, wires, chooses a front end. The only composer.

Importing this module loads nothing but the version; everything else comes when a command needs it.
"""

from __future__ import annotations

import os
import sys

from sreconsole import __version__


def main(argv: list[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments == ["--version"]:
        sys.stdout.write(f"sreconsole {__version__}\n")
        return 0
    if arguments in (["--help"], ["-h"]) and _wide():
        with open(f"{os.path.dirname(__file__)}/help.txt", encoding="utf-8") as file:
            sys.stdout.write(file.read())
        return 0
    from sreconsole.tui import skeleton

    try:
        skeleton.begin(arguments, os.environ)
        from sreconsole import garbage  # after the first paint

        garbage.nothing_while_starting()
        from sreconsole.cli.run import run

        return run(arguments)
    except KeyboardInterrupt:
        return 130
    finally:
        skeleton.give_back()
        from sreconsole import garbage

        garbage.nothing_at_the_end()


def _wide() -> bool:
    """Whether the help fits as it was made, for eighty columns; narrower terminals have it wrapped anew."""
    try:
        return int(os.environ.get("COLUMNS", "") or os.get_terminal_size(1).columns) >= 80
    except (OSError, ValueError):  # no terminal
        return True
