"""What comes with the HTTP library."""

from __future__ import annotations

import subprocess
import sys


def test_its_command_line_program_is_not_loaded() -> None:
    """It brings click, rich and pygments along: as much memory and time as the library itself."""
    said = (
        "import sys; from sreconsole.sources.httpx_alone import httpx; httpx.AsyncClient; "
        "print(*{'click', 'rich', 'pygments', 'httpx._main'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
