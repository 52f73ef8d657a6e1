"""Rules for every test: nothing of the person who runs it leaks in, and in CI nothing is left out."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

CI = os.environ.get("CI") == "true"

# Deadlines measure the machine, not the code.
settings.register_profile("test", deadline=None)
settings.load_profile("test")

_FOREIGN = ("SRECONSOLE_", "XDG_", "SSH_", "TEXTUAL", "LC_", "PROMETHEUS_")
_FOREIGN_NAMES = (
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("NO_COLOR", "FORCE_COLOR", "COLORTERM", "CLICOLOR", "COLUMNS", "LINES", "TMUX", "STY", "SUDO_USER", "PYTHONPATH"),
)


def _cut_off_the_person() -> None:
    """Remove what the surrounding shell says; a proxy or a colour setting must not decide a test."""
    names = {name.lower() for name in _FOREIGN_NAMES}
    for name in list(os.environ):
        if name.lower() in names or name.startswith(_FOREIGN):
            del os.environ[name]
    os.environ["LANG"] = "C.UTF-8"
    os.environ["TERM"] = "xterm-256color"
    # Nobody's zone, with an odd offset: code that reads the host's zone instead of the configured one is found out.
    os.environ["TZ"] = "Pacific/Chatham"
    time.tzset()


_cut_off_the_person()


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(autouse=True)
def home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home with its XDG folders for each test; also for programs the test starts."""
    own = _homes / str(len(os.listdir(_homes)))
    own.mkdir()
    monkeypatch.setenv("HOME", str(own))
    for name, folder in (
        ("CONFIG", ".config"),
        ("CACHE", ".cache"),
        ("STATE", ".local/state"),
        ("DATA", ".local/share"),
    ):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(own / folder))
    return own


def _refuse(report: pytest.TestReport | pytest.CollectReport, what: str) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr or "")
    report.outcome = "failed"
    report.longrepr = f"{what} counts as a failure when CI=true: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a skip, an expected failure and its unexpected pass are failures."""
    report = yield
    expected = getattr(report, "wasxfail", None)
    if CI and expected is not None:
        del report.wasxfail
        _refuse(report, f"an expected failure ({expected})")
    elif CI and report.skipped:
        _refuse(report, "a skipped test")
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that leaves itself out while it is collected."""
    report = yield
    if CI and report.outcome == "skipped":
        _refuse(report, "a skipped module")
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests there were, so that a suite that shrinks is seen; and the figures that tests found."""
    for report in terminalreporter.getreports("passed"):
        for name, shown in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(f"\n{shown}")
    counted = {
        name: len(terminalreporter.getreports(name)) for name in ("passed", "failed", "error", "skipped", "xfailed")
    }
    terminalreporter.write_line(
        f"tests: {sum(counted.values())}: " + ", ".join(f"{n} {w}" for w, n in counted.items() if n)
    )
