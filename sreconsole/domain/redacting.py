"""What looks like a secret, taken out of text that goes where others may read it: the second line of defence.

The first is that no secret gets into a sentence at all: `sources.auth` takes what was sent out of what a server says.
"""

from __future__ import annotations

from sreconsole.patterns import pattern

_HEADER = pattern(
    r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:key|token|secret|auth)[\w-]*)(['\"]?\s*[:=,]\s*)[^\r\n|]+"
)
_SCHEME = pattern(r"(?i)\b(bearer|basic|digest|negotiate)\s+[\w+/=.~-]{6,}")
_FIELD = pattern(
    r"(?i)\b([\w-]*(?:password|passwd|secret|token|credentials|api[_-]?key|routing_key))(['\"]?\s*[:=]\s*['\"]?)"
    r"[^\s'\"&,;|)]+"
)
_LOGIN = pattern(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@'\"]+@")


def redacted(text: str) -> str:
    """`text` with credentials of headers, fields and URLs replaced by `***`."""
    text = _HEADER.sub(r"\1\2***", text)
    text = _SCHEME.sub(r"\1 ***", text)
    text = _FIELD.sub(r"\1\2***", text)
    return _LOGIN.sub(r"\1***@", text)
