"""The rule of CI itself: with CI=true whatever is left out fails the run, and the number of tests is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent

LEFT_OUT = {
    "skipped": "import pytest\ndef test_it(): pytest.skip('not here')\n",
    "marked": "import pytest\n@pytest.mark.skip(reason='not here')\ndef test_it(): pass\n",
    "module": "import pytest\npytest.skip('not here', allow_module_level=True)\n",
    "expected": "import pytest\n@pytest.mark.xfail(reason='not here')\ndef test_it(): assert False\n",
    "unexpected": "import pytest\n@pytest.mark.xfail(reason='not here', strict=False)\ndef test_it(): pass\n",
}


def run_suite(folder: Path, modules: dict[str, str], *options: str, ci: str) -> subprocess.CompletedProcess[str]:
    """Run test modules under our conftest in a pytest of their own; one test beside them passes."""
    for name, text in {**modules, "passes": "def test_it(): pass\n"}.items():
        (folder / f"test_{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rfE", *options]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run([*command, str(folder)], env=environment, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["here", "in a worker"])
def test_what_is_left_out_fails_in_ci(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run_suite(tmp_path, LEFT_OUT, "--continue-on-collection-errors", *options, ci="true")
    assert done.returncode == 1, done.stdout
    for name in LEFT_OUT:
        assert any(
            line.startswith(("FAILED", "ERROR")) and f"test_{name}.py" in line for line in done.stdout.splitlines()
        )
    assert "tests: 6: 1 passed, 3 failed, 2 error" in done.stdout


def test_elsewhere_a_skip_is_a_skip(tmp_path: Path) -> None:
    done = run_suite(tmp_path, {"skipped": LEFT_OUT["skipped"]}, ci="")
    assert done.returncode == 0, done.stdout
    assert "tests: 2: 1 passed, 1 skipped" in done.stdout


def test_the_home_of_a_test_is_empty_and_its_own(home: Path) -> None:
    assert Path.home() == home
    assert list(home.iterdir()) == []
    assert os.environ["XDG_STATE_HOME"].startswith(str(home))
