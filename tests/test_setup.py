"""`.ci/venv` on machines that lack something: it installs the missing package as root, or names it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
PACKAGE = "python{}.{}-venv".format(*sys.version_info[:2])

# A Python that cannot make environments until the package is there, and that makes one of a single recording script.
PYTHON = f"""\
#!/bin/sh
case "$*" in
    *ensurepip*) test -e installed ;;
    "-m venv --clear .venv") mkdir -p .venv/bin && cp pip-of-venv .venv/bin/python ;;
    *) exec {sys.executable} "$@" ;;
esac
"""
PIP = '#!/bin/sh\ncase "$*" in *"import pip"*) ;; *) echo "$@" >>pip.log ;; esac\n'
APT = '#!/bin/sh\necho "$@" >>apt.log\ncase "$*" in *install*) touch installed ;; esac\n'
BROKEN_APT = '#!/bin/sh\necho "$@" >>apt.log\nexit 100\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with only what the set-up reads."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECKOUT / ".ci" / "venv", tmp_path / ".ci" / "venv")
    program(tmp_path / "pip-of-venv", PIP)
    program(tmp_path / "tools" / "fresh-python", PYTHON)
    return tmp_path


def program(path: Path, text: str) -> None:
    """Write an executable."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def set_up(checkout: Path, *arguments: str, user: int, apt: str | None = APT) -> subprocess.CompletedProcess[str]:
    """Run the set-up as if we were this user."""
    program(checkout / "tools" / "id", f"#!/bin/sh\necho {user}\n")
    if apt is not None:
        program(checkout / "tools" / "apt-get", apt)
    environment = {**os.environ, "PATH": f"{checkout / 'tools'}:{os.environ['PATH']}", "PYTHON": "fresh-python"}
    command: list[str | Path] = [checkout / ".ci" / "venv", *arguments]
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=60)


def test_root_gets_the_missing_package_installed(checkout: Path) -> None:
    done = set_up(checkout, user=0)
    assert done.returncode == 0, done.stderr
    assert PACKAGE in (checkout / "apt.log").read_text()
    assert (checkout / "pip.log").read_text().split()[-2:] == ["--editable", "."]
    assert (checkout / ".venv" / ".installed").exists()


def test_others_are_told_its_name(checkout: Path) -> None:
    done = set_up(checkout, user=1000)
    assert done.returncode != 0
    assert f"apt-get install {PACKAGE}" in done.stderr
    assert not (checkout / "apt.log").exists()
    assert not (checkout / ".venv").exists()


def test_an_apt_that_fails_is_given_a_second_chance_and_then_fails_the_set_up(checkout: Path) -> None:
    done = set_up(checkout, user=0, apt=BROKEN_APT)
    assert done.returncode != 0
    assert "update" in (checkout / "apt.log").read_text()
    assert not (checkout / ".venv").exists()


def test_nothing_is_said_or_installed_when_all_is_there(checkout: Path) -> None:
    (checkout / "installed").touch()
    set_up(checkout, user=1000)
    done = set_up(checkout, "dev", user=1000)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (checkout / "pip.log").read_text().split()[-1] == ".[dev]"
    assert (checkout / ".venv" / ".installed-dev").exists()


def test_a_machine_without_a_new_enough_python_is_told(checkout: Path) -> None:
    program(checkout / "tools" / "fresh-python", "#!/bin/sh\nexit 1\n")
    done = set_up(checkout, user=1000)
    assert done.returncode != 0
    assert "Python 3.11" in done.stderr
