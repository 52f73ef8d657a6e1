"""Forms on the wire: `application/x-www-form-urlencoded`, written at the speed of C.

A query that names a thousand services is as long as a book and is sent with every refresh; the library's encoder looks
at each of its letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote_plus

KIND = b"application/x-www-form-urlencoded"
Params = Mapping[str, str] | Sequence[tuple[str, str]]
"""Names and values; pairs where a name may stand several times."""
_PLAIN = frozenset("-._~")
# The percent sign comes first, as all others are written with it.
_CODES = [("%", "%25"), (" ", "+")]
_CODES += [
    (char, f"%{code:02X}")
    for code in (*range(0x20), *range(0x21, 0x80))
    if not (char := chr(code)).isalnum() and char not in _PLAIN and char not in "%+"
]
_CODES.insert(1, ("+", "%2B"))  # before blanks become plus signs


def pairs(params: Params) -> Iterable[tuple[str, str]]:
    """Names and values, one by one."""
    return params.items() if isinstance(params, Mapping) else params


def encoded(form: Params) -> bytes:
    """A form as it is sent; what `urllib.parse.urlencode` makes of it."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs(form)).encode("ascii")


def _quoted(text: str) -> str:
    if not text.isascii():
        return quote_plus(text)
    for char, code in _CODES:
        if char in text:
            text = text.replace(char, code)
    return text
