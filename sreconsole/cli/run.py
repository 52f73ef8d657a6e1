"""From arguments to an exit code: one function for each command, errors as one sentence on stderr."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from sreconsole.cli.arguments import parser
from sreconsole.cli.output import open_closed_streams, put
from sreconsole.config.model import Config
from sreconsole.errors import SreconsoleError, UsageError
from sreconsole.exits import Exit


def run(argv: list[str]) -> int:
    """Run a command line; never lets an error of ours out as a traceback."""
    open_closed_streams()
    try:
        return _command(parser().parse_args(argv))
    except SreconsoleError as error:
        sys.stderr.write(_sentence(error))
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def _sentence(error: SreconsoleError) -> str:
    text = str(error)
    return f"{text}\n" if error.exit_code == Exit.CONFIG else f"sreconsole: {text}\n"


def _command(arguments: argparse.Namespace) -> int:
    name = arguments.command
    if name == "schema":
        from sreconsole.plain.schema import run_schema

        return _put_all(run_schema)
    if name == "check":
        from sreconsole.plain.check import run_check

        return _put_all(lambda out: run_check(_path(arguments), os.environ, out, sys.stderr))
    if name == "demo":
        return _demo(arguments)
    if name == "status":
        from sreconsole.cli.status import run_status

        return run_status(_load(arguments), arguments)
    return _console(arguments, _load(arguments))


def _put_all(command: Callable[[TextIO], int]) -> int:
    """Run a command that writes to a file, and put what it wrote."""
    out = io.StringIO()
    code = command(out)
    put(out.getvalue())
    return code


def _path(arguments: argparse.Namespace) -> Path:
    from sreconsole.config.paths import find, home

    return find(getattr(arguments, "config", None), os.environ, home(os.environ))


def _load(arguments: argparse.Namespace, stderr: TextIO | None = None) -> Config:
    from dataclasses import replace

    from sreconsole.config.read import load

    loaded = load(_path(arguments), os.environ)
    for warning in loaded.warnings:
        (stderr or sys.stderr).write(f"{warning}\n")
    config = loaded.config
    if getattr(arguments, "read_only", False):
        config = replace(config, read_only=True)
    if getattr(arguments, "theme", None):
        config = replace(config, theme=arguments.theme)
    return config


def _refuse_without_terminal(env: Mapping[str, str]) -> None:
    from sreconsole.tui.terminal import refusal

    reason = refusal(env, sys.stdin.isatty(), sys.stderr.isatty())
    if reason:
        raise UsageError(reason)


def _console(arguments: argparse.Namespace, config: Config, env: Mapping[str, str] = os.environ) -> int:
    _refuse_without_terminal(env)
    from sreconsole.cli.wiring import clock, quiet_logging, wire
    from sreconsole.tui.app import run_console

    quiet_logging()
    console = wire(config, clock, env, trends=True)
    return run_console(config, console, theme=config.theme, clock=clock, env=env)


def _demo(arguments: argparse.Namespace) -> int:
    if arguments.serve:
        from sreconsole.demo.__main__ import main

        return main([])
    _refuse_without_terminal(os.environ)
    from sreconsole.demo.process import start_estate

    with start_estate() as estate:
        import sreconsole.tui.app  # noqa: F401 - while the estate comes up beside us

        arguments.config = str(estate.config)
        # Its counts are worth nothing tomorrow: they stay out of the person's own history.
        return _console(arguments, _load(arguments), {**os.environ, "XDG_STATE_HOME": str(estate.directory)})
