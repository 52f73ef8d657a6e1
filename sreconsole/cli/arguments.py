"""The grammar of the command line. Global options stand before or after the command; mistakes exit with 64."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from sreconsole import __version__
from sreconsole.cli.acting_arguments import add_acting
from sreconsole.cli.words import FORMATS, TIMED, Arguments
from sreconsole.errors import UsageError


class Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are our UsageError."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is."""
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def parse(argv: Sequence[str]) -> Arguments:
    """What a command line says. Raises UsageError; answers a call for help itself and exits."""
    arguments = parser().parse_args(argv, Arguments())
    if arguments.at is not None and (arguments.command, arguments.action) not in TIMED:
        raise UsageError("--at is for the console, `status`, `note add` and `toil add` (see `sreconsole --help`)")
    return arguments


def parser() -> Parser:
    """The parser of the whole command line."""
    shared = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--config", metavar="FILE", help="the config to use")
    shared.add_argument("--theme", metavar="NAME", help="a theme by name: dark, light, or one of yours")
    shared.add_argument("--read-only", action="store_true", help="refuse every action that changes something")
    shared.add_argument("--log", metavar="FILE", help="also log to this file")
    top = Parser(
        prog="sreconsole",
        parents=[shared],
        description="A terminal console for on-call engineers: what burns, what changed, what to do.",
        epilog="Without a command: the console. Exit codes: status 0 ok, 1 warn, 2 page, 3 unknown or stale; "
        "silence, note and toil 0 done, 1 refused, 2 outcome unknown; 64 usage, 69 every source is down, 78 config.",
    )
    moment = "as of that moment: RFC 3339, HH:MM, `10m ago`, @unix"
    top.add_argument("--at", metavar="TIME", default=argparse.SUPPRESS, help=f"the console {moment}")
    top.add_argument("--version", action="version", version=f"sreconsole {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    demo = commands.add_parser("demo", parents=[shared], help="the console on an embedded, simulated estate")
    demo.add_argument("--serve", action="store_true", help="only the estate: print its config's path, run until ended")

    status = commands.add_parser("status", parents=[shared], help="one shot: what burns now, for people and scripts")
    status.add_argument("--format", choices=FORMATS, default="text", help="text (default), json, tsv or prom")
    status.add_argument("--service", metavar="NAME", help="only this service")
    status.add_argument("--at", metavar="TIME", default=argparse.SUPPRESS, help=moment)
    status.add_argument("--timeout", metavar="DURATION", default="10s", help="how long to wait at most (10s)")

    add_acting(commands, shared)
    commands.add_parser("record", parents=[shared], help="fill the ledger and history without a screen, until ended")
    commands.add_parser("check", parents=[shared], help="validate the config, offline")
    commands.add_parser("schema", parents=[shared], help="JSON Schema of the config, for editors")
    return top
