"""What comes with the YAML library."""

from __future__ import annotations

import subprocess
import sys


def test_its_patterns_are_compiled_when_they_are_used() -> None:
    """They are half of its import, and only its Python parser and constructors look at them."""
    said = (
        "import re; made = []; real = re._compiler.compile;"
        "re._compiler.compile = lambda text, flags=0: (made.append(text), real(text, flags))[1];"
        "from sreconsole.config.yaml_alone import yaml; print(len(made));"
        "print(yaml.load('a: [1.5, 2026-11-23, ~]', yaml.SafeLoader))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["0", "{'a': [1.5, datetime.date(2026, 11, 23), None]}"]
