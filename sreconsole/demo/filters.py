"""Label matchers as text, `name op value`, the way Alertmanager reads them in `filter=` (0.27 and newer)."""

from __future__ import annotations

import re

from sreconsole.domain.regex import compile_re2
from sreconsole.domain.selector import Matcher

_MATCHER = re.compile(r'\s*([a-zA-Z_:][a-zA-Z0-9_:]*|"(?:[^"\\]|\\.)+")\s*(=~|!=|!~|=)\s*(.*?)\s*', re.S)
_ESCAPE = re.compile(r"\\(.)", re.S)
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


def parse_filter(text: str) -> Matcher:
    """The matcher a text spells: the value bare or double-quoted. Raises ValueError with what Alertmanager says."""
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f"bad matcher format: {text}")
    name, op, value = found.groups()
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"') or re.search(r'(?<!\\)(?:\\\\)*"', value[1:-1]):
            raise ValueError(f"matcher value contains unescaped double quote: {value}")
        value = _unescape(value[1:-1])
    elif '"' in value:
        raise ValueError(f"matcher value contains unescaped double quote: {value}")
    if op in ("=~", "!~"):
        compile_re2(value)
    return Matcher(_unescape(name[1:-1]) if name.startswith('"') else name, op, value)


def _unescape(text: str) -> str:
    """Without the escapes of line break, quote and backslash; others stay as they are."""
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), text)
