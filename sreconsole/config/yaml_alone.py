"""The YAML library without the patterns of its Python parser, which are half of what it takes to load.

The C parser looks at none of them.
"""

from __future__ import annotations

from sreconsole.patterns import compiled_when_used

with compiled_when_used():
    import yaml

__all__ = ["yaml"]
