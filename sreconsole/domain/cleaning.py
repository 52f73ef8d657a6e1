"""Text from outside, made harmless once at the edge.

Every string we did not write ourselves (labels, annotations, error bodies, file contents, header values) passes
`clean` before it is shown, logged or put into an error. What could move the cursor, hide, reorder or colour text
becomes a visible mark. Raw values are kept only where they are matched against: docs/words.md, "Text from outside".
"""

from __future__ import annotations

import re
import unicodedata

from sreconsole.patterns import pattern

_ESCAPE = pattern(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|[ -/]*[0-~])?"
    r"|\x9b[0-?]*[ -/]*[@-~]|[\x9d\x90\x98\x9e\x9f][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
)
_SUSPECT = pattern(  # all but letters and signs known to be visible: soft hyphen and unassigned places are left out
    r"[^\x20-\x7e\xa1-\xac\xae-\u02ff\u0384-\u038a\u038e-\u03a1\u03a3-\u052f\u0531-\u0556"
    r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]"
)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\U0001d159"


def clean(text: str, limit: int = 500) -> str:
    """One line of harmless text of at most `limit` characters (`…` marks the cut).

    Escape sequences become `␛`, controls, bidi, zero-width, unassigned and private characters `⟨U+XXXX⟩`; line breaks
    and tabs become spaces; runs of more than four combining marks are cut.
    """
    if text.isascii() and text.isprintable():
        return text if len(text) <= limit else text[: limit - 1] + "…"
    cut = len(text) > limit * 4
    if cut:
        text = text[: limit * 4]
    text = _ESCAPE.sub("␛", text)
    text = _SUSPECT.sub(_mark, text)
    text = _tame_marks(text)
    return text[: limit - 1] + "…" if cut or len(text) > limit else text


def clean_lines(text: str, limit: int = 4000) -> str:
    """Like `clean`, keeping line breaks: for error views that show a whole body."""
    return "\n".join(clean(line, limit) for line in text[:limit].splitlines())


def _mark(found: re.Match[str]) -> str:
    char = found[0]
    if char in "\n\r\t\v\f":
        return " "
    code = ord(char)
    if (
        unicodedata.category(char) in _HIDDEN
        or char in _BLANK
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
    ):
        return f"⟨U+{ord(char):04X}⟩"
    return " " if char.isspace() else char


def _tame_marks(text: str) -> str:
    if text.isascii():
        return text
    out, run = [], 0
    for char in text:
        run = run + 1 if _takes_no_cell(char) else 0
        if run <= 4:
            out.append(char)
    return "".join(out)


def _takes_no_cell(char: str) -> bool:
    """Combining marks and the Hangul vowels and finals that join the syllable before them."""
    return (
        unicodedata.combining(char) != 0
        or unicodedata.category(char) in ("Mn", "Me")
        or "\u1161" <= char <= "\u11ff"
        or "\ud7b0" <= char <= "\ud7fb"
    )
