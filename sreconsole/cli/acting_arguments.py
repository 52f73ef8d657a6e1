"""The grammar of the commands that act: `silence`, `note`, `toil`. Loaded when the rest of the grammar is."""

from __future__ import annotations

import argparse
from typing import Any

PLAIN_FORMATS = ("text", "json")
_TIME = "RFC 3339, HH:MM, `10m ago`, @unix"


def add_acting(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands to those of the whole grammar; `shared` are the options that any command takes."""
    _silence(
        _command(commands, shared, "silence", "mute alerts, see who is muted, extend, end: what the keys do"), shared
    )
    _note(_command(commands, shared, "note", "write down what happened, for the timeline; see what was"), shared)
    _toil(_command(commands, shared, "toil", "write down minutes of toil; see this week's"), shared)


def _command(commands: Any, shared: argparse.ArgumentParser, name: str, what: str) -> Any:
    made = commands.add_parser(name, parents=[shared], help=what, description=f"{what[0].upper()}{what[1:]}.")
    return made.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(shared))


def _silence(actions: Any, shared: argparse.ArgumentParser) -> None:
    add = actions.add_parser("add", parents=[shared], help="make a silence at every writable cluster")
    add.add_argument("matchers", nargs="+", metavar="MATCHER", help="NAME=VALUE, or with != =~ !~; VALUE may be quoted")
    add.add_argument("--duration", metavar="DURATION", help="how long (silences.default of the config)")
    add.add_argument("--comment", metavar="TEXT", help="why; must be said")
    _writing(add)
    _guarded(add)
    listed = actions.add_parser("list", parents=[shared], help="silences that are active or pending")
    listed.add_argument("--source", metavar="NAME", help="only of this cluster")
    _formats(listed)
    extend = actions.add_parser("extend", parents=[shared], help="let a silence end later")
    extend.add_argument("ident", metavar="ID", help="its id, or the first eight characters or more")
    extend.add_argument("--by", metavar="DURATION", required=True, help="how much later than now")
    expire = actions.add_parser("expire", parents=[shared], help="end a silence now")
    expire.add_argument("ident", metavar="ID", help="its id, or the first eight characters or more")
    for one in (extend, expire):
        _writing(one)
        _guarded(one)


def _note(actions: Any, shared: argparse.ArgumentParser) -> None:
    add = actions.add_parser("add", parents=[shared], help="note an event")
    add.add_argument("text", metavar="TEXT", help="what happened")
    add.add_argument("--service", metavar="NAME", help="the service it is about; else all")
    add.add_argument("--at", metavar="TIME", default=argparse.SUPPRESS, help=f"when it was, or began: {_TIME}")
    add.add_argument("--until", metavar="TIME", help="when it ended: likewise, or +30m after its begin")
    add.add_argument("--tag", metavar="TAG", action="append", default=[], dest="tags", help="may be given again")
    _writing(add)
    listed = actions.add_parser("list", parents=[shared], help="what was noted")
    listed.add_argument("--service", metavar="NAME", help="only about this service")
    listed.add_argument("--since", metavar="DURATION", default="7d", help="how far back (7d)")
    _formats(listed)


def _toil(actions: Any, shared: argparse.ArgumentParser) -> None:
    add = actions.add_parser("add", parents=[shared], help="write down minutes of toil")
    add.add_argument("minutes", metavar="MINUTES", help="how many")
    add.add_argument("text", metavar="TEXT", help="what was done")
    add.add_argument("--category", metavar="C", help="as `tickets`, `page`, `releases`; must be said")
    add.add_argument("--service", metavar="NAME", help="the service it was for")
    add.add_argument("--at", metavar="TIME", default=argparse.SUPPRESS, help=f"when it was done: {_TIME}")
    _writing(add)
    report = actions.add_parser("report", parents=[shared], help="pages and minutes against their budgets")
    report.add_argument("--timeout", metavar="DURATION", default="10s", help="how long to wait at most (10s)")
    _formats(report)


def _writing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--author", metavar="NAME", help="who acts, where the config or the account do not say")
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where stdin is no terminal")
    _formats(parser)


def _guarded(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="NAME", help="only this cluster")
    count = "for what is dangerous: how many alerts it mutes; includes --yes"
    parser.add_argument("--force-count", metavar="N", type=int, dest="force_count", help=count)
    parser.add_argument("--dry-run", action="store_true", dest="dry_run", help="only print the exact request")


def _formats(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=PLAIN_FORMATS, default="text", help="text (default) or json")
