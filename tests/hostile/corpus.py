"""Every kind of text that could harm a terminal, and what must never leave this program."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sreconsole.domain.cleaning import _BLANK

TEXTS: dict[str, str] = {
    "click": "[@click=app.quit]x[/]",
    "closing": "[/]",
    "unknown closing": "[/nope]",
    "link": "[link=https://evil.example]x[/link]",
    "opening": "[red",
    "colour": "[red]alarm[/red]",
    "backslash": "\\[red]x\\[/]",
    "variable": "$background {danger} {0.__class__} %s %n %(x)s",
    "colour sequence": "a\x1b[31mred\x1b[0m",
    "title": "a\x1b]0;owned\x07b",
    "title, other end": "a\x1b]2;owned\x1b\\b",
    "title, no end": "a\x1b]0;owned",
    "clipboard": "a\x1b]52;c;b3duZWQ=\x07b",
    "hyperlink": "a\x1b]8;;https://evil.example\x1b\\b\x1b]8;;\x1b\\",
    "cursor": "a\x1b[2J\x1b[H\x1b[10;10Hb",
    "reset": "a\x1bcb",
    "device string": "a\x1bP+q544e\x1b\\b",
    "question": "a\x1b[6n\x1b[cb",
    "alternate screen": "a\x1b[?1049lb",
    "bare escape": "a\x1bb",
    "controls": "a\x01\x07\x08\x08\x0e\x0f\x1a\x7fb",
    "carriage return": "aaaa\rb",
    "lines": "one\ntwo\r\nthree\tfour\x0b\x0cfive",
    "C1": "a\x9b31mred\x85\x84\x9d0;owned\x9c\x90q\x9cb",
    "bidi": "a\u202etxet desrever\u202c\u2066x\u2069\u200e\u200fb",
    "zero width": "a\u200bb\u200c\u200d\u2060c\ufeffd\u00ade",
    "byte order mark": "\ufeffstart",
    "separators": "a\u2028b\u2029c",
    "combining": "e\u0301" + "\u0300" * 60,
    "combining first": "\u0300\u0301start",
    "wide": "全角サービス名前の長い",
    "half of a wide one": "全" * 40,
    "emoji": "👩‍💻🇩🇪☎️👍🏽",
    "tags": "a\U000e0041\U000e0042\U000e007fb",
    "variation": "a\ufe0f\ufe0e\U000e0100b",
    "private use": "a\ue000\uf8ff\U000f0000b",
    "unassigned": "a\u0378\U0003ffffb",
    "blank letters": "a\u3164\u115f\uffa0\u2800b",
    "jamo": "ᄀ" + "ᅡ" * 20 + "ᇂ" * 20,
    "spaces": "a\u00a0\u2003\u3000\u2007b",
    "long": "x" * 3000,
    "long and wide": "全x" * 1500,
    "quotes": "\"'`<>&|;$(touch owned)\\",
    "empty looking": "\u200b\u200b",
    "format": "{service} {{}} ${HOME} `id` !!",
    "number": "NaN",
    "lone surrogate": "a\ud800b",
}
SENDABLE = {name: text for name, text in TEXTS.items() if name != "lone surrogate"}
"""Those that are valid Unicode: what files, servers' databases and programs' arguments may hold."""

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SEQUENCE = re.compile(
    r"\x1b\[([<=>?]?)[0-9;:]*([ -/]*[@-~])|\x1b\]([0-9]+);[^\x07\x1b]*(?:\x07|\x1b\\)|\x1b([^\[\]])|(\x1b)"
)
_COLOUR = re.compile(r"\x1b\[([0-9;:]*)m")


def odd(text: str) -> list[str]:
    """What in a line of output may move, hide, reorder or colour something: must be empty."""
    return sorted({f"U+{ord(char):04X}" for char in text if _acts(char)})


def odd_lines(output: str) -> list[str]:
    """The same for output of several lines."""
    return odd(output.replace("\n", ""))


def _acts(char: str) -> bool:
    code = ord(char)
    hidden = unicodedata.category(char) in _HIDDEN or char in _BLANK
    return hidden or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def kinds(sent: str) -> set[str]:
    """The kinds of escape sequences in what a program sent to a terminal, whatever their numbers."""
    return set(_kinds(sent))


def _kinds(sent: str) -> Iterator[str]:
    for found in _SEQUENCE.finditer(sent):
        private, final, command, other, alone = found.groups()
        yield f"CSI {private}{final}" if final else f"OSC {command}" if command else f"ESC {other or alone!r}"


def colours(sent: str) -> set[str]:
    """The colour and attribute codes in it that stand alone, as a payload's would."""
    return {found[1] for found in _COLOUR.finditer(sent)}


def bare(sent: str) -> str:
    """It without its escape sequences."""
    return _SEQUENCE.sub("", sent)
