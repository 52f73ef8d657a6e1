"""Text from outside, made harmless once at the edge.

Every string we did not write ourselves (labels, annotations, error bodies, file contents, header values) passes
`clean` before it is shown, logged or put into an error. What could move the cursor, hide, reorder or colour text
becomes a visible mark. Raw values are kept only where they are matched against. Source: knowledge of alerts.md 6.
"""

from __future__ import annotations

import re
import unicodedata

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|[ -/]*[0-~])?"
    r"|\x9b[0-?]*[ -/]*[@-~]|[\x9d\x90\x98\x9e\x9f][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
)
_SUSPECT = re.compile(r"[^\x20-\x7e\xa1-\u02ff\u0370-\u058f\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]")
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = "\u115f\u1160\u3164\uffa0\u2800\u034f\u180b\u180c\u180d"


def clean(text: str, limit: int = 500) -> str:
    """One line of harmless text of at most `limit` characters (`…` marks the cut).

    Escape sequences become `␛`, controls, bidi, zero-width, unassigned and private characters `⟨U+XXXX⟩`; line breaks
    and tabs become spaces; runs of more than four combining marks are cut.
    """
    if len(text) > limit * 4:
        text = text[: limit * 4]
    text = _ESCAPE.sub("␛", text)
    text = _SUSPECT.sub(_mark, text)
    text = _tame_marks(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_lines(text: str, limit: int = 4000) -> str:
    """Like `clean`, keeping line breaks: for error views that show a whole body."""
    return "\n".join(clean(line, limit) for line in text[:limit].splitlines())


def _mark(found: re.Match[str]) -> str:
    char = found[0]
    if char in "\n\r\t\v\f":
        return " "
    if unicodedata.category(char) in _HIDDEN or char in _BLANK or 0xFE00 <= ord(char) <= 0xFE0F:
        return f"⟨U+{ord(char):04X}⟩"
    return " " if char.isspace() else char


def _tame_marks(text: str) -> str:
    if text.isascii():
        return text
    out, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me") else 0
        if run <= 4:
            out.append(char)
    return "".join(out)
