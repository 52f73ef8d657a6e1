"""The log: one harmless line a record, private, bounded, written by several at once, never in the way."""

from __future__ import annotations

import logging
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole.cli.log import KEPT, LogFile, end_log, keep_log, line
from sreconsole.domain.redacting import redacted
from tests.terminal.pseudo import CHECKOUT

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \d+ (info|warning|error) [\w.]+: .*")


@pytest.fixture(autouse=True)
def _levels() -> Iterator[None]:
    """Logging is one for the whole process: give it back as it was."""
    loggers = [logging.getLogger(name) for name in (None, "sreconsole", "httpx", "httpcore")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


def record(words: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("sreconsole.engine", logging.WARNING, "x.py", 1, words, args, None)


def test_records_are_lines_of_a_private_file(tmp_path: Path) -> None:
    files = keep_log({"HOME": str(tmp_path)}, None, always=True)
    path = tmp_path / ".local/state/sreconsole/sreconsole.log"
    assert not path.exists(), "opened when there is something to write"
    logging.getLogger("sreconsole.engine").warning("prom: %s", "down\n\x1b[31mred \u202eright")
    logging.getLogger("asyncio").error("not ours, but worth keeping")
    logging.getLogger("httpx").info("GET http://ana:secret@h/")
    assert end_log(files) == []
    lines = path.read_text().splitlines()
    assert len(lines) == 2
    assert all(LINE.fullmatch(each) for each in lines)
    assert lines[0].endswith("engine: prom: down | ␛red ⟨U+202E⟩right")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_defect_is_one_line_without_values(tmp_path: Path) -> None:
    files = keep_log({"HOME": str(tmp_path)}, str(tmp_path / "x.log"), always=False)
    try:
        password_of_ana = "hunter2hunter2"
        raise KeyError("which")
    except KeyError:
        logging.getLogger("sreconsole.engine").exception("a defect")
    end_log(files)
    (said,) = (tmp_path / "x.log").read_text().splitlines()
    assert "a defect | Traceback" in said
    assert "test_log.py" in said
    assert said.endswith("KeyError: 'which'")
    assert password_of_ana not in said.replace('password_of_ana = "***', "")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: ***"),
        ("{'authorization': 'Basic YW5hOng='}", "{'authorization': ***"),
        ("cookie: a=1; session=x y", "cookie: ***"),
        ("X-Api-Key=abc, next", "X-Api-Key=***"),
        ("bearer abcdefgh left", "bearer *** left"),
        ("at http://ana:pw@host/path?token=abc&x=1", "at http://***@host/path?token=***&x=1"),
        ("client_secret='abc' password: \"def\"", "client_secret='***' password: \"***\""),
        ("the token server refused the credentials of source prom", None),
        ("the password file /etc/x cannot be read", None),
        ("prom: down: http://h:9090 wants other credentials (401)", None),
        ("prom: basic_auth, authorization or oauth2 of source prom", None),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text: str, kept: str | None) -> None:
    assert redacted(text) == (text if kept is None else kept)
    assert redacted(redacted(text)) == redacted(text)


def test_a_long_file_is_moved_aside_and_few_are_kept(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "state" / "s.log", limit=2000)
    for number in range(100):
        file.emit(record("%d " + "x" * 80, number))
    file.close()
    names = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert names == ["s.log", "s.log.1", "s.log.2"]
    assert all(path.stat().st_size <= 2000 for path in (tmp_path / "state").iterdir())
    text = "".join((tmp_path / "state" / name).read_text() for name in ("s.log.2", "s.log.1", "s.log"))
    numbers = [int(found) for found in re.findall(r": (\d+) x", text)]
    assert numbers == list(range(numbers[0], 100)), "the newest, in order, none lost"


WRITER = """
import logging, sys
from pathlib import Path
from sreconsole.cli.log import LogFile
file = LogFile(Path(sys.argv[1]), limit=int(sys.argv[3]))
for number in range(400):
    file.emit(logging.LogRecord("w", logging.INFO, "", 1, f"<{sys.argv[2]} {number} {'y' * 60}>", (), None))
file.close()
sys.exit(file.trouble is not None)
"""


def test_several_programs_write_one_log(tmp_path: Path) -> None:
    path = tmp_path / "s.log"
    limit = 60_000  # 2400 lines of about 110 bytes: moved aside four times, all but the last two lost on purpose
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number), str(limit)], cwd=CHECKOUT)
        for number in range(6)
    ]
    assert [one.wait(60) for one in started] == [0] * 6
    whole = re.compile(r"\S+ \d+ info w: <\d \d+ y{60}>")
    seen: dict[str, list[int]] = {}
    for name in [f"s.log.{number}" for number in range(KEPT, 0, -1)] + ["s.log"]:
        file = path.with_name(name)
        assert file.stat().st_size <= limit + 6 * 120, "each may have been about to write when it was moved"
        for said in file.read_text().splitlines():
            assert whole.fullmatch(said), said
            who, number = said.partition("<")[2].split()[:2]
            seen.setdefault(who, []).append(int(number))
    for place in range(1, KEPT + 1):
        aside = path.with_name(f"s.log.{place}")
        assert aside.stat().st_size > limit - 200, "moved aside once, when it was full"
    for numbers in seen.values():
        assert numbers == list(range(numbers[0], 400)), "nothing newer than what is kept was lost"


def test_two_that_find_it_full_at_once_move_it_aside_once(tmp_path: Path) -> None:
    mine, other = (LogFile(tmp_path / "s.log", limit=100) for _ in range(2))
    both = mine._opened(), other._opened()
    mine._rotated(both[0])
    other._rotated(both[1])
    mine._let_go()
    other._let_go()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.log", "s.log.1"]


def test_a_file_that_somebody_else_moves_aside_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    file = LogFile(path)
    file.emit(record("first"))
    end = time.monotonic() + 30
    while not (path.exists() and path.stat().st_size) and time.monotonic() < end:
        time.sleep(0.01)
    path.rename(tmp_path / "x.log.1")
    file.emit(record("second"))
    file.close()
    assert "second" in path.read_text()
    assert "second" not in (tmp_path / "x.log.1").read_text()


def test_a_log_that_cannot_be_written_is_said_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    files = keep_log({"XDG_STATE_HOME": str(tmp_path / "file")}, "/dev/full", always=True)
    logging.getLogger("sreconsole.engine").warning("x")
    end = time.monotonic() + 30
    while not all(file.trouble for file in files) and time.monotonic() < end:
        time.sleep(0.01)
    troubles = end_log(files)
    assert troubles[0] == "no log is kept: /dev/full cannot be written: No space left on device"
    assert troubles[1].endswith("/file/sreconsole/sreconsole.log cannot be written: Not a directory")


def test_a_log_mends_itself(tmp_path: Path) -> None:
    path = tmp_path / "later" / "x.log"
    file = LogFile(path)
    file.emit(record("lost"))
    end = time.monotonic() + 30
    while not file.trouble and time.monotonic() < end:
        time.sleep(0.01)
    path.parent.mkdir()
    file.emit(record("kept"))
    file.close()
    assert file.trouble is None
    assert "kept" in path.read_text()


def test_a_link_in_the_state_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine\n")
    os.symlink(tmp_path / "victim", tmp_path / "s.log")
    file = LogFile(tmp_path / "s.log", limit=1000)
    file.emit(record("x"))
    file.close()
    assert (tmp_path / "victim").read_text() == "mine\n"
    assert file.trouble


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.log")  # opening it for writing waits for a reader that never comes
    file = LogFile(tmp_path / "s.log")
    for number in range(5000):
        file.emit(record("%d", number))
    assert file._lost > 3000, "what nobody can write is let go"
    reader = os.open(tmp_path / "s.log", os.O_RDONLY | os.O_NONBLOCK)
    file.close()
    os.close(reader)


def test_a_line_has_a_bounded_length() -> None:
    assert len(line(record("x" * 100_000))) == 8000
