"""The HTTP library without the command line program that it brings.

httpx loads that program wherever its dependencies are installed; here they are (Textual brings rich and pygments, click
comes with them), and it costs as much memory and time as all the rest of the library. Nothing uses it.
"""

from __future__ import annotations

import sys

_PROGRAM = "httpx._main"

if "httpx" in sys.modules:
    import httpx
else:
    sys.modules[_PROGRAM] = None  # type: ignore[assignment] # how Python is told that there is no such module
    try:
        import httpx
    finally:
        del sys.modules[_PROGRAM]

__all__ = ["httpx"]
