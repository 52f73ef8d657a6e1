"""A host without time zone data must not stop the console: the package brings its own."""

from __future__ import annotations

import subprocess
import sys


def test_zones_are_found_without_those_of_the_host() -> None:
    code = "from zoneinfo import ZoneInfo; print(ZoneInfo('UTC').key, ZoneInfo('Europe/Berlin').key)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONTZPATH": ""}, capture_output=True, text=True, check=False
    )
    assert done.stdout == "UTC Europe/Berlin\n", done.stderr
