"""`sreconsole schema`: the JSON Schema of the config, for editors."""

from __future__ import annotations

import json
from typing import TextIO

from sreconsole.config.schema import schema
from sreconsole.exits import Exit


def run_schema(out: TextIO) -> int:
    """Write the schema."""
    json.dump(schema(), out, indent=2, ensure_ascii=False)
    out.write("\n")
    return Exit.OK
