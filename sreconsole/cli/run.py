"""From arguments to an exit code: one function for each command, errors as one sentence on stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sreconsole import __version__
from sreconsole.cli.output import open_closed_streams, put
from sreconsole.cli.words import Arguments, plain_words
from sreconsole.config.model import Config
from sreconsole.errors import Problem, SreconsoleError, UsageError
from sreconsole.exits import Exit

if TYPE_CHECKING:
    from sreconsole.cli.wiring import Wiring
    from sreconsole.engine.console import Console

    Made = tuple[Console, Wiring]

_LONGEST = 100_000
"""Characters of what is said of an error; a config may have many mistakes."""


def run(argv: list[str]) -> int:
    """Run a command line; never lets an error of ours out as a traceback, and a defect never as an ordinary code."""
    open_closed_streams()
    try:
        return _command(plain_words(argv) or _parsed(argv))
    except SreconsoleError as error:
        sys.stderr.write(_sentence(error))
        return error.exit_code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception:  # noqa: BLE001 - Python's own code for it is 1, which scripts read as `warn`
        import traceback

        from sreconsole.domain.cleaning import clean_lines
        from sreconsole.domain.redacting import redacted

        told = clean_lines(redacted(traceback.format_exc()), 20_000)
        sys.stderr.write(f"sreconsole: a defect of ours ended this\n{told}\n")
        return Exit.SOFTWARE


def _parsed(argv: list[str]) -> Arguments:
    from sreconsole.cli.arguments import parse

    return parse(argv)


def _sentence(error: SreconsoleError) -> str:
    """What went wrong, cleaned: it may quote arguments and file names, which are somebody else's text too."""
    from sreconsole.domain.cleaning import clean, clean_lines

    if error.exit_code == Exit.CONFIG:
        return f"{clean_lines(str(error), _LONGEST)}\n"
    return f"sreconsole: {clean(str(error), _LONGEST)}\n"


def _command(arguments: Arguments) -> int:
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

        with _logged(arguments, name, os.environ, always=False):
            return run_status(_load(arguments), arguments)
    if name in ("silence", "note", "toil"):
        return _acting(arguments, name)
    if name == "record":
        return _record(arguments)
    return _console(arguments, os.environ)


def _acting(arguments: Arguments, name: str) -> int:
    """Do what a command that acts says."""
    with _logged(arguments, name, os.environ, always=False):
        config = _load(arguments)
        if name == "silence":
            from sreconsole.cli.silence import run_silence

            return run_silence(config, arguments)
        if name == "note":
            from sreconsole.cli.note import run_note

            return run_note(config, arguments)
        from sreconsole.cli.toil import run_toil

        return run_toil(config, arguments)


def _put_all(command: Callable[[TextIO], int]) -> int:
    """Run a command that writes to a file, and put what it wrote."""
    out = io.StringIO()
    code = command(out)
    put(out.getvalue())
    return code


def _path(arguments: Arguments) -> Path:
    from sreconsole.config.paths import find, home

    return find(getattr(arguments, "config", None), os.environ, home(os.environ))


def _load(arguments: Arguments, env: Mapping[str, str] = os.environ) -> Config:
    """The config with what the command line says; warnings go to stderr."""
    config, warnings = _read(arguments, _path(arguments), env)
    for warning in warnings:
        sys.stderr.write(f"{warning}\n")
    return config


def _read(arguments: Arguments, path: Path, env: Mapping[str, str]) -> tuple[Config, Sequence[Problem]]:
    from sreconsole.config.read import load
    from sreconsole.records import replace

    loaded = load(path, env)
    config = loaded.config
    if getattr(arguments, "read_only", False):
        config = replace(config, read_only=True)
    if getattr(arguments, "theme", None):
        config = replace(config, theme=arguments.theme)
    return config, loaded.warnings


@contextmanager
def _logged(
    arguments: Arguments, what: str, env: Mapping[str, str], *, always: bool
) -> Iterator[Callable[[], Sequence[str]]]:
    """Keep a log meanwhile (without `always`: only where `--log` says so); gives what is wrong with it, if anything."""
    import logging

    from sreconsole.cli.log import end_log, keep_log

    files = keep_log(env, getattr(arguments, "log", None), always=always)
    log = logging.getLogger("sreconsole.cli")
    ended = "ends"
    try:
        yield lambda: [file.trouble for file in files if file.trouble]
    except SreconsoleError as error:
        ended = f"ends: {error}"
        raise
    except Exception:  # whatever it is stands in the log before it goes on to the one who reports it
        log.exception("%s: a defect", what)
        raise
    finally:
        log.info("%s %s", what, ended)
        for trouble in end_log(files):
            sys.stderr.write(f"sreconsole: {trouble}\n")


def _refuse_without_terminal(env: Mapping[str, str]) -> None:
    from sreconsole.tui.terminal import refusal

    reason = refusal(env, sys.stdin.isatty(), sys.stderr.isatty())
    if reason:
        raise UsageError(reason)


def _console(arguments: Arguments, env: Mapping[str, str]) -> int:
    _refuse_without_terminal(env)
    with _logged(arguments, "the console", env, always=True) as troubles:
        standing = arguments.at is not None
        made = _standing(arguments, env, troubles) if standing else _following(arguments, env, troubles)
        console, wiring = made
        from sreconsole.tui.app import run_console

        return run_console(
            console.config,
            console,
            theme=console.config.theme,
            clock=console.clock,
            env=env,
            standing=standing,
            actions=None if standing else lambda: wiring.actions(console),
        )


def _standing(arguments: Arguments, env: Mapping[str, str], troubles: Callable[[], Sequence[str]]) -> Made:
    """The engine of a moment of the past: nothing of it moves, neither does its config."""
    from sreconsole.cli.at import clock_at
    from sreconsole.cli.wiring import Wiring

    config = _load(arguments, env)
    wiring = Wiring(config, clock_at(arguments.at, config), env, trends=True, past=True)
    console = wiring.console()
    console.notices.append(troubles)
    return console, wiring


def _record(arguments: Arguments) -> int:
    with _logged(arguments, "record", os.environ, always=True) as troubles:
        from sreconsole.cli.record import run_record

        return run_record(_following(arguments, os.environ, troubles)[0])


def _following(arguments: Arguments, env: Mapping[str, str], troubles: Callable[[], Sequence[str]]) -> Made:
    """The engine, which follows its config file; `troubles` gives what is wrong with the log."""
    from sreconsole.cli.wiring import Wiring, clock
    from sreconsole.engine.reloading import Reloader, stamp

    path = _path(arguments)
    since = stamp(path)
    config = _load(arguments, env)
    wiring = Wiring(config, clock, env, trends=True)
    console = wiring.console()
    reloader = Reloader(
        console, path, lambda: _read(arguments, path, env)[0], lambda new: wiring.follow(console, new), since
    )
    console.beside += [reloader.run, _noting(config)]
    console.notices += [reloader.notices, troubles]
    return console, wiring


def _noting(config: Config) -> Callable[[], Awaitable[None]]:
    """Writes the begin into the log once the engine runs: the first frame does not wait for a disk."""

    import logging

    async def note() -> None:
        logging.getLogger("sreconsole.cli").info("sreconsole %s begins with %s", __version__, config.path.absolute())

    return note


def _demo(arguments: Arguments) -> int:
    if arguments.serve:
        from sreconsole.demo.__main__ import main

        return main([])
    _refuse_without_terminal(os.environ)
    from sreconsole.demo.process import start_estate

    with start_estate() as estate:
        import sreconsole.tui.app  # noqa: F401 - while the estate comes up beside us

        arguments.config = str(estate.config)
        # Its counts are worth nothing tomorrow: they stay out of the person's own history.
        own = str(estate.directory)
        return _console(arguments, {**os.environ, "XDG_STATE_HOME": own, "XDG_CACHE_HOME": own})
