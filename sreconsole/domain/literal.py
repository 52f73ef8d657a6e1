"""String literals as Go spells them, in double, single or back quotes: values of selectors and of matchers."""

from __future__ import annotations

import re

from sreconsole.patterns import pattern

_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "'": "'"}
_ESCAPE = pattern(r"\\(?:([abfnrtv\\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.?))", re.S)


def read_literal(text: str, at: int, marks: str = "\"'`") -> tuple[str, int]:
    """The string that the literal at a place of a text spells, and the place behind it.

    Raises ValueError with what is wrong with it.
    """
    if at >= len(text) or text[at] not in marks:
        raise ValueError("expected a quoted value")
    mark = text[at]
    end = at + 1
    while end < len(text) and text[end] != mark and (mark == "`" or text[end] != "\n"):
        end += 2 if text[end] == "\\" and mark != "`" else 1
    if end >= len(text) or text[end] != mark:
        raise ValueError("the string is not closed")
    body = text[at + 1 : end]
    value = body if mark == "`" else _unquoted(body, mark)
    if not is_text(value):
        raise ValueError("the string is not UTF-8")
    return value, end + 1


def is_text(value: str) -> bool:
    """Whether it can be written as UTF-8: no lone surrogates."""
    return value.isascii() or not any("\ud800" <= char <= "\udfff" for char in value)


def _unquoted(body: str, mark: str) -> str:
    """The string a Go literal spells: `\\x` and octal escapes are bytes of UTF-8, `\\u` and `\\U` characters."""
    if "\\" not in body:
        return body
    out = bytearray()
    at = 0
    for found in _ESCAPE.finditer(body):
        if found[1] in ("'", '"') and found[1] != mark:
            raise ValueError(f"unknown escape {found[0]}")
        out += body[at : found.start()].encode("utf-8", "surrogatepass") + _unescaped(found)
        at = found.end()
    out += body[at:].encode("utf-8", "surrogatepass")
    return out.decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[str]) -> bytes:
    simple, hexa, octal, short, long, bad = found.groups()
    if simple is not None:
        return _SIMPLE[simple].encode()
    if bad is not None:
        raise ValueError(f"unknown escape \\{bad}")
    code = int(octal, 8) if octal else int(hexa or short or long, 16)
    if code > (0xFF if octal else 0x10FFFF) or 0xD800 <= code <= 0xDFFF:
        raise ValueError("the escape is not a character")
    return bytes([code]) if octal or hexa else chr(code).encode()
