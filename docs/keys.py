"""`python -m docs.keys`: write the table of keys into README.md, from the table of actions that the program uses."""

from __future__ import annotations

import re
from pathlib import Path

from sreconsole.tui.keys import as_markdown

README = Path(__file__).parent.parent / "README.md"
_SECTION = re.compile(r"(<!-- keys: [^>]*-->\n).*?(<!-- /keys -->)", re.DOTALL)


def written(text: str) -> str:
    """The README with the present keys in it."""
    return _SECTION.sub(lambda found: f"{found[1]}\n{as_markdown()}\n\n{found[2]}", text)


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
