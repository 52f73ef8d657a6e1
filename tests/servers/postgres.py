"""A real PostgreSQL on a free port of 127.0.0.1, stopped, started and frozen at will.

It refuses to run as root: then it runs as nobody, from a directory of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tests.servers.debian import binary, libraries
from tests.servers.prometheus import free_port

PASSWORD = "Correct-horse-7"
_NOBODY = 65534


class PostgresServer:
    """A PostgreSQL of our own with the database `journal`; ends with the context."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sreconsole-pg-"))
        self.port = free_port()
        self._data = self.folder / "data"
        self._programs = binary("initdb").parent
        self._process: subprocess.Popen[bytes] | None = None
        (self.folder / "password").write_text(PASSWORD + "\n")
        if os.geteuid() == 0:
            self.folder.chmod(0o711)
            self._data.mkdir()
            for path in (self._data, self.folder / "password"):
                os.chown(path, _NOBODY, _NOBODY)
            if self._run("test", "-x", str(self._programs / "postgres")).returncode:
                self._copy()
        done = self._run(
            *(str(self._programs / "initdb"), "--pgdata", str(self._data), "--username", "owner", "--no-sync"),
            *("--auth", "scram-sha-256", "--pwfile", str(self.folder / "password"), "--locale", "C.UTF-8"),
        )
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr.decode()[-500:]}")

    @property
    def password_file(self) -> Path:
        """The file with the password of every role."""
        return self.folder / "password"

    def dsn(self, user: str = "owner", database: str = "postgres") -> str:
        """The address, without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> PostgresServer:
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start (again) and wait until it takes connections."""
        command = (
            *(str(self._programs / "postgres"), "-D", str(self._data), "-h", "127.0.0.1", "-p", str(self.port)),
            *("-k", "", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=40"),
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_nobody(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=self._environment,
            )
        ready = self._data / "postmaster.pid"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError, IndexError):
                lines = ready.read_text().split("\n")
                if lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                    return
            time.sleep(0.02)
        raise RuntimeError("PostgreSQL does not start:\n" + (self.folder / "log").read_text(errors="replace")[-2000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, and every connection with it: SIGINT tidies up, SIGQUIT ends at once as a crash does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def freeze(self) -> None:
        """Stop all of it where it stands: connections come about, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        if self._process is None:
            return
        children = subprocess.run(["pgrep", "-P", str(self._process.pid)], capture_output=True, text=True, check=False)
        for number in (self._process.pid, *map(int, children.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(number, what)

    def _copy(self) -> None:
        """Where nobody may not look into the checkout."""
        root = self._programs.parents[4]
        shutil.copytree(root, self.folder / root.name, symlinks=True)
        self._programs = self.folder / root.name / self._programs.relative_to(root)

    @property
    def _environment(self) -> dict[str, str]:
        found = libraries("postgresql-15").replace(str(binary("initdb").parents[4]), str(self._programs.parents[4]))
        return {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "LD_LIBRARY_PATH": found}

    def _as_nobody(self) -> tuple[str, ...]:
        if os.geteuid() != 0:
            return ()
        return ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--inh-caps=-all")

    def _run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*self._as_nobody(), *command],
            capture_output=True,
            env=self._environment,
            cwd="/",
            timeout=120,
            check=False,
        )
