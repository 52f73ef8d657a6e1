"""What people install works without the checkout: sdist, wheel from it, an empty environment, both programs run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sreconsole import __version__
from sreconsole.exits import Exit

CHECKOUT = Path(__file__).parent.parent
SDIST = f"sreconsole-{__version__}.tar.gz"
WHEEL = f"sreconsole-{__version__}-py3-none-any.whl"

NOBODY = """\
version: 1
sources:
  prom: {{kind: prometheus, url: "http://127.0.0.1:{port}"}}
services:
  checkout:
    slos:
      availability:
        objective: 99.9
        sli: {{bad: 'http_requests_total{{code=~"5.."}}', total: http_requests_total}}
"""


def run(*command: str | Path, cwd: Path, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; its words are text."""
    return subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=timeout)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, "-m", "build", "--no-isolation", "--outdir", out, CHECKOUT, cwd=out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script of an environment that holds the wheel; its dependencies are borrowed, so no network is needed."""
    room = tmp_path_factory.mktemp("empty")
    assert run(sys.executable, "-m", "venv", "--without-pip", "venv", cwd=room).returncode == 0
    python = room / "venv" / "bin" / "python"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
    ]
    done = run(*pip, dist / WHEEL, cwd=room)
    assert done.returncode == 0, done.stderr
    (own,) = (room / "venv" / "lib").glob("python3*/site-packages")
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(python, "-c", "import sreconsole, textual; print(sreconsole.__file__)", cwd=room)
    assert where.stdout.startswith(str(own)), where.stdout + where.stderr
    return room / "venv" / "bin" / "sreconsole"


def test_the_wheel_holds_the_package_the_themes_and_nothing_else(dist: Path) -> None:
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        names = wheel.namelist()
    assert {f"sreconsole/themes/{path.name}" for path in (CHECKOUT / "themes").glob("*.yaml")} <= set(names)
    assert {"sreconsole/themes/dark.yaml", "sreconsole/themes/light.yaml", "sreconsole/config.example.yaml"} <= set(
        names
    )
    assert {name.split("/")[0] for name in names} == {"sreconsole", f"sreconsole-{__version__}.dist-info"}
    assert not [name for name in names if "test" in name or name.endswith(".pyc")]


def test_every_file_the_package_needs_is_in_the_wheel(dist: Path) -> None:
    done = run("git", "ls-files", "sreconsole", cwd=CHECKOUT)
    with zipfile.ZipFile(dist / WHEEL) as wheel:
        assert set(done.stdout.split()) <= set(wheel.namelist())


def test_the_sdist_holds_no_leftovers(dist: Path) -> None:
    with tarfile.open(dist / SDIST) as archive:
        tops = {name.split("/")[1] for name in archive.getnames()}
    assert {"sreconsole", "themes", "pyproject.toml", "README.md", "PKG-INFO"} <= tops
    assert not tops & {".venv", ".cache", "tests", "bench"}


def test_status_runs_without_the_checkout(installed: Path, tmp_path: Path, unused_tcp_port: int) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(NOBODY.format(port=unused_tcp_port))
    done = run(installed, "status", "--config", config, "--timeout", "5s", cwd=tmp_path)
    assert done.returncode == Exit.UNAVAILABLE, done.stdout + done.stderr
    assert "prom" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.fixture
def estate(installed: Path, tmp_path: Path) -> Iterator[Path]:
    """The path of the config that `sreconsole demo --serve` of the installed wheel prints."""
    with subprocess.Popen([installed, "demo", "--serve"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Path(process.stdout.readline().strip())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def test_the_demo_serves_and_status_reads_it(installed: Path, estate: Path, tmp_path: Path) -> None:
    assert estate.is_file()
    done = run(installed, "status", "--format", "json", "--config", estate, cwd=tmp_path)
    assert done.returncode in {Exit.OK, Exit.WARN, Exit.PAGE, Exit.UNKNOWN}, done.stderr
    said = json.loads(done.stdout)
    assert said["schema"] == "sreconsole.status/1"
    assert len(said["services"]) >= 12
    known = [slo for service in said["services"] for slo in service["slos"] if slo["burn_rate"]["5m"] is not None]
    assert len(known) >= 10


def test_the_estate_leaves_nothing_behind(installed: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([installed, "demo", "--serve"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    config = Path(process.stdout.readline().strip())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert process.returncode in {0, -signal.SIGTERM, 128 + signal.SIGTERM}
    assert not config.exists()
    assert os.listdir(tmp_path) == []
