"""The log: what a person needs afterwards to understand what this program did. One line a record, no secrets.

Several programs may write one file: each record is one write at its end, and a file that has grown too long is moved
aside under a lock while the others notice that theirs has another name now. Writing happens in a thread of its own
that begins with the first record, so that neither the start nor the screen waits for a disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import queue
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sreconsole.config.paths import home, state_dir
from sreconsole.domain.cleaning import clean

NAME = "sreconsole.log"
LIMIT = 1 << 20
"""Bytes after which the log of the state directory is moved aside."""
KEPT = 2
"""Older files that are kept beside it: `.1` and `.2`."""
_LONGEST = 8000
"""Characters of one line."""
_WAITING = 1000
"""Records that may wait for a disk; what comes beyond them is lost, and how many is said."""
_PATIENCE = 2.0
"""Seconds the end of the program waits for the disk."""


class LogFile(logging.Handler):
    """Appends records to a file. What goes wrong with it is said in `trouble`, never raised."""

    def __init__(self, path: Path, *, limit: int | None = None) -> None:
        """`limit`: bytes after which the file is moved aside; None: somebody else looks after its length."""
        super().__init__(logging.INFO)
        self.path = path
        self.trouble: str | None = None
        """Why the newest record could not be written; None when it was."""
        self._limit = limit
        self._fd: int | None = None
        self._lines: queue.Queue[str | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self._lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Hand one line to the thread that writes."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="log", daemon=True)
            self._thread.start()
        try:
            self._lines.put_nowait(line(record))
        except queue.Full:
            self._lost += 1

    def close(self) -> None:
        """Write what waits, for a moment at most."""
        thread, self._thread = self._thread, None
        if thread is not None:
            with contextlib.suppress(queue.Full):
                self._lines.put(None, timeout=_PATIENCE)
                thread.join(_PATIENCE)
        super().close()

    def _work(self) -> None:
        while (text := self._lines.get()) is not None:
            lost, self._lost = self._lost, 0
            if lost:
                text = f"{text} ({lost} records before this one were lost)"
            try:
                self._write(f"{text}\n".encode("utf-8", "backslashreplace"))
                self.trouble = None
            except OSError as error:
                self._let_go()
                why = error.strerror or type(error).__name__
                self.trouble = f"no log is kept: {clean(str(self.path), 200)} cannot be written: {why}"
        self._let_go()

    def _write(self, data: bytes) -> None:
        fd = self._opened()
        if self._limit is not None and os.fstat(fd).st_size + len(data) > self._limit:
            fd = self._rotated(fd)
        done = os.write(fd, data)
        if done < len(data):
            raise OSError(28, "No space left on device")

    def _opened(self) -> int:
        """The file that has our name now: another program may have moved the one we had aside."""
        if self._fd is not None and not self._is_ours(self._fd):
            self._let_go()
        if self._fd is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            if self._limit is not None:
                flags |= os.O_NOFOLLOW
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(self.path, flags, 0o600)
        return self._fd

    def _is_ours(self, fd: int) -> bool:
        try:
            there, mine = os.stat(self.path), os.fstat(fd)
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)

    def _rotated(self, fd: int) -> int:
        """Move the files on by one, unless somebody else has done so meanwhile; the new file."""
        fcntl.flock(fd, fcntl.LOCK_EX)  # given back when the file is closed
        if self._is_ours(fd):
            for number in range(KEPT, 0, -1):
                before = self.path if number == 1 else self._older(number - 1)
                with contextlib.suppress(FileNotFoundError):
                    os.replace(before, self._older(number))
        self._let_go()
        return self._opened()

    def _older(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _let_go(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):
                os.close(fd)


def line(record: logging.LogRecord) -> str:
    """A record as one harmless line: UTC time, process, level, part, words; a traceback without any value in it."""
    from sreconsole.domain.redacting import redacted  # no record, no patterns: the first frame comes before either

    words = record.getMessage()
    if record.exc_info:
        words = f"{words}\n{logging.Formatter().formatException(record.exc_info)}"
    words = " | ".join(part for part in (redacted(text).rstrip() for text in words.splitlines()) if part)
    at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    part = record.name.removeprefix("sreconsole.")
    return clean(f"{at} {record.process} {record.levelname.lower()} {part}: {words}", _LONGEST)


def quiet_logging() -> None:
    """Nothing of ours or of a library's may write into the screen."""
    logging.getLogger().addHandler(logging.NullHandler())
    for name in ("httpx", "httpcore"):  # they say whole URLs at INFO and headers at DEBUG
        logging.getLogger(name).setLevel(logging.WARNING)


def keep_log(env: Mapping[str, str], extra: str | None, *, always: bool) -> list[LogFile]:
    """Log to `extra` (`--log FILE`), and with `always` to the state directory; the files, opened when first needed."""
    quiet_logging()
    files = [LogFile(Path(extra))] if extra else []
    if always and (directory := state_dir(env, home(env))) is not None:
        files.append(LogFile(directory / NAME, limit=LIMIT))
    for file in files:
        logging.getLogger().addHandler(file)
    if files:
        logging.getLogger("sreconsole").setLevel(logging.INFO)
    return files


def end_log(files: list[LogFile]) -> list[str]:
    """Write what waits and log no more; what went wrong with the files."""
    for file in files:
        logging.getLogger().removeHandler(file)
        file.close()
    return [file.trouble for file in files if file.trouble]
