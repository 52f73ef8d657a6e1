"""Follows the config file while the program runs: a good edit is taken up, a bad one is said and changes nothing."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from sreconsole.config.model import Config
from sreconsole.domain.cleaning import clean
from sreconsole.engine.console import Console
from sreconsole.errors import ConfigError, Problem, SreconsoleError

log = logging.getLogger("sreconsole.engine")

EVERY = 2.0
"""Seconds between two looks at the file."""
SETTLE = 0.2
"""Seconds for which a file must stay as it is before it is read: editors write in several steps."""
PATIENCE = 10.0
"""Seconds for which the file may be missing before that is said: editors and tools replace it."""

Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, and times of content and attributes in ns."""


class Reloader:
    """Keeps a running engine in step with its config file."""

    def __init__(
        self,
        console: Console,
        path: Path,
        load: Callable[[], Config],
        adopt: Callable[[Config], Awaitable[None]],
        since: Stamp | None,
    ) -> None:
        """`load` reads the file anew (in a thread) or raises ConfigError; `adopt` makes the engine follow it; `since`
        is the stamp of the file when the engine's config was read."""
        self.console = console
        self.path = path
        self._load = load
        self._adopt = adopt
        self._stamp = since
        self._trouble: str | None = None

    def notices(self) -> Sequence[str]:
        """What is wrong with the file as it is now, for the banner."""
        return (self._trouble,) if self._trouble else ()

    async def run(self) -> None:
        """Look at the file until cancelled."""
        missing = 0.0
        while True:
            await asyncio.sleep(EVERY)
            found = await asyncio.to_thread(stamp, self.path)
            missing = missing + EVERY if found is None else 0.0
            if found is None:
                if missing >= PATIENCE:
                    self._say(f"{clean(self.path.name, 80)} is gone")
                    self._stamp = None
            elif found != self._stamp:
                self._stamp = await self._settled(found)
                if self._stamp is not None:
                    await self._take()

    async def _settled(self, found: Stamp) -> Stamp | None:
        """Wait until the file stays as it is; None when it went away meanwhile."""
        while True:
            await asyncio.sleep(SETTLE)
            again = await asyncio.to_thread(stamp, self.path)
            if again == found or again is None:
                return again
            found = again

    async def _take(self) -> None:
        try:
            config = await asyncio.to_thread(self._load)
        except ConfigError as error:
            self._say(_first(error.problems, str(error)))
            return
        except SreconsoleError as error:
            self._say(str(error))
            return
        except Exception as error:
            log.exception("defect while reading %s", clean(str(self.path)))
            self._say(f"a defect of sreconsole while reading {clean(self.path.name, 80)}: {type(error).__name__}")
            return
        self._trouble = None
        log.info("the changed config %s is in use", clean(str(self.path)))
        try:
            await self._adopt(config)
        except Exception as error:  # what runs goes on as far as it can; the person decides when to start again
            log.exception("defect while taking up %s", clean(str(self.path)))
            self._trouble = f"a defect of sreconsole while taking up the config, start it again: {type(error).__name__}"
            self.console.look()

    def _say(self, what: str) -> None:
        trouble = f"old config in use: {what}"
        if trouble != self._trouble:
            log.warning("%s", trouble)
            self._trouble = trouble
            self.console.look()


def _first(problems: Sequence[Problem], text: str) -> str:
    """The first mistake, the file by its name alone, and how many more there are."""
    if not problems:
        return text
    first = problems[0]
    name = first.file.rpartition("/")[2]
    more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
    return f"{Problem(name, first.line, first.key, first.what)}{more}"


def stamp(path: Path) -> Stamp | None:
    """What the file looks like now; None when it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
