"""Regular expressions as Prometheus and Alertmanager read them (RE2), compiled for Python.

The two dialects differ where a label matcher can tell: what one side refuses or understands differently is refused or
translated here, so that a config is judged as the server would judge it. Source: RE2's documented syntax. Matching is
anchored at both ends and `.` matches a line break, as in Prometheus 3; in Alertmanager it does not.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from sreconsole.patterns import pattern

_REPEAT = pattern(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_GROUP = pattern(r"\(\?(?:P?<([A-Za-z_][A-Za-z0-9_]*)>|([imsU]*)(?:-([imsU]+))?([:)]))")
_HEX = pattern(r"x(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))")
_PROPERTY = pattern(r"([pP])(?:\{(\^?)(\w+)\}|([A-Z]))")
_POSIX = {
    **{"alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r"\t\x20", "cntrl": r"\x00-\x1f\x7f"},
    **{"digit": "0-9", "graph": r"\x21-\x7e", "lower": "a-z", "print": r"\x20-\x7e", "space": r"\t\n\v\f\r\x20"},
    **{"punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e", "upper": "A-Z", "word": r"0-9A-Za-z_", "xdigit": "0-9A-Fa-f"},
}
_PERL = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r\x20"}
_CONTROLS = {"a": r"\x07", "f": r"\x0c", "n": r"\n", "r": r"\r", "t": r"\t", "v": r"\x0b"}
_MOST_REPEATS = 1000
_BROKEN = ("missing )", "unbalanced", "unterminated", "bad character range", "min repeat greater")
"""What Python says of what no dialect takes."""


class NotRead(ValueError):
    """A server may well understand the pattern; we do not."""


@lru_cache(maxsize=4096)
def compile_re2(pattern: str, newline: bool = True) -> re.Pattern[str]:
    """The pattern for Python; use `fullmatch`. `newline`: `.` matches a line break.

    Raises ValueError with what RE2 does not know, as NotRead where it is only us who do not.
    """
    try:
        return re.compile(_Translation(pattern).whole(), re.S if newline else 0)
    except re.error as error:
        kind = ValueError if error.msg.startswith(_BROKEN) else NotRead
        raise kind(str(error) or "too deeply nested") from None
    except (OverflowError, RecursionError) as error:
        raise NotRead(str(error) or "too deeply nested") from None


class _Translation:
    """One pass over a pattern."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.bare = True
        """Whether nothing stands here that could be repeated."""

    def whole(self) -> str:
        """The pattern in Python's dialect."""
        out: list[str] = []
        while self.at < len(self.pattern):
            opens = self.pattern[self.at] in "(|"
            out.append(self.piece(first=not out))
            self.bare = opens
        return "".join(out)

    def piece(self, *, first: bool) -> str:
        """What stands at the cursor, translated."""
        char = self.pattern[self.at]
        self.at += 1
        if char == "\\":
            return self.escape(inside=False)
        if char == "[":
            return self.bracket()
        if char == "(":
            return self.group(first)
        if char == "$":
            return r"\Z"
        if char == "^":
            return r"\A"
        if char in "*+?":
            return self.repeat(char)
        if char == "{":
            self.at -= 1
            found = _REPEAT.match(self.pattern, self.at)
            if found is None:
                self.at += 1
                return r"\{"
            self.at = found.end()
            if any(int(count) > _MOST_REPEATS for count in (found[1], found[3]) if count):
                raise ValueError(f"more than {_MOST_REPEATS} repetitions")
            return self.repeat(found[0])
        return char if char in ".|)" else re.escape(char)

    def repeat(self, operator: str) -> str:
        """A repetition, lazy or not; RE2 has no possessive ones and no repeated repetitions."""
        if self.bare:
            raise ValueError(f"nothing stands before {operator!r}")
        if self.pattern.startswith("?", self.at):
            operator += "?"
            self.at += 1
        if self.at < len(self.pattern) and (
            self.pattern[self.at] in "*+?" or _REPEAT.match(self.pattern, self.at) is not None
        ):
            raise ValueError(f"nothing may repeat {operator!r} again")
        return operator

    def group(self, first: bool) -> str:
        if not self.pattern.startswith("?", self.at):
            return "("
        found = _GROUP.match(self.pattern, self.at - 1)
        if found is None:
            raise ValueError(f"{self.pattern[self.at - 1 : self.at + 3]!r} is not known to RE2 (it has no lookaround)")
        self.at = found.end()
        if found[1]:
            return "("
        on, off = found[2] or "", found[3] or ""
        if "m" in on:
            raise NotRead("the flag m is of no use for a label and not read")
        ons, offs = on.replace("U", ""), off.replace("U", "").replace("m", "")
        flags = ons + (f"-{offs}" if offs else "")
        if found[4] == ":":
            return f"(?{flags}:"
        if not first:
            raise NotRead(f"write ({found[0][1:-1]}:...) or put the flags first")
        rest = self.whole()
        re.compile(rest)  # its own parentheses must match before ours are put around it
        return f"(?{flags}:{rest})" if flags else rest

    def escape(self, *, inside: bool) -> str:
        """After a backslash; `inside` a bracket expression."""
        if self.at >= len(self.pattern):
            raise ValueError("it ends with a backslash")
        char = self.pattern[self.at]
        found = _HEX.match(self.pattern, self.at)
        if found is not None:
            self.at = found.end()
            return _character(int(found[1] or found[2], 16))
        found = _PROPERTY.match(self.pattern, self.at)
        if found is not None:
            self.at = found.end()
            negated = (found[1] == "P") != bool(found[2])
            body = _property(found[3] or found[4], negated)
            return body if inside else f"[{body}]"
        self.at += 1
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char.lower() in _PERL:
            body = _PERL[char] if char in _PERL else _complement(char.lower())
            return body if inside else f"[{body}]"
        if char == "0":
            digits = re.match(r"[0-7]{0,2}", self.pattern[self.at :])
            octal = digits[0] if digits else ""
            self.at += len(octal)
            return _character(int(octal or "0", 8))
        if not inside and char in "AzbB":
            return {"A": r"\A", "z": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}[char]
        if not inside and char == "Q":
            end = self.pattern.find(r"\E", self.at)
            if end < 0:
                raise NotRead(r"a \Q is not closed by \E")
            text, self.at = self.pattern[self.at : end], end + 2
            return re.escape(text)
        if char.isalnum() or not char.isascii():
            raise ValueError(f"\\{char} is not known to RE2")
        return re.escape(char)

    def bracket(self) -> str:
        """A bracket expression after its `[`."""
        out = "[^" if self.pattern.startswith("^", self.at) else "["
        self.at += len(out) - 1
        start = self.at
        while True:
            if self.at >= len(self.pattern):
                raise ValueError("a [ is not closed")
            char = self.pattern[self.at]
            if char == "]" and self.at > start:
                self.at += 1
                return out + "]"
            if self.pattern.startswith("[:", self.at):
                end = self.pattern.find(":]", self.at)
                if end > 0:
                    out += _posix(self.pattern[self.at + 2 : end])
                    self.at = end + 2
                    continue
            self.at += 1
            if char == "\\":
                out += self.escape(inside=True)
            elif char == "-":
                edge = self.at - 1 == start or self.pattern.startswith("]", self.at)
                out += r"\-" if edge or (out.endswith("-") and not out.endswith(r"\-")) else "-"
            else:
                out += re.escape(char) if not char.isalnum() else char


def _character(code: int) -> str:
    if code > sys.maxunicode:
        raise ValueError("a character past the last one")
    return re.escape(chr(code))


def _posix(name: str) -> str:
    plain = name.removeprefix("^")
    if plain not in _POSIX:
        raise ValueError(f"[:{name}:] is not known to RE2")
    if plain == name:
        return _POSIX[plain]
    inside = re.compile(f"[{_POSIX[plain]}]")
    return _ranges(code for code in range(sys.maxunicode + 1) if not inside.match(chr(code)))


@cache
def _complement(letter: str) -> str:
    """What `\\D`, `\\W`, `\\S` match, as the inside of a bracket expression: RE2's classes are ASCII."""
    inside = re.compile(f"[{_PERL[letter]}]")
    return _ranges(code for code in range(sys.maxunicode + 1) if not inside.match(chr(code)))


@cache
def _property(name: str, negated: bool) -> str:
    """A Unicode category (`L`, `Lu`, `N`) as the inside of a bracket expression. Scripts are not known to Python."""
    if not re.fullmatch("[LMNPSZC][a-z]?", name):
        raise NotRead(f"\\p{{{name}}}: only Unicode categories as L, Lu, N are read here, not scripts")
    found = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)).startswith(name) != negated]
    if not found or (len(name) == 2 and negated and len(found) > sys.maxunicode):
        raise ValueError(f"\\p{{{name}}} is no Unicode category")
    return _ranges(found)


def _ranges(codes: Iterable[int]) -> str:
    """Ascending code points as ranges of a bracket expression."""
    out: list[str] = []
    first = last = -2
    for code in [*codes, -2]:
        if code == last + 1:
            last = code
            continue
        if first >= 0:
            out.append(f"\\U{first:08x}" if first == last else f"\\U{first:08x}-\\U{last:08x}")
        first = last = code
    return "".join(out)
